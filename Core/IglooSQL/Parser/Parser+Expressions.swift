// SPDX-License-Identifier: MIT

internal import IglooContracts

// Operators, by precedence climbing.
extension Parser {
    mutating func expression() throws(IglooError) -> ExpressionSyntax { try expression(.lowest) }

    /// An expression whose operators bind at least as tightly as `minimum`.
    mutating func expression(_ minimum: Precedence) throws(IglooError) -> ExpressionSyntax {
        let outer = try enter()
        var left = try prefix()
        while let next = try infix(left, minimum) {
            left = next
            try grow()
        }
        leave(outer)
        return left
    }

    mutating func expressionList() throws(IglooError) -> [ExpressionSyntax] {
        var list: [ExpressionSyntax] = []
        repeat { list.append(try expression()) } while accept(.comma)
        return list
    }

    // Functions on the way from one level of nesting to the next are kept small: all of their
    // frames stand on the stack at once.

    private mutating func prefix() throws(IglooError) -> ExpressionSyntax {
        if at(.not) || at(.symbol) { return try prefixOperator() }
        let start = current
        return try postfix(try primary(), from: start)
    }

    private mutating func prefixOperator() throws(IglooError) -> ExpressionSyntax {
        let start = current
        if accept(.not) {
            return ExpressionSyntax(.not(try expression(.not)), range(from: start))
        }
        let symbol = text(start)
        let precedence: Precedence
        switch symbol {
        case "-", "+": precedence = .sign
        case "~", "@", "|/", "||/": precedence = .other
        default: throw syntaxError()
        }
        advance()
        let operand = try expression(precedence)
        let sign = Operator(symbol, range: start.range)
        return ExpressionSyntax(.prefix(sign, operand), range(from: start))
    }

    /// `left` with the operator behind it and its right side, or `nil` when none follows that
    /// binds tightly enough.
    private mutating func infix(
        _ left: ExpressionSyntax, _ minimum: Precedence
    ) throws(IglooError) -> ExpressionSyntax? {
        // Behind an operand `?` is an operator, no parameter.
        if at(.symbol) || at(.parameter) && text(current) == "?" {
            return try symbolInfix(left, minimum)
        }
        guard at(.word) else { return nil }
        if text(current).lowercased() == "operator",
            let found = try qualifiedInfix(left, minimum)
        {
            return found
        }
        // An unknown word after an operand is often a misspelt AND or OR.
        guard let keyword = current.keyword else {
            if let periods = try overlaps(left, minimum) { return periods }
            _ = at(.and)
            _ = at(.or)
            return nil
        }
        switch keyword {
        case .and where minimum <= .and: return try logical(left, .and, .and)
        case .or where minimum <= .or: return try logical(left, .or, .or)
        case .is where isNormalForm: return minimum <= .isTest ? try normalForm(left) : nil
        case .is, .isnull, .notnull: return minimum <= .isTest ? try test(left) : nil
        case .not where token(ahead: 1).keyword == .null:
            guard minimum <= .isTest else { return nil }
            advance()
            advance()
            return node(.test(left, .null, isNegated: true), from: left)
        case .between, .in, .like, .ilike, .similar, .glob, .not:
            return minimum <= .pattern ? try pattern(left) : nil
        case .collate where minimum <= .collate:
            advance()
            return node(.collate(left, try qualifiedName()), from: left)
        case .at where minimum <= .atTimeZone:
            guard token(ahead: 1).keyword == .time, token(ahead: 2).keyword == .zone else {
                return nil
            }
            advance()
            advance()
            advance()
            return node(.atTimeZone(left, zone: try expression(.collate)), from: left)
        default: return nil
        }
    }

    /// `(a, b) OVERLAPS (c, d)` is a call with four arguments.
    private mutating func overlaps(
        _ left: ExpressionSyntax, _ minimum: Precedence
    ) throws(IglooError) -> ExpressionSyntax? {
        guard minimum <= .pattern, case .row(let first) = left.kind, first.count == 2,
            token(ahead: 1).kind == .leftParenthesis,
            Identifier.folded(text(current)) == "overlaps"
        else { return nil }
        let name = try qualifiedName()
        guard case .row(let second) = try expression(.other).kind, second.count == 2 else {
            throw syntaxError()
        }
        var call = FunctionCall(name: name)
        call.arguments = first + second
        return node(.call(call), from: left)
    }

