// SPDX-License-Identifier: MIT

internal import IglooContracts

// Expressions with a syntax of their own: CASE, CAST, EXTRACT, INTERVAL ...
extension Parser {
    /// The expression that `keyword` begins, or `nil` when it is a name here.
    mutating func special(_ keyword: Keyword) throws(IglooError) -> ExpressionSyntax? {
        let start = current
        let opens = token(ahead: 1).kind == .leftParenthesis
        switch keyword {
        case .null, .true, .false: return wordLiteral(keyword)
        case .case: return try conditional()
        case .cast: return try cast(isTry: false)
        case .trycast where opens: return try cast(isTry: true)
        case .array: return try array(start)
        case .exists where opens: return try exists()
        case .row where opens: return try row()
        case .extract where opens: return try extract()
        case .substring where opens: return try substring()
        case .position where opens: return try position()
        case .trim where opens: return try trim()
        case .overlay where opens: return try overlay()
        case .interval: return try interval()
        case .timestamp, .time: return try timeLiteral()
        default: return nil
        }
    }

    private mutating func wordLiteral(_ keyword: Keyword) -> ExpressionSyntax {
        let range = current.range
        advance()
        let literal: Literal = keyword == .null ? .null : .boolean(keyword == .true)
        return ExpressionSyntax(.literal(literal), range)
    }

    /// `ROW(a, b)`
    private mutating func row() throws(IglooError) -> ExpressionSyntax {
        let start = current
        advance()
        try expect(.leftParenthesis)
        let values = at(.rightParenthesis) ? [] : try expressionList()
        try expect(.rightParenthesis)
        return ExpressionSyntax(.row(values), range(from: start))
    }

    private mutating func conditional() throws(IglooError) -> ExpressionSyntax {
        let start = current
        try expect(.case)
        let operand = at(.when) ? nil : try expression()
        var branches: [Conditional.Branch] = []
        try expect(.when)
        repeat {
            let condition = try expression()
            try expect(.then)
            branches.append(.init(condition: condition, result: try expression()))
        } while accept(.when)
        let otherwise = accept(.else) ? try expression() : nil
        try expect(Keyword.end)
        let node = Conditional(operand: operand, branches: branches, otherwise: otherwise)
        return ExpressionSyntax(.conditional(node), range(from: start))
    }

    private mutating func cast(isTry: Bool) throws(IglooError) -> ExpressionSyntax {
        let start = current
        advance()
        try expect(.leftParenthesis)
        let value = try expression()
        try expect(.as)
        let type = try typeName()
        try expect(.rightParenthesis)
        return ExpressionSyntax(.cast(value, type, isTry: isTry), range(from: start))
    }

    private mutating func exists() throws(IglooError) -> ExpressionSyntax {
        let start = current
        advance()
        let value = try primary()
        guard case .query(let query) = value.kind else {
            throw syntaxError("EXISTS needs a query in parentheses", at: start)
        }
        return ExpressionSyntax(.exists(query), range(from: start))
    }

    private mutating func extract() throws(IglooError) -> ExpressionSyntax {
        let start = current
        advance()
        try expect(.leftParenthesis)
        let token = current
        let field =
            atString
            ? Identifier(try stringText(), range: token.range) : try label()
        try expect(.from)
        let value = try expression()
        try expect(.rightParenthesis)
        return ExpressionSyntax(.extract(field: field, value), range(from: start))
    }

    /// A special form of a plain function, as a call of that function.
    private func call(
        _ name: String, _ arguments: [ExpressionSyntax], _ start: Token
    ) -> ExpressionSyntax {
        let identifier = Identifier(name, range: start.range)
        var call = FunctionCall(name: QualifiedName([identifier], range: start.range))
        call.arguments = arguments
        return ExpressionSyntax(.call(call), range(from: start))
    }

    /// `substring(x FROM a FOR b)`, or with commas.
    private mutating func substring() throws(IglooError) -> ExpressionSyntax {
        let start = current
        advance()
        try expect(.leftParenthesis)
        // SIMILAR must not be taken for the operator, so the text binds tighter.
        var arguments = [try expression(.other)]
        if accept(.from) {
            arguments.append(try expression())
            if accept(.for) { arguments.append(try expression()) }
        } else if accept(.similar) {
            arguments.append(try expression(.other))
            try expect(.escape)
            arguments.append(try expression())
        } else if accept(.for) {
            let one = ExpressionSyntax(.literal(.integer("1")), start.range)
            arguments += [one, try expression()]
        } else {
            while accept(.comma) { arguments.append(try expression()) }
        }
        try expect(.rightParenthesis)
        return call("substring", arguments, start)
    }

