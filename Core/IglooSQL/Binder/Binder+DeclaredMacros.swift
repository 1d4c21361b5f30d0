// SPDX-License-Identifier: MIT

internal import IglooContracts
internal import IglooPlan

// Calls of what CREATE MACRO declared: the macro's text with the arguments' in the place of its
// parameters, bound where the call stands.
extension Binder {
    /// Calls of macros in a statement, at most: macros that call others twice multiply.
    private static let macroCallCountMax = 10_000
    /// Bytes of a macro's text with its arguments, at most.
    private static let macroByteCountMax = 1 << 20

    /// A call of a macro that is an expression; `nil` when there is none of the name.
    func bindDeclaredMacro(
        _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> BoundExpression? {
        let macros = catalog.macros(syntax.name.parts.map(\.name))
        if macros.isEmpty { return nil }
        let values = macros.filter { !$0.givesRows }
        guard !values.isEmpty else {
            throw error(
                .wrongObjectType,
                "macro \"\(syntax.name)\" gives rows: it stands in FROM, not in an expression",
                range, hint: "SELECT * FROM \(syntax.name)(...)")
        }
        guard syntax.window == nil, syntax.filter == nil, !syntax.isDistinct, !syntax.isStar,
            syntax.orderBy.isEmpty, syntax.withinGroup.isEmpty
        else {
            throw error(
                .wrongObjectType,
                "\"\(syntax.name)\" is a macro: OVER, FILTER, DISTINCT, ORDER BY and * stand within "
                    + "it", range)
        }
        let text = try expanded(
            values, syntax.name, syntax.arguments, syntax.namedArguments, range)
        return try inMacro(syntax.name, range) { () throws(IglooError) in
            BoundExpression(try bind(try SQLParser.expression(text), context).expression, range)
        }
    }

    /// A call of a macro that gives rows; `nil` when there is none of the name.
    func bindDeclaredMacro(_ function: TableFunction) throws(IglooError) -> FromItem? {
        let macros = catalog.macros(function.name.parts.map(\.name)).filter(\.givesRows)
        if macros.isEmpty { return nil }
        try countRelation(function.range)
        if function.withOrdinality { throw unsupported("WITH ORDINALITY is", function.range) }
        let text = try expanded(
            macros, function.name, function.arguments, function.namedArguments, function.range)
        let plan = try inMacro(function.name, function.range) { () throws(IglooError) in
            try bind(try SQLParser.query(text), outer: nil, common: nil).plan
        }
        let name = function.name.parts.last?.written ?? ""
        return try named(plan, [name], function.alias, function.range)
    }

    /// Bounds macros within macros, and gives errors in their texts the place of the call.
    private func inMacro<Value>(
        _ name: QualifiedName, _ range: SourceRange, _ body: () throws(IglooError) -> Value
    ) throws(IglooError) -> Value {
        macroCallCount += 1
        nesting += 4
        defer { nesting -= 4 }
        guard nesting <= Self.nestingMax, macroCallCount <= Self.macroCallCountMax else {
            throw tooComplex("macro \"\(name)\" calls itself, or too many others", range)
        }
        do throws(IglooError) {
            return try body()
        } catch {
            var placed = error
            placed.position = range.start
            if !placed.message.hasPrefix("in macro "), placed.sqlState != .statementTooComplex {
                placed.message = "in macro \"\(name)\": \(placed.message)"
            }
            throw placed
        }
    }

    // MARK: - Texts

    private func expanded(
        _ macros: [MacroDefinition], _ name: QualifiedName, _ arguments: [ExpressionSyntax],
        _ namedArguments: [ExpressionSyntax.NamedValue], _ range: SourceRange
    ) throws(IglooError) -> String {
        let count = arguments.count + namedArguments.count
        guard let macro = macros.first(where: { $0.argumentCounts.contains(count) }) else {
            let forms = macros.map {
                "\(name)(\($0.parameters.map(\.name).joined(separator: ", ")))"
            }
            throw error(
                .undefinedFunction, "macro \"\(name)\" does not take \(count) arguments", range,
                hint: "there is " + forms.joined(separator: ", "))
        }
        var texts: [String: String] = [:]
        for (parameter, argument) in zip(macro.parameters, arguments) {
            texts[parameter.name] = SQLPrinter.text(of: argument)
        }
        for argument in namedArguments {
            let label = Identifier.folded(argument.name.name)
            guard macro.parameters.contains(where: { $0.name == label }), texts[label] == nil else {
                throw error(
                    .undefinedFunction,
                    texts[label] == nil
                        ? "macro \"\(name)\" has no parameter \"\(argument.name)\""
                        : "parameter \"\(argument.name)\" is given twice", argument.name.range)
            }
            texts[label] = SQLPrinter.text(of: argument.value)
        }
        for parameter in macro.parameters where texts[parameter.name] == nil {
            guard let text = parameter.defaultText else {
                throw error(
                    .undefinedFunction,
                    "macro \"\(name)\" needs a value for \"\(parameter.name)\"", range)
            }
            texts[parameter.name] = text
        }
        let text = try SQLParser.replacing(texts, in: macro.text)
        guard text.utf8.count <= Self.macroByteCountMax else {
            throw tooComplex(
                "macro \"\(name)\" makes more than \(Self.macroByteCountMax) bytes of text", range)
        }
        return text
    }
}

extension SQLParser {
    /// SQL in which other texts, in parentheses, stand for columns of these names. What is behind
    /// a dot, before one or before a parenthesis is no such column, nor is an alias.
    static func replacing(
        _ texts: [String: String], in sql: String
    ) throws(IglooError) -> String {
        let parser = try Parser(sql)
        let tokens = parser.tokens
        var output: [UInt8] = []
        var start = 0
        for (index, token) in tokens.enumerated()
        where token.kind == .word || token.kind == .quotedIdentifier {
            let isBehind =
                index > 0 && (tokens[index - 1].kind == .dot || tokens[index - 1].keyword == .as)
            let next = tokens[min(index + 1, tokens.count - 1)].kind
            if isBehind || next == .dot || next == .leftParenthesis || next == .assign { continue }
            guard let text = texts[Identifier.folded(parser.name(token))] else { continue }
            output += parser.bytes[start..<token.start]
            output += Array("(\(text))".utf8)
            start = token.end
        }
        output += parser.bytes[start...]
        return String(decoding: output, as: UTF8.self)
    }
}

extension Parser {
    /// What a word or a quoted identifier names.
    func name(_ token: Token) -> String {
        let text = text(token)
        guard token.kind == .quotedIdentifier, text.utf8.count >= 2 else { return text }
        return String(text.dropFirst().dropLast())
    }
}
