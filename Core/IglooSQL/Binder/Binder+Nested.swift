// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Lists, structures and maps: literals, subscripts, fields, and functions that take a lambda.
extension Binder {
    func bindNested(
        _ syntax: ExpressionSyntax, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        switch syntax.kind {
        case .array(let elements): return try bindList(elements, context)
        case .structure(let fields):
            let values = try bind(fields.map(\.value), context)
            return Self.structure(zip(fields, values).map { ($0.name.written, $1.expression) })
        case .row(let elements):
            let values = try bind(elements, context)
            return Self.structure(
                values.enumerated().map { ("f\($0.offset + 1)", $0.element.expression) })
        case .element(let value, let index):
            return try bindElement(try bind(value, context), try bind(index, context), syntax.range)
        case .slice(let value, let lower, let upper):
            var arguments = [try bind(value, context)]
            for bound in [lower, upper] {
                guard let bound else {
                    arguments.append(BoundExpression(.null(.int64), syntax.range))
                    continue
                }
                arguments.append(try bind(bound, context))
            }
            return try call("list_slice", arguments, syntax.range, nil)
        case .field(let value, let name):
            return try field(name, of: try bind(value, context).expression)
        default:
            throw error(
                .syntaxError, "a lambda may stand only as an argument of a function that takes one",
                syntax.range)
        }
    }

    private func bindList(
        _ elements: [ExpressionSyntax], _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        if elements.isEmpty { return .literal(.list([]), .list(of: .null)) }
        let (type, values) = try unify(try bind(elements, context), "ARRAY")
        var scalars: [Scalar] = []
        for case .literal(let scalar, _) in values { scalars.append(scalar) }
        if scalars.count == values.count { return .literal(.list(scalars), .list(of: type)) }
        return .call("list_value", values, .list(of: type))
    }

    static func structure(_ fields: [(name: String, value: Expression)]) -> Expression {
        .call(
            "struct_pack", fields.map(\.value),
            .structure(fields.map { Field($0.name, $0.value.type) }))
    }

    private func bindElement(
        _ value: BoundExpression, _ index: BoundExpression, _ range: SourceRange
    ) throws(IglooError) -> Expression {
        switch value.type {
        case .map: return try call("map_element", [value, index], range, nil)
        case .structure(let fields):
            if let name = index.openText {
                return try field(
                    Identifier(name, isQuoted: true, range: index.range), of: value.expression)
            }
            guard case .literal(.int(let place), _) = index.expression, place >= 1,
                place <= fields.count
            else {
                throw error(
                    .datatypeMismatch,
                    "a structure's subscript is a field's name or its number, as a constant",
                    index.range)
            }
            return Self.extracted(value.expression, Int(place) - 1, fields[Int(place) - 1].type)
        default: return try call("list_element", [value, index], range, nil)
        }
    }

    /// `value.name`
    func field(_ name: Identifier, of value: Expression) throws(IglooError) -> Expression {
        guard case .structure(let fields) = value.type else {
            throw error(
                .wrongObjectType,
                "column notation .\(name.written) applied to type \(value.type.sqlName), which "
                    + "is not a composite type", name.range)
        }
        let exact = fields.firstIndex { $0.name == name.written }
        let folded = Identifier.folded(name.written)
        guard
            let index = exact ?? fields.firstIndex(where: { Identifier.folded($0.name) == folded })
        else {
            let nearest = NearestName.among(fields.map(\.name), to: name.written)
            throw error(
                .undefinedColumn, "there is no field \"\(name.written)\" in \(value.type.sqlName)",
                name.range, hint: nearest.map { "did you mean \"\($0)\"?" })
        }
        return Self.extracted(value, index, fields[index].type)
    }

    private static func extracted(
        _ value: Expression, _ index: Int, _ type: DataType
    ) -> Expression {
        if case .call("struct_pack", let values, _) = value { return values[index] }
        return .call("struct_extract", [value, .literal(.int(Int64(index)), .int64)], type)
    }

    /// `column.field...`, where no table has the name before the point.
    func bindFieldPath(
        _ name: QualifiedName, _ context: ExpressionContext
    ) throws(IglooError) -> BoundExpression? {
        var count = name.parts.count - 1
        while count >= 1 {
            let prefix = QualifiedName(Array(name.parts.prefix(count)), range: name.range)
            if let found = try bindExistingColumn(prefix, context) {
                guard case .structure = found.type else { return nil }
                var value = found.expression
                for part in name.parts.dropFirst(count) { value = try field(part, of: value) }
                var result = BoundExpression(value, name.range)
                result.columnName = name.parts.last?.written
                return result
            }
            count -= 1
        }
        return nil
    }