    /// `IS [NOT] [NFC] NORMALIZED`
    private var isNormalForm: Bool {
        func word(_ count: Int) -> String {
            let found = token(ahead: count)
            return found.kind == .word ? Identifier.folded(text(found)) : ""
        }
        let first = word(1) == "not" ? 2 : 1
        let isForm = ["nfc", "nfd", "nfkc", "nfkd"].contains(word(first))
        return word(isForm ? first + 1 : first) == "normalized"
    }

    private mutating func normalForm(
        _ left: ExpressionSyntax
    ) throws(IglooError) -> ExpressionSyntax? {
        let start = current
        advance()
        let isNegated = accept(.not)
        var call = FunctionCall(
            name: QualifiedName(
                [Identifier("is_normalized", range: start.range)], range: start.range))
        call.arguments = [left]
        if Identifier.folded(text(current)) != "normalized" {
            let form = text(current).uppercased()
            guard ["NFC", "NFD", "NFKC", "NFKD"].contains(form) else { throw syntaxError() }
            call.arguments.append(
                ExpressionSyntax(.literal(.string(form)), current.range))
            advance()
        }
        guard Identifier.folded(text(current)) == "normalized" else { throw syntaxError() }
        advance()
        let test = node(.call(call), from: left)
        return isNegated ? node(.not(test), from: left) : test
    }

    /// A node that begins where its first operand does.
    func node(
        _ kind: ExpressionSyntax.Kind, from first: ExpressionSyntax
    ) -> ExpressionSyntax {
        ExpressionSyntax(kind, SourceRange(first.range.start, range(from: current).end))
    }

    private mutating func logical(
        _ left: ExpressionSyntax, _ connective: ExpressionSyntax.Connective, _ keyword: Keyword
    ) throws(IglooError) -> ExpressionSyntax {
        var operands = [left]
        let tighter: Precedence = connective == .and ? .not : .and
        while accept(keyword) { operands.append(try expression(tighter)) }
        return node(.logical(connective, operands), from: left)
    }

    // MARK: - Symbols

    private mutating func symbolInfix(
        _ left: ExpressionSyntax, _ minimum: Precedence
    ) throws(IglooError) -> ExpressionSyntax? {
        let token = current
        let symbol = Self.canonical(text(token))
        let precedence = Precedence.ofInfix(symbol)
        guard precedence >= minimum else { return nil }
        advance()
        return try infix(left, symbol, precedence, token)
    }

    /// `OPERATOR(pg_catalog.~)`: the schema says nothing. Such operators bind alike.
    private mutating func qualifiedInfix(
        _ left: ExpressionSyntax, _ minimum: Precedence
    ) throws(IglooError) -> ExpressionSyntax? {
        guard Precedence.other >= minimum, token(ahead: 1).kind == .leftParenthesis else {
            return nil
        }
        advance()
        advance()
        if at(.word) || at(.quotedIdentifier) {
            _ = try label()
            try expect(.dot)
        }
        let token = current
        guard at(.symbol) else { throw syntaxError() }
        advance()
        try expect(.rightParenthesis)
        return try infix(left, Self.canonical(text(token)), .other, token)
    }

    /// The operator's right side and what is made of both; the operator has been read.
    private mutating func infix(
        _ left: ExpressionSyntax, _ symbol: String, _ precedence: Precedence, _ token: Token
    ) throws(IglooError) -> ExpressionSyntax {
        let sign = Operator(symbol, range: token.range)
        if at(.any) || at(.some) || at(.all), self.token(ahead: 1).kind == .leftParenthesis {
            return try quantified(left, sign)
        }
        let right = try expression(precedence.above)
        if precedence == .comparison, atComparison {
            // Comparisons do not associate: `a < b < c` has no meaning in SQL.
            throw syntaxError()
        }
        return node(.infix(sign, left, right), from: left)
    }

    private var atComparison: Bool {
        at(.symbol)
            && Precedence.ofInfix(Self.canonical(text(current))) == .comparison
    }

    private static func canonical(_ symbol: String) -> String {
        switch symbol {
        case "!=": "<>"
        case "==": "="
        case "**": "^"
        default: symbol
        }
    }

