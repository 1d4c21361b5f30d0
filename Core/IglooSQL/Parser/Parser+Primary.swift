// SPDX-License-Identifier: MIT

internal import IglooContracts

// Operands: literals, names, parentheses, and what may stand behind an operand.
extension Parser {
    mutating func primary() throws(IglooError) -> ExpressionSyntax {
        let start = current
        switch start.kind {
        case .integer, .decimal, .float: return try number()
        case .string, .escapeString, .dollarString, .unicodeString, .byteString:
            return try string()
        case .bitString:
            throw IglooError(
                .unsupported, "bit strings such as \(shown(start)) are not supported",
                hint: "X'...' makes bytes; integers have &, | and xor()", position: start.start)
        case .parameter: return try parameter()
        case .leftParenthesis: return try parenthesised()
        case .leftBracket:
            advance()
            return try arrayElements(start)
        case .leftBrace: return try structure()
        case .quotedIdentifier: return try nameOrCall()
        case .word:
            if accept(.default) { return ExpressionSyntax(.defaultValue, start.range) }
            if let keyword = start.keyword, let special = try special(keyword) { return special }
            return try nameOrCall()
        default: throw syntaxError()
        }
    }

    /// `[index]`, `[lower:upper]`, `::type` and `.field`, any number of them.
    mutating func postfix(
        _ operand: ExpressionSyntax, from start: Token
    ) throws(IglooError) -> ExpressionSyntax {
        var left = operand
        while true {
            if accept(.doubleColon) {
                left = node(.cast(left, try typeName(), isTry: false), from: left)
            } else if accept(.leftBracket) {
                left = try subscripted(left)
            } else if at(.dot) {
                advance()
                if acceptSymbol("*") {
                    var star = Star()
                    star.structure = left
                    return node(.star(star), from: left)
                }
                let name = try label()
                left =
                    at(.leftParenthesis)
                    ? try chained(left, name) : node(.field(left, name), from: left)
            } else {
                return left
            }
            try grow()
        }
    }

    /// `value.function(arguments)`: the value is the first argument.
    private mutating func chained(
        _ value: ExpressionSyntax, _ name: Identifier
    ) throws(IglooError) -> ExpressionSyntax {
        let function = try call(QualifiedName([name], range: name.range))
        guard case .call(var call) = function.kind, !call.isStar else { throw syntaxError() }
        call.arguments.insert(value, at: 0)
        return node(.call(call), from: value)
    }

    private mutating func subscripted(
        _ value: ExpressionSyntax
    ) throws(IglooError) -> ExpressionSyntax {
        let lower = at(.colon) ? nil : try expression()
        guard accept(.colon) else {
            try expect(.rightBracket)
            guard let lower else { throw syntaxError() }
            return node(.element(value, index: lower), from: value)
        }
        let upper = atSliceEnd ? nil : try expression()
        guard accept(.colon) else {
            try expect(.rightBracket)
            return node(.slice(value, lower: lower, upper: upper), from: value)
        }
        // `list[lower:upper:step]`
        let start = current
        let step = try expression()
        try expect(.rightBracket)
        let null = ExpressionSyntax(.literal(.null), start.range)
        var call = FunctionCall(
            name: QualifiedName([Identifier("list_slice", range: start.range)], range: start.range))
        call.arguments = [value, lower ?? null, upper ?? null, step]
        return node(.call(call), from: value)
    }

    /// Nothing, or `-` before a step.
    private var atSliceEnd: Bool {
        mutating get {
            if at(.symbol), text(current) == "-",
                [.colon, .rightBracket].contains(token(ahead: 1).kind)
            {
                advance()
            }
            return at(.rightBracket) || at(.colon)
        }
    }

    // MARK: - Literals

    private mutating func number() throws(IglooError) -> ExpressionSyntax {
        let token = current
        advance()
        let written = text(token).filter { $0 != "_" }
        let literal: Literal =
            switch token.kind {
            case .integer: .integer(Self.decimalDigits(written))
            case .decimal: .decimal(written)
            default: .float(written)
            }
        return ExpressionSyntax(.literal(literal), token.range)
    }

    /// `0x1F`, `0o17`, `0b101` in base ten; what has more digits than 128 bits stays as it is, and
    /// is out of range for every type.
    private static func decimalDigits(_ text: String) -> String {
        guard text.utf8.count > 2,
            let radix = ["0x": 16, "0o": 8, "0b": 2][
                text.prefix(2).lowercased()]
        else { return text }
        return UInt128(text.dropFirst(2), radix: radix).map { String($0) }
            ?? String(
                repeating: "9", count: text.utf8.count)
    }

