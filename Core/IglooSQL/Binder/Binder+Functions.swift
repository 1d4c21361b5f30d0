// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Calls: overloads, aggregates, and the names other systems have for functions.
extension Binder {
    func bindCall(
        _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        if let method = chained(syntax, range, context) {
            return try bindCall(method, range, context)
        }
        if let macro = try bindDeclaredMacro(syntax, range, context) { return macro.expression }
        if syntax.name.parts.count > 1, let foreign = try bindForeign(syntax, range, context) {
            return foreign
        }
        let folded = Identifier.folded(syntax.name.parts.last?.name ?? "")
        if syntax.window == nil, syntax.filter == nil, !syntax.isDistinct,
            let expansion = try macro(FunctionNames.canonical(folded), syntax, range)
        {
            return try bind(expansion, context).expression
        }
        if let rows = try bindRowCall(folded, syntax, range, context) { return rows }
        let isStructure = Identifier.folded(syntax.name.parts.last?.name ?? "") == "struct_pack"
        if let argument = syntax.namedArguments.first, !isStructure {
            throw unsupported("named arguments of a scalar function are", argument.name.range)
        }
        let written = syntax.name.parts.last?.name ?? ""
        if let value = try bindCatalogCall(folded, syntax, range, context) {
            return value.expression
        }
        if let jsonb = try bindJSONB(folded, syntax, range, context) { return jsonb }
        let name = FunctionNames.canonical(Identifier.folded(written))
        if name == "columns" { return try bindColumns(syntax, range, context).value.expression }
        if let json = try bindJSON(name, syntax, range, context) { return json }
        if let special = try bindSpecial(name, syntax, range, context) { return special }
        guard let entry = FunctionTable.entry(name), name.first?.isLetter ?? false else {
            if let foreign = try bindForeign(syntax, range, context) { return foreign }
            throw unknownFunction(written, syntax, context)
        }
        if let window = syntax.window, entry.kind != .scalar {
            return try bindWindow(.own(entry), syntax, window, range, context)
        }
        if syntax.window != nil || entry.kind == .window {
            throw error(
                .wrongObjectType,
                entry.kind == .window
                    ? "window function \(written) requires an OVER clause"
                    : "OVER specified, but \(written) is not a window function nor an aggregate "
                        + "function", range)
        }
        if entry.kind == .aggregate {
            return try bindAggregate(.own(entry), syntax, range, context)
        }
        if syntax.isDistinct || syntax.filter != nil || !syntax.orderBy.isEmpty || syntax.isStar {
            throw error(
                .datatypeMismatch,
                "\(written) is not an aggregate function: DISTINCT, ORDER BY, FILTER and * do not "
                    + "apply", range)
        }
        return try call(name, try bind(syntax.arguments, context), range, nil)
    }

    /// `column.function(x)` as `function(column, x)`; `nil` where a schema stands before the name.
    private func chained(
        _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) -> FunctionCall? {
        guard syntax.name.parts.count > 1, !syntax.isStar else { return nil }
        let value = QualifiedName(
            Array(syntax.name.parts.dropLast()), range: syntax.name.range)
        guard (try? bindColumn(value, context)) != nil else { return nil }
        var call = syntax
        call.name.parts = [syntax.name.parts[syntax.name.parts.count - 1]]
        call.arguments.insert(ExpressionSyntax(.column(value), value.range), at: 0)
        return call
    }

    func bind(
        _ arguments: [ExpressionSyntax], _ context: ExpressionContext
    ) throws(IglooError) -> [BoundExpression] {
        var values: [BoundExpression] = []
        for argument in arguments {
            if case .star(let star) = argument.kind, let list = star.unpacked {
                values += try columns(of: list, argument.range, context).map(\.value)
            } else {
                values.append(try bind(argument, context))
            }
        }
        return values
    }