    private mutating func quantified(
        _ left: ExpressionSyntax, _ sign: Operator
    ) throws(IglooError) -> ExpressionSyntax {
        let isAll = current.keyword == .all
        advance()
        try expect(.leftParenthesis)
        let operand: ExpressionSyntax.Operand
        if atQuery {
            operand = .query(try query())
        } else {
            let value = try expressionOrSetOperation()
            if case .query(let query) = value.kind {
                operand = .query(query)
            } else {
                operand = .array(value)
            }
        }
        try expect(.rightParenthesis)
        return node(.quantified(left, sign, isAll: isAll, operand), from: left)
    }

    // MARK: - Word operators

    private mutating func test(_ left: ExpressionSyntax) throws(IglooError) -> ExpressionSyntax {
        if accept(.isnull) { return node(.test(left, .null, isNegated: false), from: left) }
        if accept(.notnull) { return node(.test(left, .null, isNegated: true), from: left) }
        try expect(.is)
        let isNegated = accept(.not)
        if accept(.distinct) {
            try expect(.from)
            let right = try expression(.comparison)
            return node(.isDistinct(left, right, isNegated: isNegated), from: left)
        }
        let test: ExpressionSyntax.TruthTest
        if accept(.null) {
            test = .null
        } else if accept(.true) {
            test = .true
        } else if accept(.false) {
            test = .false
        } else if accept(.unknown) {
            test = .unknown
        } else {
            throw syntaxError()
        }
        return node(.test(left, test, isNegated: isNegated), from: left)
    }

    mutating func pattern(
        _ left: ExpressionSyntax
    ) throws(IglooError) -> ExpressionSyntax? {
        let isNegated = current.keyword == .not
        let word = isNegated ? token(ahead: 1).keyword : current.keyword
        switch word {
        case .between, .in, .like, .ilike, .similar, .glob: break
        default:
            // `x NOT` and no such operator: a misspelt one, or the end of the expression.
            return nil
        }
        if isNegated { advance() }
        if accept(.between) { return try between(left, isNegated) }
        if accept(.in) { return try membership(left, isNegated) }
        let kind: PatternMatch.Kind
        if accept(.like) {
            kind = .like
        } else if accept(.ilike) {
            kind = .ilike
        } else if accept(.glob) {
            kind = .glob
        } else {
            try expect(.similar)
            try expect(.to)
            kind = .similar
        }
        let sign: String? =
            kind == .like
            ? (isNegated ? "!~~" : "~~") : kind == .ilike ? (isNegated ? "!~~*" : "~~*") : nil
        if let sign, at(.any) || at(.some) || at(.all), token(ahead: 1).kind == .leftParenthesis {
            return try quantified(left, Operator(sign, range: left.range))
        }
        let pattern = try expression(.other)
        var escape: ExpressionSyntax?
        if accept(.escape) { escape = try expression(.other) }
        let match = PatternMatch(
            kind: kind, value: left, pattern: pattern, escape: escape, isNegated: isNegated)
        return node(.pattern(match), from: left)
    }

    private mutating func between(
        _ left: ExpressionSyntax, _ isNegated: Bool
    ) throws(IglooError) -> ExpressionSyntax {
        let isSymmetric = accept(.symmetric)
        if !isSymmetric { _ = accept(.asymmetric) }
        let lower = try expression(.other)
        try expect(.and)
        let upper = try expression(.other)
        let between = Between(
            value: left, lower: lower, upper: upper, isSymmetric: isSymmetric,
            isNegated: isNegated)
        return node(.between(between), from: left)
    }

    private mutating func membership(
        _ left: ExpressionSyntax, _ isNegated: Bool
    ) throws(IglooError) -> ExpressionSyntax {
        guard at(.leftParenthesis) else {
            // DuckDB's `x IN list`.
            let sign = Operator("=", range: left.range)
            let list = try expression(.other)
            let found = node(
                .quantified(left, sign, isAll: false, .array(list)), from: left)
            return isNegated ? node(.not(found), from: left) : found
        }
        try expect(.leftParenthesis)
        if atQuery {
            let query = try query()
            try expect(.rightParenthesis)
            return node(.inQuery(left, query, isNegated: isNegated), from: left)
        }
        var list = [try expressionOrSetOperation()]
        while accept(.comma) { list.append(try expression()) }
        try expect(.rightParenthesis)
        if list.count == 1, case .query(let query) = list[0].kind {
            return node(.inQuery(left, query, isNegated: isNegated), from: left)
        }
        return node(.inList(left, list, isNegated: isNegated), from: left)
    }
}