    private mutating func string() throws(IglooError) -> ExpressionSyntax {
        let token = current
        guard token.kind == .byteString else {
            let text = try stringText()
            return ExpressionSyntax(.literal(.string(text)), token.range)
        }
        let digits = bytes[token.start + 2..<token.end - 1]
        guard digits.count.isMultiple(of: 2) else {
            throw syntaxError("invalid hexadecimal data: odd number of digits", at: token)
        }
        var result: [UInt8] = []
        var high: UInt8?
        for byte in digits {
            guard let digit = Lexer.digitValue(byte) else {
                throw syntaxError("invalid hexadecimal digit", at: token)
            }
            if let upper = high {
                result.append(upper << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        advance()
        return ExpressionSyntax(.literal(.bytes(result)), token.range)
    }

    private mutating func parameter() throws(IglooError) -> ExpressionSyntax {
        let token = current
        let name = String(text(token).dropFirst())
        let parameter: ExpressionSyntax.Parameter
        if name.isEmpty {
            parameterCount += 1
            parameter = .index(parameterCount)
        } else if let index = Int(name) {
            guard index >= 1, index <= 65_535 else {
                throw syntaxError("there is no parameter \(text(token))", at: token)
            }
            parameter = .index(index)
        } else {
            parameter = .named(name)
        }
        advance()
        return ExpressionSyntax(.parameter(parameter), token.range)
    }

    // MARK: - Brackets

    /// `(expression)`, `(a, b)`, or a query.
    private mutating func parenthesised() throws(IglooError) -> ExpressionSyntax {
        let start = current
        try expect(.leftParenthesis)
        if atQuery {
            let query = try query()
            try expect(.rightParenthesis)
            return ExpressionSyntax(.query(query), range(from: start))
        }
        let first = try expressionOrSetOperation()
        guard accept(.comma) else {
            try expect(.rightParenthesis)
            return ExpressionSyntax(first.kind, range(from: start))
        }
        var values = [first]
        repeat { values.append(try expression()) } while accept(.comma)
        try expect(.rightParenthesis)
        return ExpressionSyntax(.row(values), range(from: start))
    }

    /// An expression behind a parenthesis. A query in parentheses may turn out to be the first
    /// operand of a set operation: `((SELECT 1) UNION SELECT 2)`.
    mutating func expressionOrSetOperation() throws(IglooError) -> ExpressionSyntax {
        let start = current
        let value = try expression()
        guard case .query(let query) = value.kind, start.kind == .leftParenthesis, atQueryTail
        else { return value }
        let whole = try self.query(continuing: query, from: start)
        return ExpressionSyntax(.query(whole), range(from: start))
    }

    /// `[a, b]`, from behind the opening bracket.
    private mutating func arrayElements(_ start: Token) throws(IglooError) -> ExpressionSyntax {
        var values: [ExpressionSyntax] = []
        // A comma may stand behind the last item, as in DuckDB.
        while !at(.rightBracket) {
            values.append(try expression())
            guard accept(.comma) else { break }
        }
        if values.count == 1, at(.for) { return try comprehension(values[0], start) }
        try expect(.rightBracket)
        return ExpressionSyntax(.array(values), range(from: start))
    }

    /// `[value FOR x, i IN list IF condition]`. The index counts all items, also those left out.
    private mutating func comprehension(
        _ value: ExpressionSyntax, _ start: Token
    ) throws(IglooError) -> ExpressionSyntax {
        try expect(.for)
        var variables: [Identifier] = []
        repeat { variables.append(try identifier()) } while accept(.comma)
        try expect(.in)
        var list = try expression()
        guard at(.word), Identifier.folded(text(current)) == "if" else {
            try expect(.rightBracket)
            return calling("list_transform", list, variables, value, start)
        }
        advance()
        let condition = try expression()
        try expect(.rightBracket)
        guard variables.count > 1 else {
            list = calling("list_filter", list, variables, condition, start)
            return calling("list_transform", list, variables, value, start)
        }
        return indexed(value, variables, list, condition, start)
    }

    /// Whether each item counts and what it becomes, then the latter of those that count.
    private func indexed(
        _ value: ExpressionSyntax, _ variables: [Identifier], _ list: ExpressionSyntax,
        _ condition: ExpressionSyntax, _ start: Token
    ) -> ExpressionSyntax {
        let (kept, result) = (
            Identifier("kept", range: start.range), Identifier("result", range: start.range)
        )
        let branch = Conditional.Branch(condition: condition, result: value)
        let pair = ExpressionSyntax(
            .structure([
                .init(name: kept, value: condition),
                .init(
                    name: result,
                    value: ExpressionSyntax(
                        .conditional(Conditional(branches: [branch])), value.range)),
            ]), value.range)
        func part(_ field: Identifier) -> ExpressionSyntax {
            let item = QualifiedName([variables[0]], range: start.range)
            return ExpressionSyntax(
                .field(ExpressionSyntax(.column(item), start.range), field), start.range)
        }
        let pairs = calling("list_transform", list, variables, pair, start)
        let chosen = calling("list_filter", pairs, [variables[0]], part(kept), start)
        return calling("list_transform", chosen, [variables[0]], part(result), start)
    }

    private func calling(
        _ name: String, _ list: ExpressionSyntax, _ variables: [Identifier],
        _ body: ExpressionSyntax, _ start: Token
    ) -> ExpressionSyntax {
        let range = range(from: start)
        var call = FunctionCall(
            name: QualifiedName([Identifier(name, range: start.range)], range: start.range))
        call.arguments = [list, ExpressionSyntax(.lambda(variables, body), range)]
        return ExpressionSyntax(.call(call), range)
    }

    /// `{'name': value}`
    private mutating func structure() throws(IglooError) -> ExpressionSyntax {
        let start = current
        try expect(.leftBrace)
        var fields: [ExpressionSyntax.NamedValue] = []
        while !at(.rightBrace) {
            let token = current
            // Keys keep their case, with quotes or without.
            let text = atString ? try stringText() : try label().written
            let name = Identifier(text, isQuoted: true, range: token.range)
            try expect(.colon)
            fields.append(.init(name: name, value: try expression()))
            guard accept(.comma) else { break }
        }
        try expect(.rightBrace)
        return ExpressionSyntax(.structure(fields), range(from: start))
    }

    /// `MAP {key: value, ...}` is `map([key, ...], [value, ...])`.
    private mutating func mapLiteral() throws(IglooError) -> ExpressionSyntax {
        let start = current
        advance()
        try expect(.leftBrace)
        var (keys, values): ([ExpressionSyntax], [ExpressionSyntax]) = ([], [])
        while !at(.rightBrace) {
            keys.append(try expression())
            try expect(.colon)
            values.append(try expression())
            guard accept(.comma) else { break }
        }
        try expect(.rightBrace)
        let range = range(from: start)
        var call = FunctionCall(
            name: QualifiedName([Identifier("map", range: start.range)], range: start.range))
        call.arguments = [
            ExpressionSyntax(.array(keys), range), ExpressionSyntax(.array(values), range),
        ]
        return ExpressionSyntax(.call(call), range)
    }

    mutating func array(_ start: Token) throws(IglooError) -> ExpressionSyntax {
        try expect(.array)
        if accept(.leftParenthesis) {
            let query = try query()
            try expect(.rightParenthesis)
            return ExpressionSyntax(.arrayQuery(query), range(from: start))
        }
        try expect(.leftBracket)
        return try arrayElements(start)
    }

    // MARK: - Names

    /// A column, `table.*`, a call, or `type 'text'`.
    private mutating func nameOrCall() throws(IglooError) -> ExpressionSyntax {
        if at(.word), token(ahead: 1).kind == .leftBrace,
            Identifier.folded(text(current)) == "map"
        {
            return try mapLiteral()
        }
        if let literal = try constantName() { return literal }
        let (name, star) = try columnName()
        if let star { return star }
        if at(.leftParenthesis) { return try call(name) }
        return ExpressionSyntax(.column(name), name.range)
    }

    /// `DATE 'text'`, CURRENT_DATE; an error for what can name nothing here.
    private mutating func constantName() throws(IglooError) -> ExpressionSyntax? {
        let start = current
        if start.kind == .word, start.keyword.map({ $0.category == .reserved }) ?? false {
            throw syntaxError()
        }
        if start.kind == .word, token(ahead: 1).kind == .string, isName(start) {
            return try typedLiteral()
        }
        if let constant = try valueFunction() { return constant }
        // Words such as LEFT name functions, never columns.
        let isFunction = token(ahead: 1).kind == .leftParenthesis
        guard isName(start) || isFunction else { throw syntaxError() }
        return nil
    }

    /// A name of one or more parts; with `.*` behind it, a star.
    private mutating func columnName() throws(IglooError) -> (QualifiedName, ExpressionSyntax?) {
        let start = current
        var parts = [try label()]
        while at(.dot) {
            advance()
            if atSymbol("*") {
                advance()
                let name = QualifiedName(parts, range: parts[0].range)
                let star = Star(qualifier: name)
                return (name, ExpressionSyntax(.star(star), range(from: start)))
            }
            parts.append(try label())
        }
        return (QualifiedName(parts, range: range(from: start)), nil)
    }

    /// `DATE '2024-01-31'`
    private mutating func typedLiteral() throws(IglooError) -> ExpressionSyntax {
        let start = current
        advance()
        let type = TypeName.named(
            Identifier.folded(text(start)), modifiers: [], start.range)
        let text = try stringText()
        return ExpressionSyntax(.literal(.typed(type, text)), range(from: start))
    }

    /// CURRENT_DATE and its kin are calls without parentheses.
    private mutating func valueFunction() throws(IglooError) -> ExpressionSyntax? {
        let token = current
        guard token.kind == .word, token.keyword == nil,
            self.token(ahead: 1).kind != .leftParenthesis, self.token(ahead: 1).kind != .dot,
            Self.valueFunctions.contains(Identifier.folded(text(token)))
        else { return nil }
        let name = try qualifiedName()
        return ExpressionSyntax(.call(FunctionCall(name: name)), token.range)
    }

    private static let valueFunctions: Set<String> = [
        "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
        "current_user", "session_user", "current_role", "current_catalog",
        "current_schema",
    ]
}
