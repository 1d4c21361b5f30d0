// SPDX-License-Identifier: MIT

internal import IglooContracts

// Function calls and windows.
extension Parser {
    /// From the opening parenthesis behind `name`.
    mutating func call(_ name: QualifiedName) throws(IglooError) -> ExpressionSyntax {
        var call = FunctionCall(name: name)
        try expect(.leftParenthesis)
        if atSymbol("*"), token(ahead: 1).kind == .rightParenthesis {
            advance()
            call.isStar = true
        } else if !at(.rightParenthesis) {
            try arguments(of: &call)
        }
        try expect(.rightParenthesis)
        try callTail(&call)
        return ExpressionSyntax(
            .call(call), SourceRange(name.range.start, range(from: current).end))
    }

    private mutating func arguments(of call: inout FunctionCall) throws(IglooError) {
        if accept(.distinct) { call.isDistinct = true } else { _ = accept(.all) }
        if atQuery {
            // `array(SELECT ...)`-like calls of plain functions: the query is the one argument.
            let start = current
            let query = try query()
            call.arguments = [ExpressionSyntax(.query(query), range(from: start))]
            return
        }
        repeat {
            if let name = try argumentName() {
                call.namedArguments.append(.init(name: name, value: try expression()))
            } else {
                let lambda = try lambda(of: call.name)
                if let lambda { call.arguments.append(lambda) }
                if lambda == nil { call.arguments.append(try argument()) }
            }
        } while accept(.comma)
        if accept(.order, .by) { call.orderBy = try sortItems() }
        call.nullTreatment = nullTreatment() ?? call.nullTreatment
        if !call.isDistinct, call.arguments.count == 1, call.namedArguments.isEmpty,
            call.orderBy.isEmpty, call.arguments[0].kind == .star(Star())
        {
            // `count(ALL *)`
            call.arguments = []
            call.isStar = true
        }
    }

    /// `LAMBDA x: body` anywhere; `x -> body` where the function takes one, since `->` also takes
    /// a value out of JSON.
    private mutating func lambda(
        of function: QualifiedName
    ) throws(IglooError) -> ExpressionSyntax? {
        let start = current
        if at(.word), Identifier.folded(text(current)) == "lambda",
            token(ahead: 1).kind == .word,
            token(ahead: 2).kind == .colon || token(ahead: 2).kind == .comma
        {
            advance()
            var variables: [Identifier] = []
            repeat { variables.append(try identifier()) } while accept(.comma)
            try expect(.colon)
            return ExpressionSyntax(.lambda(variables, try expression()), range(from: start))
        }
        guard FunctionNames.takesLambda(function.parts.last?.name ?? ""),
            let count = variableCount()
        else { return nil }
        _ = accept(.leftParenthesis)
        var variables: [Identifier] = []
        for _ in 0..<count {
            variables.append(try identifier())
            _ = accept(.comma)
        }
        _ = accept(.rightParenthesis)
        advance()
        return ExpressionSyntax(.lambda(variables, try expression()), range(from: start))
    }

    /// How many variables a lambda that begins here has.
    private func variableCount() -> Int? {
        func isArrow(_ ahead: Int) -> Bool {
            token(ahead: ahead).kind == .symbol && text(token(ahead: ahead)) == "->"
        }
        if at(.word) || at(.quotedIdentifier) { return isArrow(1) ? 1 : nil }
        guard at(.leftParenthesis) else { return nil }
        var count = 0
        while token(ahead: 1 + 2 * count).kind == .word {
            count += 1
            switch token(ahead: 2 * count).kind {
            case .comma: continue
            case .rightParenthesis: return isArrow(2 * count + 1) ? count : nil
            default: return nil
            }
        }
        return nil
    }

    private mutating func argument() throws(IglooError) -> ExpressionSyntax {
        let start = current
        if acceptSymbol("*") {
            guard isColumnsCall else { return try star(Star(), start) }
            var star = Star()
            star.unpacked = try expression(.postfix)
            return ExpressionSyntax(.star(star), range(from: start))
        }
        let value = try expressionOrSetOperation()
        if case .star(let qualified) = value.kind { return try star(qualified, start) }
        return value
    }

    private var isColumnsCall: Bool {
        isWord(current, "columns") && token(ahead: 1).kind == .leftParenthesis
    }

    /// `name :=` or `name =>`
    private mutating func argumentName() throws(IglooError) -> Identifier? {
        let follower = token(ahead: 1).kind
        guard at(.word) || at(.quotedIdentifier), follower == .assign || follower == .arrow else {
            return nil
        }
        let name = try label()
        advance()
        return name
    }

    private mutating func nullTreatment() -> FunctionCall.NullTreatment? {
        if accept(.ignore, .nulls) { return .ignore }
        if accept(.respect, .nulls) { return .respect }
        return nil
    }

    private mutating func callTail(_ call: inout FunctionCall) throws(IglooError) {
        if accept(.within, .group) {
            try expect(.leftParenthesis)
            try expect(.order)
            try expect(.by)
            call.withinGroup = try sortItems()
            try expect(.rightParenthesis)
        }
        call.nullTreatment = nullTreatment() ?? call.nullTreatment
        if current.keyword == .filter, token(ahead: 1).kind == .leftParenthesis {
            advance()
            advance()
            _ = accept(.where)
            call.filter = try expression()
            try expect(.rightParenthesis)
        }
        if accept(.over) {
            call.window =
                at(.leftParenthesis)
                ? .inline(try windowDefinition()) : .named(try identifier())
        }
    }

    // MARK: - Windows

    mutating func windowDefinition() throws(IglooError) -> WindowDefinition {
        let start = current
        try expect(.leftParenthesis)
        var window = WindowDefinition(range: start.range)
        if atName, !at(.partition), !at(.rows), !at(.range), !at(.groups) {
            window.base = try identifier()
        }
        if accept(.partition, .by) { window.partitionBy = try expressionList() }
        if accept(.order, .by) { window.orderBy = try sortItems() }
        window.frame = try frame()
        try expect(.rightParenthesis)
        window.range = range(from: start)
        return window
    }

    private mutating func frame() throws(IglooError) -> WindowFrame? {
        let unit: WindowFrame.Unit
        if accept(.rows) {
            unit = .rows
        } else if accept(.range) {
            unit = .range
        } else if accept(.groups) {
            unit = .groups
        } else {
            return nil
        }
        var frame = WindowFrame(unit: unit, start: .currentRow)
        if accept(.between) {
            frame.start = try bound()
            try expect(.and)
            frame.end = try bound()
        } else {
            frame.start = try bound()
        }
        if accept(.exclude) { frame.exclusion = try exclusion() }
        return frame
    }

    private mutating func bound() throws(IglooError) -> WindowFrame.Bound {
        if accept(.unbounded) {
            if accept(.preceding) { return .unboundedPreceding }
            try expect(.following)
            return .unboundedFollowing
        }
        if accept(.current, .row) { return .currentRow }
        let distance = try expression()
        if accept(.preceding) { return .preceding(distance) }
        try expect(.following)
        return .following(distance)
    }

    private mutating func exclusion() throws(IglooError) -> WindowFrame.Exclusion {
        if accept(.current) {
            try expect(.row)
            return .currentRow
        }
        if accept(.group) { return .group }
        if accept(.ties) { return .ties }
        try expect(.no)
        try expect(.others)
        return .noOthers
    }
}
