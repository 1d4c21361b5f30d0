// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Functions of enumerated types: the argument's type has the answer.
extension Binder {
    func bindEnumeration(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        let values = try bind(syntax.arguments, context)
        let counts = name.hasPrefix("enum_range") ? 1...2 : 1...1
        guard counts.contains(values.count) else {
            throw error(
                .undefinedFunction,
                "\(name) takes \(counts.upperBound == 1 ? "one value" : "one or two values") of an "
                    + "enumerated type", range)
        }
        guard let known = values.first(where: { $0.type.enumeration != nil })?.type,
            let type = known.enumeration
        else {
            throw error(
                .datatypeMismatch,
                "\(name) needs an enumerated type, not \(values[0].type.sqlName)", values[0].range,
                hint: "for example \(name)(NULL::mood)")
        }
        let last = type.labels.count - 1
        switch name {
        case "enum_code": return .cast(values[0].expression, .int32, isTry: false)
        case "enum_first":
            return last < 0 ? .null(known) : .literal(.int(0), known)
        case "enum_last":
            return last < 0 ? .null(known) : .literal(.int(Int64(last)), known)
        default: break
        }
        let all = Expression.literal(
            .list(type.labels.indices.map { .int(Int64($0)) }), .list(of: known))
        guard values.count == 2 else { return all }
        var places: [BoundExpression] = []
        for (value, missing) in zip(values, [1, Int64(last) + 1]) {
            let label = try implicitlyCast(value, to: known, name)
            let code = BoundExpression(.cast(label, .int32, isTry: false), value.range)
            let one = BoundExpression(.literal(.int(1), .int32), value.range)
            let place = BoundExpression(try call("+", [code, one], range, nil), value.range)
            let usual = BoundExpression(.literal(.int(missing), .int64), value.range)
            places.append(
                BoundExpression(try call("coalesce", [place, usual], range, nil), value.range))
        }
        return try call("list_slice", [BoundExpression(all, range)] + places, range, nil)
    }

    /// The name of the sequence may be cast to regclass, as PostgreSQL shows it.
    func bindSequenceCall(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        var arguments = syntax.arguments
        if let first = arguments.first, case .cast(let inner, let type, _) = first.kind,
            case .named("regclass", _, _) = type
        {
            arguments[0] = inner
        }
        var values = try bind(arguments, context)
        if name == "setval", values.count == 2 {
            values.append(BoundExpression(.trueLiteral, range))
        }
        return try call(name, values, range, nil)
    }
}
