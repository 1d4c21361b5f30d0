// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Functions that give rows: unnest, generate_series, range, and those that are short for them.
extension Binder {
    /// A row function and what it makes lists of: `string_to_table(x, y)` is the elements of
    /// `string_to_array(x, y)`.
    private static let listFunctions = [
        "string_to_table": "string_to_array", "regexp_split_to_table": "regexp_split_to_array",
        "json_object_keys": "json_object_keys", "jsonb_object_keys": "json_object_keys",
        "json_array_elements": "json_array_elements",
        "jsonb_array_elements": "json_array_elements",
        "json_array_elements_text": "json_array_elements_text",
        "jsonb_array_elements_text": "json_array_elements_text",
        "json_each": "json_each", "jsonb_each": "json_each", "json_each_text": "json_each_text",
        "jsonb_each_text": "json_each_text", "jsonb_path_query": "jsonb_path_query",
        "jsonb_path_query_tz": "jsonb_path_query",
        "generate_subscripts": "range",
    ]

    private static let seriesFunctions: Set<String> = ["generate_series", "range"]

    /// In FROM series are row functions, in expressions lists (as in DuckDB).
    static func isRowFunction(_ name: String, inFrom: Bool) -> Bool {
        name == "unnest" || listFunctions[name] != nil
            || inFrom && (seriesFunctions.contains(name) || name == "regexp_matches")
    }

    // MARK: - In FROM

    /// - Parameter outer: the tables to the left, then the queries around.
    func bindRows(
        _ function: TableFunction, _ name: String, outer: Scope?, common: CommonTableScope?
    ) throws(IglooError) -> FromItem {
        let context = ExpressionContext(
            outer ?? Scope(parent: nil), clause: "a function in FROM", common: common)
        if let argument = function.namedArguments.first, name != "unnest" {
            throw error(
                .undefinedFunction, "\(name) has no argument named \"\(argument.name)\"",
                argument.name.range)
        }
        var sources: [Unnest.Generator.Source] = []
        if name == "unnest" {
            let isRecursive = try flattensAll(function.namedArguments, context)
            for argument in function.arguments {
                let list = try bind(argument, context)
                sources.append(try elements(of: list, argument.range, isRecursive: isRecursive))
            }
            guard !sources.isEmpty else {
                throw error(
                    .undefinedFunction, "unnest needs a list", function.range,
                    hint: "write unnest([1, 2, 3])")
            }
        } else {
            let arguments = try bind(function.arguments, context)
            sources = [try rows(name, arguments, function.range, context)]
        }
        let alias = function.alias
        let plainName = name.contains("array_elements") ? "value" : name
        let columnName = sources.count == 1 ? alias?.name.written ?? plainName : plainName
        let generators = sources.map {
            Unnest.Generator($0, column: newColumn(columnName, $0.type))
        }
        let ordinality = function.withOrdinality ? newColumn("ordinality", .int64) : nil
        let plan = LogicalPlan.unnest(
            Unnest(.values([[]], columns: []), generators, ordinality: ordinality))
        if name.hasSuffix("json_each") || name.hasSuffix("_each_text") || name == "jsonb_each" {
            let record = generators[0].column.reference
            return try named(fields(of: record, plan), [name], alias, function.range)
        }
        var item = try named(plan, [name], alias, function.range)
        if let column = item.visible.first, sources.count == 1 {
            item.relations[0].synonym = NamedColumn(
                name: name, expression: column.expression, sourceType: column.sourceType)
        }
        return item
    }

    // MARK: - In expressions

