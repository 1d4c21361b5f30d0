// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Functions that make JSON of their arguments.
extension Binder {
    func bindJSON(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression? {
        switch name {
        case "to_json" where syntax.arguments.count == 1:
            return try json(try bind(syntax.arguments[0], context), range)
        case "json_object", "json_build_object", "json_array", "json_build_array":
            let isObject = name.hasSuffix("object")
            var values = try bind(syntax.arguments, context)
            for index in values.indices where !isObject || index % 2 == 1 {
                values[index].expression = try json(values[index], range)
                values[index].isOpen = false
            }
            return try call(name, values, range, nil)
        case "json_extract_path", "json_extract_path_text":
            guard let first = syntax.arguments.first else { return nil }
            let keys = ExpressionSyntax(.array(Array(syntax.arguments.dropFirst())), range)
            let arguments = try bind([first, keys], context)
            return try call(name.hasSuffix("text") ? "->>" : "->", arguments, range, nil)
        case "json_group_array", "json_agg":
            guard syntax.arguments.count == 1 else { return nil }
            let item = orNull(plainCall("to_json", syntax.arguments, range), range)
            return try joined(
                "[", item, name == "json_group_array" ? "," : ", ", "]", syntax, range, context)
        case "json_group_object", "json_object_agg":
            guard syntax.arguments.count == 2 else { return nil }
            let isCompact = name == "json_group_object"
            let isLoose = name == "json_object_agg"
            let text = ExpressionSyntax(
                .cast(syntax.arguments[0], .named("text", modifiers: [], range), isTry: false),
                range)
            let colon = literal(isCompact ? ":" : isLoose ? " : " : ": ", range)
            let value = orNull(plainCall("to_json", [syntax.arguments[1]], range), range)
            let pair = infix(
                infix(plainCall("to_json", [text], range), colon, range), value, range)
            return try joined(
                isLoose ? "{ " : "{", pair, isCompact ? "," : ", ", isLoose ? " }" : "}", syntax,
                range, context)
        default: return nil
        }
    }

    /// A function that is another one with jsonb for json.
    func bindJSONB(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression? {
        guard name.hasPrefix("jsonb_") || name == "to_jsonb" else { return nil }
        var plain = syntax
        let plainName = name == "to_jsonb" ? "to_json" : "json_" + name.dropFirst(6)
        plain.name = QualifiedName([Identifier(plainName, range: range)], range: range)
        let value = try bindCall(plain, range, context)
        return value.type == .json ? .cast(value, .jsonb, isTry: false) : value
    }

    /// The value as JSON, unless it is JSON already.
    private func json(_ value: BoundExpression, _ range: SourceRange) throws(IglooError)
        -> Expression
    {
        if value.type.isJSON { return value.expression }
        if case .literal(.null, _) = value.expression { return .null(.json) }
        return .call("to_json", [value.expression], .json)
    }

    // MARK: - Aggregates, as texts joined

    private func joined(
        _ open: String, _ item: ExpressionSyntax, _ comma: String, _ close: String,
        _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        var call = syntax
        call.name = QualifiedName([Identifier("string_agg", range: range)], range: range)
        call.arguments = [item, literal(comma, range)]
        let all = ExpressionSyntax(.call(call), range)
        let text = infix(infix(literal(open, range), all, range), literal(close, range), range)
        return try bind(plainCall("json", [text], range), context).expression
    }

    private func literal(_ text: String, _ range: SourceRange) -> ExpressionSyntax {
        ExpressionSyntax(.literal(.string(text)), range)
    }

    private func infix(
        _ left: ExpressionSyntax, _ right: ExpressionSyntax, _ range: SourceRange
    ) -> ExpressionSyntax {
        ExpressionSyntax(.infix(Operator("||", range: range), left, right), range)
    }

    private func orNull(_ value: ExpressionSyntax, _ range: SourceRange) -> ExpressionSyntax {
        plainCall("coalesce", [value, literal("null", range)], range)
    }

    private func plainCall(
        _ name: String, _ arguments: [ExpressionSyntax], _ range: SourceRange
    ) -> ExpressionSyntax {
        var call = FunctionCall(name: QualifiedName([Identifier(name, range: range)], range: range))
        call.arguments = arguments
        return ExpressionSyntax(.call(call), range)
    }
}
