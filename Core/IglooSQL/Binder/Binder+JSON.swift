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
        case "jsonb_set", "jsonb_set_lax", "jsonb_insert", "jsonb_delete_path",
            "jsonb_exists_any", "jsonb_exists_all":
            guard syntax.arguments.count >= 2 else { return nil }
            var values = try bind(syntax.arguments, context)
            if values[1].isOpen { values[1] = Self.listOfTexts(values[1]) }
            return try call(name, values, range, nil)
        case "json_object" where (1...2).contains(syntax.arguments.count),
            "jsonb_object" where (1...2).contains(syntax.arguments.count):
            var values = try bind(syntax.arguments, context)
            let isList = values[0].type.isList || values.count == 1 || name == "jsonb_object"
            guard isList else {
                return try call(name, try members(values, range), range, nil)
            }
            for index in values.indices where values[index].isOpen {
                values[index] = Self.listOfTexts(values[index])
            }
            return try call("jsonb_object", values, range, nil)
        case "to_json" where syntax.arguments.count == 1:
            return try json(try bind(syntax.arguments[0], context), range)
        case "json_object", "json_build_object", "json_array", "json_build_array":
            let values = try bind(syntax.arguments, context)
            guard name.hasSuffix("object") else {
                var items: [BoundExpression] = []
                for value in values { items.append(try made(value, range)) }
                return try call(name, items, range, nil)
            }
            guard values.count.isMultiple(of: 2) else {
                throw IglooError(
                    .invalidArgument, "argument list must have even number of elements",
                    hint: "the arguments are keys and values in turn",
                    sqlState: .invalidParameterValue, position: range.start)
            }
            return try call(name, try members(values, range), range, nil)
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
        guard name.hasPrefix("jsonb_") || name == "to_jsonb",
            FunctionTable.entry(FunctionNames.canonical(name)) == nil
        else { return nil }
        var plain = syntax
        let plainName = name == "to_jsonb" ? "to_json" : "json_" + name.dropFirst(6)
        plain.name = QualifiedName([Identifier(plainName, range: range)], range: range)
        let value = try bindCall(plain, range, context)
        return value.type == .json ? .cast(value, .jsonb, isTry: false) : value
    }

    private func made(
        _ value: BoundExpression, _ range: SourceRange
    ) throws(IglooError) -> BoundExpression {
        BoundExpression(try json(value, range), value.range)
    }

    /// Every second value as JSON.
    private func members(
        _ values: [BoundExpression], _ range: SourceRange
    ) throws(IglooError) -> [BoundExpression] {
        var members = values
        for index in values.indices where index % 2 == 1 {
            members[index] = try made(values[index], range)
        }
        return members
    }

    /// The value as JSON, unless it is JSON already.
    private func json(_ value: BoundExpression, _ range: SourceRange) throws(IglooError)
        -> Expression
    {
        if value.type.isJSON { return value.expression }
        if case .literal(.null, _) = value.expression { return .null(.json) }
        return .call("to_json", [value.expression], .json)
    }

    /// Whether `value` is jsonb, and the other too, or a literal that may be.
    static func isJSONB(_ value: BoundExpression, _ other: BoundExpression) -> Bool {
        value.type == .jsonb && (other.type == .jsonb || other.isOpen || other.type == .null)
    }

    /// `'{a,b}'` where a list is wanted.
    static func listOfTexts(_ value: BoundExpression) -> BoundExpression {
        BoundExpression(
            .cast(value.expression, .list(of: .utf8View), isTry: false), value.range)
    }

    /// `@>` of lists, or of JSON.
    func contains(
        _ left: BoundExpression, _ right: BoundExpression, _ range: SourceRange, _ sign: Operator
    ) throws(IglooError) -> Expression {
        let isList = left.type.isList || right.type.isList
        return try call(isList ? "list_has_all" : "jsonb_contains", [left, right], range, sign)
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