    /// A row function in a select list; `nil` for all other functions.
    func bindRowCall(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression? {
        guard Self.isRowFunction(name, inFrom: false) else { return nil }
        let place: String? =
            if context.isInAggregate {
                "an aggregate"
            } else if context.isInWindow {
                "a window function"
            } else if !context.variables.isEmpty {
                "a lambda"
            } else {
                context.rowCalls == nil ? context.clause : nil
            }
        guard let calls = context.rowCalls, place == nil else {
            throw IglooError(
                .unsupported, "set-returning functions are not allowed in \(place ?? "it")",
                hint: "move it to FROM: FROM t, \(name)(...) AS u(x)", position: range.start)
        }
        guard syntax.arguments.count == 1 || name != "unnest" else {
            throw error(
                .undefinedFunction, "unnest takes one list here", range,
                hint: "write FROM unnest(a, b) for several lists side by side")
        }
        let arguments = try bind(syntax.arguments, context)
        let source: Unnest.Generator.Source
        if name == "unnest" {
            source = try elements(
                of: arguments[0], range,
                isRecursive: try flattensAll(syntax.namedArguments, context))
        } else {
            source = try rows(name, arguments, range, context)
        }
        return calls.column(source) { newColumn(name, source.type) }.reference
    }

    // MARK: - What gives the rows

    private func rows(
        _ name: String, _ arguments: [BoundExpression], _ range: SourceRange,
        _ context: ExpressionContext
    ) throws(IglooError) -> Unnest.Generator.Source {
        if Self.seriesFunctions.contains(name) {
            return try series(arguments, isInclusive: name == "generate_series", range)
        }
        if name == "generate_subscripts" { return try subscripts(arguments, range) }
        if name == "regexp_matches" {
            return .elements(try call("regexp_match_all", arguments, range, nil))
        }
        let list = try call(Self.listFunctions[name] ?? name, arguments, range, nil)
        return .elements(list)
    }

    /// The places of a list, or of those within it, from the first or from the last.
    private func subscripts(
        _ arguments: [BoundExpression], _ range: SourceRange
    ) throws(IglooError) -> Unnest.Generator.Source {
        guard (1...3).contains(arguments.count), arguments[0].type.isList else {
            throw error(
                .undefinedFunction, "generate_subscripts takes a list and a dimension", range)
        }
        let one = Expression.literal(.int(1), .int64)
        let dimension =
            arguments.count > 1 ? arguments[1] : BoundExpression(one, range)
        let last = try call("array_upper", [arguments[0], dimension], range, nil)
        guard arguments.count == 3 else {
            return .series(start: one, stop: last, step: one, isInclusive: true)
        }
        guard case .literal(.bool(let isReversed), _) = arguments[2].expression else {
            throw error(
                .datatypeMismatch, "generate_subscripts needs true or false as a constant", range)
        }
        return isReversed
            ? .series(
                start: last, stop: one, step: .literal(.int(-1), .int64), isInclusive: true)
            : .series(start: one, stop: last, step: one, isInclusive: true)
    }

    private func elements(
        of list: BoundExpression, _ range: SourceRange, isRecursive: Bool
    ) throws(IglooError) -> Unnest.Generator.Source {
        if list.type == .null { return .elements(.null(.list(of: .null))) }
        guard list.type.isList else {
            throw error(
                .undefinedFunction, "function unnest(\(list.type.sqlName)) does not exist", range,
                hint: "it takes a list, such as [1, 2] or string_split('a,b', ',')")
        }
        var value = list.expression
        while isRecursive, let element = value.type.listElement, element.isList {
            value = .call("flatten", [value], element)
        }
        return .elements(value)
    }

    /// `recursive := true`: lists within lists are taken apart, too.
    private func flattensAll(
        _ arguments: [ExpressionSyntax.NamedValue], _ context: ExpressionContext
    ) throws(IglooError) -> Bool {
        for argument in arguments {
            guard Identifier.folded(argument.name.name) == "recursive",
                case .literal(.bool(let isRecursive), _) =
                    try bind(argument.value, context).expression
            else {
                throw error(
                    .undefinedFunction, "unnest has no argument \"\(argument.name)\" of this kind",
                    argument.name.range, hint: "it knows recursive := true")
            }
            return isRecursive
        }
        return false
    }

    // MARK: - Series

    private func series(
        _ arguments: [BoundExpression], isInclusive: Bool, _ range: SourceRange
    ) throws(IglooError) -> Unnest.Generator.Source {
        let name = isInclusive ? "generate_series" : "range"
        guard (1...3).contains(arguments.count) else {
            throw error(
                .undefinedFunction, "\(name) takes one to three arguments", range,
                hint: "write \(name)(stop), \(name)(start, stop) or \(name)(start, stop, step)")
        }
        let bounds = arguments.count == 1 ? arguments : Array(arguments[..<2])
        if let type = timeType(bounds) {
            guard arguments.count == 3 else {
                throw error(
                    .undefinedFunction, "\(name) of times needs a step", range,
                    hint: "write \(name)(start, stop, INTERVAL '1 day')")
            }
            return .series(
                start: try implicitlyCast(arguments[0], to: type, name),
                stop: try implicitlyCast(arguments[1], to: type, name),
                step: try implicitlyCast(arguments[2], to: .interval(.monthDayNano), name),
                isInclusive: isInclusive)
        }
        let type = try numberType(arguments, name, range)
        var values: [Expression] = []
        for argument in arguments { values.append(try implicitlyCast(argument, to: type, name)) }
        let zero = try implicitlyCast(
            BoundExpression(.literal(.int(0), .int32), range), to: type, name)
        let one = try implicitlyCast(
            BoundExpression(.literal(.int(1), .int32), range), to: type, name)
        return .series(
            start: values.count == 1 ? zero : values[0],
            stop: values.count == 1 ? values[0] : values[1],
            step: values.count == 3 ? values[2] : one, isInclusive: isInclusive)
    }

    /// The type of a series between points in time; dates count as their midnight.
    private func timeType(_ bounds: [BoundExpression]) -> DataType? {
        let types = bounds.filter { !$0.isOpen }.map(\.type)
        let isTime = types.contains { type in
            if case .timestamp = type { true } else { type == .date32 }
        }
        guard isTime else { return nil }
        var type = DataType.timestamp(.microsecond, timeZone: nil)
        for bound in types { type = Coercion.common(type, bound) ?? type }
        return type
    }

    /// bigint, or decimals of one scale that 64 bits hold.
    private func numberType(
        _ arguments: [BoundExpression], _ name: String, _ range: SourceRange
    ) throws(IglooError) -> DataType {
        var scale = 0
        for argument in arguments where !argument.isOpen {
            if let shape = argument.type.decimalShape { scale = max(scale, shape.scale) }
        }
        guard scale > 0 else { return .int64 }
        let whole =
            arguments.compactMap { argument -> Int? in
                if let shape = argument.type.decimalShape { return shape.precision - shape.scale }
                return argument.isOpen ? nil : 10
            }.max() ?? 10
        guard whole + scale <= 18 else {
            throw IglooError(
                .unsupported, "\(name) of decimals with more than 18 digits is not supported",
                hint: "cast the arguments to a smaller decimal, or count whole numbers and divide",
                position: range.start)
        }
        return EngineType.decimal(18, scale)
    }
}

extension Unnest.Generator.Source {
    /// Of the column it makes.
    var type: DataType {
        switch self {
        case .elements(let list): list.type.listElement ?? .null
        case .series(let start, _, _, _): start.type
        }
    }
}