    /// Calls that are another expression: `if(c, a, b)`, `typeof(x)`.
    private func bindSpecial(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression? {
        switch name {
        case "if" where syntax.arguments.count == 3:
            let condition = try bindCondition(syntax.arguments[0], context)
            let results = try bind(Array(syntax.arguments.dropFirst()), context)
            let (type, values) = try unify(results, "IF")
            return .conditional(
                [ConditionalBranch(condition: condition, result: values[0])],
                otherwise: values[1], type)
        case "try" where syntax.arguments.count == 1:
            do throws(IglooError) {
                return try call(name, try bind(syntax.arguments, context), range, nil)
            } catch {
                // What constants make is known, and may fail, beforehand.
                guard error.sqlState.rawValue.hasPrefix("22") else { throw error }
                return .null(.null)
            }
        case "enum_first", "enum_last", "enum_range", "enum_range_boundary", "enum_code":
            return try bindEnumeration(name, syntax, range, context)
        case "nextval", "currval", "setval":
            return try bindSequenceCall(name, syntax, range, context)
        case "typeof" where syntax.arguments.count == 1:
            let value = try bind(syntax.arguments[0], context)
            return .literal(.text(value.type.sqlName), .utf8View)
        case "row":
            return try bindNested(ExpressionSyntax(.row(syntax.arguments), range), context)
        case "struct_pack" where syntax.arguments.isEmpty:
            return try bindNested(
                ExpressionSyntax(.structure(syntax.namedArguments), range), context)
        case "struct_extract" where syntax.arguments.count == 2:
            return try bindNested(
                ExpressionSyntax(
                    .element(syntax.arguments[0], index: syntax.arguments[1]), range), context)
        case "list_element", "map_element":
            guard syntax.arguments.count == 2 else { return nil }
            return try bindNested(
                ExpressionSyntax(
                    .element(syntax.arguments[0], index: syntax.arguments[1]), range), context)
        case "list_aggregate" where syntax.arguments.count >= 2:
            guard case .literal(.string(let function)) = syntax.arguments[1].kind else {
                throw error(
                    .datatypeMismatch, "list_aggregate needs the aggregate's name as a constant",
                    range)
            }
            let list = try bind(syntax.arguments[0], context)
            let name = FunctionNames.canonical(Identifier.folded(function))
            if name == "array_agg" {
                // The aggregate of no rows is NULL.
                let empty = Expression.literal(.list([]), list.type)
                return list.type.isList
                    ? .call("nullif", [list.expression, empty], list.type)
                    : list.expression
            }
            let more = try bind(Array(syntax.arguments.dropFirst(2)), context)
            if name == "string_agg", !more.isEmpty {
                return try call("array_to_string", [list] + more, range, nil)
            }
            if name == "fsum" || name == "kahan_sum" || name == "sumkahan" {
                let double = BoundExpression(
                    converted(list.expression, to: .list(of: .float64)), list.range)
                return try call("list_sum", [double], range, nil)
            }
            return try call("list_" + name, [list] + more, range, nil)
        case "struct_keys" where syntax.arguments.count == 1:
            return try structureKeys(try bind(syntax.arguments[0], context), range)
        case "min" where syntax.arguments.count == 2, "max" where syntax.arguments.count == 2,
            "arg_min" where syntax.arguments.count == 3,
            "arg_max" where syntax.arguments.count == 3:
            return try bind(Self.extremes(name, syntax, range), context).expression
        case "arg_min_nulls_last", "arg_max_nulls_last":
            guard (2...3).contains(syntax.arguments.count) else { return nil }
            return try bind(Self.extremeOfAll(name, syntax, range), context).expression
        case "fsum", "kahan_sum", "sumkahan":
            guard syntax.arguments.count == 1 else { return nil }
            var call = syntax
            call.name.parts = [Identifier("sum", range: range)]
            let double = TypeName.named("double", modifiers: [], range)
            call.arguments = [
                ExpressionSyntax(.cast(syntax.arguments[0], double, isTry: false), range)
            ]
            return try bindCall(call, range, context)
        case "list_transform", "list_filter", "list_reduce":
            return try bindLambdaCall(name, syntax, range, context)
        case "array_fill":
            return try bindArrayFill(syntax, range, context)
        case "overlaps" where syntax.arguments.count == 4:
            return try bindOverlaps(syntax, range, context)
        case "grouping", "grouping_id": return try bindGrouping(syntax, range, context)
        case "percentile_cont", "percentile_disc", "mode":
            guard syntax.withinGroup.count == 1 else { return nil }
            return try bindCall(Self.percentile(name, syntax, range), range, context)
        case "rank", "dense_rank", "percent_rank", "cume_dist":
            guard !syntax.withinGroup.isEmpty else { return nil }
            return try bindHypothetical(name, syntax, range, context)
        case "arg_min", "arg_max":
            guard syntax.arguments.count == 2, !syntax.orderBy.isEmpty else { return nil }
            return try bindCall(Self.orderedExtreme(name, syntax), range, context)
        case "count_if" where syntax.arguments.count == 1:
            var call = syntax
            call.name.parts = [Identifier("count", range: range)]
            call.arguments = []
            call.isStar = true
            let condition = syntax.arguments[0]
            call.filter =
                syntax.filter.map {
                    ExpressionSyntax(.logical(.and, [$0, condition]), condition.range)
                } ?? condition
            return try bindCall(call, range, context)
        default: return try bindConditionalAggregate(name, syntax, range, context)
        }
    }

    /// `(start, end) OVERLAPS (start, length)`: lengths count from their starts.
    private func bindOverlaps(
        _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        var values = try bind(syntax.arguments, context)
        for index in [1, 3] where values[index].type == .interval(.monthDayNano) {
            values[index] = BoundExpression(
                try call("+", [values[index - 1], values[index]], range, nil), range)
        }
        return try call("overlaps", values, range, nil)
    }

    // MARK: - Aggregates

    func bindAggregate(
        _ subject: AggregateSubject, _ syntax: FunctionCall, _ range: SourceRange,
        _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        guard !context.isInAggregate else {
            throw error(.groupingError, "aggregate function calls cannot be nested", range)
        }
        if syntax.nullTreatment == .ignore { throw unsupported("IGNORE NULLS is", range) }
        context.isInAggregate = true
        defer { context.isInAggregate = false }
        let aggregate = try aggregateCall(subject, syntax, range, context)
        let owner = owner(of: aggregate, context)
        if owner !== context, owner.isInAggregate {
            throw error(.groupingError, "aggregate function calls cannot be nested", range)
        }
        guard let grouping = owner.grouping else {
            throw error(
                .groupingError, "aggregate functions are not allowed in \(owner.clause)", range)
        }
        if let same = grouping.calls.first(where: { $0.call == aggregate }) {
            return same.column.reference
        }
        let column = newColumn(subject.name, aggregate.type)
        grouping.calls.append(AggregateColumn(column: column, call: aggregate))
        return column.reference
    }

    /// The arguments and what stands around them, bound.
    func aggregateCall(
        _ subject: AggregateSubject, _ syntax: FunctionCall, _ range: SourceRange,
        _ context: ExpressionContext
    ) throws(IglooError) -> AggregateCall {
        if let order = syntax.withinGroup.first {
            throw unsupported("WITHIN GROUP of \(subject.name) is", order.expression.range)
        }
        var aggregate =
            switch subject {
            case .own(let entry): try ownAggregate(entry, syntax, range, context)
            case .foreign(let functions):
                try foreignAggregate(functions, syntax, range, context)
            }
        aggregate.isDistinct = syntax.isDistinct
        if let condition = syntax.filter {
            aggregate.filter = try boolean(try bind(condition, context), "FILTER")
        }
        if let common = context.aggregateFilter {
            aggregate.filter = .conjunction(
                (aggregate.filter?.conjuncts ?? []) + common.conjuncts)
        }
        return aggregate
    }

    private func ownAggregate(
        _ entry: FunctionEntry, _ syntax: FunctionCall, _ range: SourceRange,
        _ context: ExpressionContext
    ) throws(IglooError) -> AggregateCall {
        var arguments = syntax.isStar ? [] : try bind(syntax.arguments, context)
        if entry.name == "string_agg", arguments.count == 1 {
            arguments.append(BoundExpression(.literal(.text(","), .utf8View), range))
        }
        guard !syntax.isStar || entry.name == "count" else {
            throw error(
                .undefinedFunction, "function \(entry.name)(*) does not exist", range)
        }
        let resolved = try call(entry.name, arguments, range, nil)
        guard case .call(_, let values, let type) = resolved else {
            throw unsupported("this aggregate is", range)
        }
        let order = try aggregateOrder(
            syntax, arguments.map(\.expression) + values, range, context)
        // These look at values in their own order, up or down, and in no other.
        let isOfValues = ["mode", "quantile_cont", "quantile_disc"].contains(entry.name)
        let counts =
            FunctionTable.isOrdered(entry.name)
            && (!isOfValues || order.first?.expression == arguments.first?.expression
                || order.first?.expression == values.first)
        return AggregateCall(entry.name, values, order: counts ? order : [], type: type)
    }

    private func aggregateOrder(
        _ syntax: FunctionCall, _ values: [Expression], _ range: SourceRange,
        _ context: ExpressionContext
    ) throws(IglooError) -> [SortKey] {
        var order: [SortKey] = []
        for item in syntax.orderBy {
            let key = try bind(item.expression, context).expression
            guard !syntax.isDistinct || values.contains(key) else {
                throw error(
                    SQLState(rawValue: "42P10"),
                    "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument "
                        + "list", item.expression.range)
            }
            order.append(
                sortKey(key, isDescending: item.isDescending, nullsFirst: item.nullsFirst))
        }
        return order
    }

    /// An aggregate over columns of a query around alone belongs to that query.
    private func owner(
        of call: AggregateCall, _ context: ExpressionContext
    ) -> ExpressionContext {
        var used: Set<ColumnId> = []
        for expression in call.expressions { used.formUnion(expression.referencedColumns) }
        guard !used.isEmpty else { return context }
        var scope: Scope? = context.scope
        while let level = scope {
            let isOwn = level.relations.flatMap(\.columns).contains { column in
                guard let value = column.expression else { return false }
                return !value.referencedColumns.isDisjoint(with: used)
            }
            if isOwn { return level === context.scope ? context : level.current ?? context }
            scope = level.parent
        }
        return context
    }

    // MARK: - Overloads

    /// A call with its arguments cast to what the best overload takes. `sign` where an operator
    /// is called, for the error.
    func call(
        _ written: String, _ arguments: [BoundExpression], _ range: SourceRange, _ sign: Operator?
    ) throws(IglooError) -> Expression {
        let name = Self.listOperator(FunctionNames.function(ofOperator: written), arguments)
        guard let (resolution, chosen) = OverloadSearch.resolve(name, arguments) else {
            let types = arguments.map(\.type)
            if let sign { throw unknownOperator(sign, types) }
            throw noOverload(name, arguments, range)
        }
        var values: [Expression] = []
        for (index, argument) in arguments.enumerated() {
            var argument = argument
            // The literal's own text decides, with an error at its place.
            if argument.isOpen, chosen[index] != .utf8View {
                argument.expression = try retyped(argument, as: chosen[index])
            }
            values.append(try converted(argument, to: resolution.parameters[index]))
        }
        return Self.narrowed(.call(name, values, resolution.result), name, values)
    }

    /// `round(x, 2)` of a decimal has two digits behind the point, as the constant says.
    private static func narrowed(
        _ value: Expression, _ name: String, _ values: [Expression]
    ) -> Expression {
        if name == "to_number", case .literal(.text(let template), _) = values[1] {
            return .call(name, values, Self.numberType(template))
        }
        if name == "trim_scale", case .literal(let digits, let type) = values[0],
            let (precision, scale) = type.decimalShape, let kept = Self.neededScale(digits, scale)
        {
            return .cast(
                value, EngineType.decimal(max(precision - scale + kept, 1), kept), isTry: false)
        }
        guard name == "round" || name == "trunc", values.count == 2,
            let (precision, scale) = value.type.decimalShape,
            case .literal(.int(let digits), _) = values[1], digits < Int64(scale)
        else { return value }
        let kept = max(Int(digits), 0)
        let type = EngineType.decimal(max(precision - scale + kept, 1), kept)
        return .cast(value, type, isTry: false)
    }

    /// How many digits behind the point it takes to write the value.
    private static func neededScale(_ digits: Scalar, _ scale: Int) -> Int? {
        guard case .decimal(var value) = digits else { return nil }
        var kept = scale
        while kept > 0 && value % 10 == 0 { (value, kept) = (value / 10, kept - 1) }
        return kept
    }

    /// Decimals with as many digits as the template has places.
    private static func numberType(_ template: String) -> DataType {
        var (whole, fraction) = (0, 0)
        var (isFraction, isQuoted) = (false, false)
        for letter in template.uppercased() {
            if letter == "\"" { isQuoted.toggle() }
            if isQuoted { continue }
            if ".DV".contains(letter) { isFraction = true }
            if letter == "9" || letter == "0" {
                if isFraction { fraction += 1 } else { whole += 1 }
            }
        }
        let scale = min(fraction, EngineType.decimalPrecisionMax)
        let precision = min(max(whole + fraction, 1), EngineType.decimalPrecisionMax)
        return EngineType.decimal(max(precision, scale), scale)
    }

    /// `||` joins lists, or a list and an item.
    private static func listOperator(_ name: String, _ arguments: [BoundExpression]) -> String {
        guard name == "||", arguments.count == 2 else { return name }
        switch (arguments[0].type.isList, arguments[1].type.isList) {
        case (true, true): return "list_concat"
        case (true, false): return arguments[1].type == .null ? "list_concat" : "list_append"
        case (false, true): return arguments[0].type == .null ? "list_concat" : "list_prepend"
        case (false, false): return name
        }
    }

    func unknownOperator(_ sign: Operator, _ types: [DataType]) -> IglooError {
        let shown =
            types.count == 2
            ? "\(types[0].sqlName) \(sign.symbol) \(types[1].sqlName)"
            : "\(sign.symbol) \(types.map(\.sqlName).joined(separator: ", "))"
        return error(
            .undefinedFunction, "operator does not exist: \(shown)", sign.range,
            hint: "an explicit cast may help: CAST(x AS type)")
    }

    private func noOverload(
        _ name: String, _ arguments: [BoundExpression], _ range: SourceRange
    ) -> IglooError {
        let types = arguments.map(\.type.sqlName).joined(separator: ", ")
        let forms = FunctionTable.entry(name)?.overloads.map(\.signature) ?? []
        return error(
            .undefinedFunction, "function \(name)(\(types)) does not exist", range,
            hint: forms.isEmpty ? nil : "it takes " + forms.joined(separator: " or "))
    }

    private func unknownFunction(
        _ name: String, _ syntax: FunctionCall, _ context: ExpressionContext
    ) -> IglooError {
        let own = FunctionTable.entries.map(\.name).filter { $0.first?.isLetter ?? false }
        let foreign = catalog.knownFunctions()
        let nearest = NearestName.among(own + foreign.names, to: name)
        return IglooError(
            .notFound, "function \(name) does not exist",
            hint: nearest.map { "did you mean \"\($0)\"?" } ?? foreign.hint,
            sqlState: .undefinedFunction,
            position: syntax.name.range.start)
    }
}