    /// `array_fill(x, ARRAY[2, 3])`: lists of 3 within a list of 2. Lists begin with 1 here.
    func bindArrayFill(
        _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression? {
        guard syntax.arguments.count == 2 || syntax.arguments.count == 3 else { return nil }
        if syntax.arguments.count == 3 {
            guard case .array(let bounds) = syntax.arguments[2].kind,
                bounds.allSatisfy({ $0.kind == .literal(.integer("1")) })
            else { throw unsupported("array_fill with other bounds than 1 is", range) }
        }
        guard case .array(let sizes) = syntax.arguments[1].kind, sizes.count > 1 else {
            return try call(
                "array_fill", try bind(Array(syntax.arguments.prefix(2)), context), range, nil)
        }
        guard sizes.count <= 6 else {
            throw error(
                .datatypeMismatch,
                "number of array dimensions (\(sizes.count)) exceeds the maximum "
                    + "allowed (6)", range)
        }
        var value = try bind(syntax.arguments[0], context)
        for size in sizes.reversed() {
            let list = ExpressionSyntax(.array([size]), size.range)
            value = BoundExpression(
                try call("array_fill", [value, try bind(list, context)], range, nil), range)
        }
        return value.expression
    }

    // MARK: - Lambdas

    func variable(_ name: Identifier, _ context: ExpressionContext) -> BoundExpression? {
        let folded = Identifier.folded(name.name)
        for variable in context.variables.reversed() where variable.name == folded {
            return BoundExpression(.variable(variable), name.range)
        }
        return nil
    }

    func bindLambdaCall(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression? {
        guard FunctionNames.takesLambda(name), syntax.arguments.count >= 2,
            case .lambda(let variables, let body) = syntax.arguments[1].kind
        else { return nil }
        let list = try bind(syntax.arguments[0], context)
        guard let element = list.type.listElement ?? (list.type == .null ? DataType.null : nil)
        else {
            throw error(
                .datatypeMismatch, "\(name) needs a list, not type \(list.type.sqlName)", list.range
            )
        }
        if name == "list_reduce" {
            return try bindReduce(list, element, syntax, variables, body, range, context)
        }
        guard variables.count <= 2, syntax.arguments.count == 2 else {
            throw error(
                .syntaxError, "\(name) takes a list and a lambda of one or two variables", range)
        }
        let types: [DataType] = [element, .int64]
        let lambda = try bindLambda(variables, types, body, context)
        if name == "list_transform" {
            return .call(name, [list.expression, lambda.expression], .list(of: lambda.value.type))
        }
        let condition = try boolean(lambda.value, name)
        return .call(
            name, [list.expression, .lambda(lambda.variables, condition)], list.type)
    }

    private func bindLambda(
        _ names: [Identifier], _ types: [DataType], _ body: ExpressionSyntax,
        _ context: ExpressionContext
    ) throws(IglooError) -> (
        expression: Expression, variables: [LambdaVariable], value: BoundExpression
    ) {
        var variables: [LambdaVariable] = []
        for (name, type) in zip(names, types) {
            variables.append(
                LambdaVariable(id: newVariable(), name: Identifier.folded(name.name), type: type))
        }
        context.variables += variables
        defer { context.variables.removeLast(variables.count) }
        let value = try bind(body, context)
        if value.expression.contains(where: { if case .subquery = $0 { true } else { false } }) {
            throw unsupported("a query within a lambda is", body.range)
        }
        return (.lambda(variables, value.expression), variables, value)
    }

    /// The running value has the type that the body makes of it.
    private func bindReduce(
        _ list: BoundExpression, _ element: DataType, _ syntax: FunctionCall,
        _ variables: [Identifier], _ body: ExpressionSyntax, _ range: SourceRange,
        _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        guard (2...3).contains(variables.count), syntax.arguments.count <= 3 else {
            throw error(
                .syntaxError,
                "list_reduce takes a list, a lambda of two or three variables, and a first value",
                range)
        }
        var initial: BoundExpression?
        var type = element
        if syntax.arguments.count == 3 {
            let first = try bind(syntax.arguments[2], context)
            initial = first
            type = Coercion.common(element, first.type) ?? first.type
        }
        for _ in 0..<3 {
            let lambda = try bindLambda(variables, [type, element, .int64], body, context)
            guard lambda.value.type != type else {
                var arguments = [list.expression, lambda.expression]
                if let initial {
                    arguments.append(try converted(initial, to: type))
                } else if type != element {
                    arguments[0] = converted(list.expression, to: .list(of: type))
                    let again = try bindLambda(variables, [type, type, .int64], body, context)
                    arguments[1] = again.expression
                }
                return .call("list_reduce", arguments, type)
            }
            let common = Coercion.common(type, lambda.value.type)
            // Of no common type, what a first value that is open or a text says goes for all.
            guard let wider = common ?? (initial != nil && type == .utf8View ? type : nil) else {
                break
            }
            if wider == type {
                let cast = converted(lambda.value.expression, to: type)
                let first = try initial.map { (value) throws(IglooError) in
                    try converted(value, to: type)
                }
                return .call(
                    "list_reduce",
                    [list.expression, .lambda(lambda.variables, cast)] + (first.map { [$0] } ?? []),
                    type)
            }
            type = wider
        }
        throw error(
            .datatypeMismatch, "the lambda's type is not that of its first variable", body.range)
    }

    /// `value sign ANY|ALL (list)`
    func bindQuantified(
        _ value: ExpressionSyntax, _ sign: Operator, isAll: Bool, _ array: ExpressionSyntax,
        _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        let left = try bind(value, context)
        var list = try bind(array, context)
        if list.isOpen {
            list = BoundExpression(try retyped(list, as: .list(of: left.type)), list.range)
        }
        guard let element = list.type.listElement else {
            throw error(
                .datatypeMismatch, "op ANY/ALL (array) requires array on right side", array.range)
        }
        let variable = LambdaVariable(id: newVariable(), name: "item", type: element)
        let item = BoundExpression(.variable(variable), array.range)
        let test = try bind(sign, left, item, range)
        return .call(
            isAll ? "list_all" : "list_any", [list.expression, .lambda([variable], test)], .bool)
    }
}