    /// `position(part IN text)` is `position(text, part)`.
    private mutating func position() throws(IglooError) -> ExpressionSyntax {
        let start = current
        advance()
        try expect(.leftParenthesis)
        // IN must not be taken for the operator, so the part binds tighter.
        let part = try expression(.other)
        guard accept(.in) else {
            var arguments = [part]
            while accept(.comma) { arguments.append(try expression()) }
            try expect(.rightParenthesis)
            return call("position", arguments, start)
        }
        let whole = try expression()
        try expect(.rightParenthesis)
        return call("position", [whole, part], start)
    }

    /// `trim([LEADING | TRAILING | BOTH] [characters] FROM text)`
    private mutating func trim() throws(IglooError) -> ExpressionSyntax {
        let start = current
        advance()
        try expect(.leftParenthesis)
        var name = "trim"
        if accept(.leading) {
            name = "ltrim"
        } else if accept(.trailing) {
            name = "rtrim"
        } else {
            _ = accept(.both)
        }
        if accept(.from) {
            let text = try expressionList()
            try expect(.rightParenthesis)
            return call(name, text, start)
        }
        var arguments = [try expression()]
        if accept(.from) {
            arguments.insert(try expression(), at: 0)
        } else {
            while accept(.comma) { arguments.append(try expression()) }
        }
        try expect(.rightParenthesis)
        return call(name, arguments, start)
    }

    /// `overlay(text PLACING other FROM start FOR count)`
    private mutating func overlay() throws(IglooError) -> ExpressionSyntax {
        let start = current
        advance()
        try expect(.leftParenthesis)
        var arguments = [try expression()]
        if accept(.placing) {
            arguments.append(try expression())
            try expect(.from)
            arguments.append(try expression())
            if accept(.for) { arguments.append(try expression()) }
        } else {
            while accept(.comma) { arguments.append(try expression()) }
        }
        try expect(.rightParenthesis)
        return call("overlay", arguments, start)
    }

    // MARK: - Dates and times

    /// `INTERVAL '1 day'`, `INTERVAL '3' MONTH`, `INTERVAL 3 MONTH`, `INTERVAL (x) DAY`.
    private mutating func interval() throws(IglooError) -> ExpressionSyntax? {
        let start = current
        let next = token(ahead: 1)
        switch next.kind {
        case .string, .escapeString, .dollarString:
            advance()
            let text = try stringText()
            let unit = try intervalQualifier()
            return ExpressionSyntax(.literal(.interval(text, unit: unit)), range(from: start))
        case .integer, .decimal:
            advance()
            let number = text(current)
            advance()
            guard let unit = try intervalQualifier() else { throw syntaxError() }
            return ExpressionSyntax(.literal(.interval(number, unit: unit)), range(from: start))
        case .leftParenthesis:
            return try computedInterval()
        default: return nil
        }
    }

    /// `INTERVAL (x) DAY` is x times one day.
    private mutating func computedInterval() throws(IglooError) -> ExpressionSyntax {
        let start = current
        advance()
        try expect(.leftParenthesis)
        let count = try expression()
        try expect(.rightParenthesis)
        guard let unit = try intervalQualifier() else { throw syntaxError() }
        let one = ExpressionSyntax(.literal(.interval("1", unit: unit)), range(from: start))
        return ExpressionSyntax(
            .infix(Operator("*", range: start.range), count, one), range(from: start))
    }

    private static let intervalFields: Set<String> = [
        "year", "month", "day", "hour", "minute", "second", "week", "quarter", "millisecond",
        "microsecond", "decade", "century", "millennium",
    ]

    /// `MONTH`, `DAYS`, `DAY TO SECOND`.
    mutating func intervalQualifier() throws(IglooError) -> IntervalQualifier? {
        guard let from = intervalField() else { return nil }
        guard accept(.to) else { return IntervalQualifier(from: from) }
        guard let to = intervalField() else { throw syntaxError() }
        return IntervalQualifier(from: from, to: to)
    }

    private mutating func intervalField() -> String? {
        guard at(.word) else { return nil }
        var word = Identifier.folded(text(current))
        if !Self.intervalFields.contains(word), word.hasSuffix("s") { word.removeLast() }
        guard Self.intervalFields.contains(word) else { return nil }
        advance()
        return word
    }

    /// `TIMESTAMP [(p)] [WITH TIME ZONE] 'text'`, when that is what stands here.
    private mutating func timeLiteral() throws(IglooError) -> ExpressionSyntax? {
        let start = current
        var ahead = 1
        if token(ahead: 1).kind == .leftParenthesis, token(ahead: 3).kind == .rightParenthesis {
            ahead = 4
        }
        let zone = token(ahead: ahead).keyword
        if zone == .with || zone == .without, token(ahead: ahead + 1).keyword == .time {
            ahead += 3
        }
        guard token(ahead: ahead).kind == .string, ahead > 1 else { return nil }
        let type = try typeName()
        let text = try stringText()
        return ExpressionSyntax(.literal(.typed(type, text)), range(from: start))
    }
}
