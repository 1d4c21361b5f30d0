// SPDX-License-Identifier: MIT

internal import IglooContracts

// PIVOT and UNPIVOT: DuckDB's statements, and the standard's forms behind a table. Their words are
// no keywords: they may still name columns and tables.
extension Parser {
    func isWord(_ token: Token, _ word: String) -> Bool {
        token.kind == .word && token.keyword == nil && Identifier.folded(text(token)) == word
    }

    private mutating func accept(word: String) -> Bool {
        guard isWord(current, word) else { return false }
        advance()
        return true
    }

    /// `PIVOT table ON`: the statement begins here.
    var atPivotQuery: Bool {
        guard isWord(current, "pivot") || isWord(current, "unpivot") else { return false }
        let next = token(ahead: 1)
        switch next.kind {
        case .string, .leftParenthesis: return true
        case .word where next.keyword?.category == .columnName: return false
        default: return isName(next)
        }
    }

    /// `table PIVOT (`: what stands here is no alias of the table.
    var atPivotOperator: Bool {
        let next = token(ahead: 1)
        if isWord(current, "pivot") { return next.kind == .leftParenthesis }
        guard isWord(current, "unpivot") else { return false }
        return next.kind == .leftParenthesis || isWord(next, "include") || next.keyword == .exclude
    }

    // MARK: - Statements

    /// `SELECT * FROM` the rows of the statement.
    mutating func pivotQuery() throws(IglooError) -> Select {
        let start = current
        let outer = try enter()
        let table = accept(word: "pivot") ? try pivot(start) : try unpivot(start)
        leave(outer)
        let star = SelectItem(expression: ExpressionSyntax(.star(Star()), start.range))
        return Select(items: [star], from: [table], windows: [], range: range(from: start))
    }

    private mutating func pivot(_ start: Token) throws(IglooError) -> TableReference {
        var pivot = Pivot(
            source: try tableReference(), axes: [], aggregates: [], groups: [], range: start.range)
        if accept(.on) {
            repeat { pivot.axes.append(try axis()) } while accept(.comma)
        }
        if accept(.using) {
            repeat { pivot.aggregates.append(try selectItem()) } while accept(.comma)
        }
        pivot.groups = accept(.group, .by) ? try expressionList() : nil
        guard !pivot.axes.isEmpty || !pivot.aggregates.isEmpty else { throw syntaxError() }
        pivot.range = range(from: start)
        return .pivot(pivot)
    }

    private mutating func unpivot(_ start: Token) throws(IglooError) -> TableReference {
        advance()
        let source = try tableReference()
        try expect(.on)
        var unpivot = Unpivot(
            source: source, entries: try unpivotEntries(),
            name: Identifier("name", range: start.range),
            values: [Identifier("value", range: start.range)], keepsNulls: false,
            range: start.range)
        if accept(.into) {
            try expect(.name)
            unpivot.name = try identifier()
            guard accept(word: "value") || accept(.values) else { throw syntaxError() }
            unpivot.values = []
            repeat { unpivot.values.append(try identifier()) } while accept(.comma)
        }
        unpivot.range = range(from: start)
        return .unpivot(unpivot)
    }

    // MARK: - Behind a table

    mutating func pivoted(
        _ source: TableReference, from start: Token
    ) throws(IglooError) -> TableReference {
        let outer = try enter()
        defer { leave(outer) }
        if accept(word: "pivot") {
            try expect(.leftParenthesis)
            var aggregates: [SelectItem] = []
            repeat { aggregates.append(try selectItem()) } while accept(.comma)
            try expect(.for)
            var axes: [Pivot.Axis] = []
            repeat { axes.append(try axis()) } while !at(.rightParenthesis) && !at(.group)
            let groups = accept(.group, .by) ? try expressionList() : nil
            try expect(.rightParenthesis)
            let whole = range(from: start)
            return .pivot(
                Pivot(
                    source: source, axes: axes, aggregates: aggregates, groups: groups,
                    alias: try tableAlias(), range: whole))
        }
        advance()
        let keepsNulls = accept(word: "include")
        if keepsNulls || accept(.exclude) { try expect(.nulls) }
        try expect(.leftParenthesis)
        let values = at(.leftParenthesis) ? try identifierList() : [try identifier()]
        try expect(.for)
        let name = try identifier()
        try expect(.in)
        try expect(.leftParenthesis)
        let entries = try unpivotEntries()
        try expect(.rightParenthesis)
        try expect(.rightParenthesis)
        let whole = range(from: start)
        return .unpivot(
            Unpivot(
                source: source, entries: entries, name: name, values: values,
                keepsNulls: keepsNulls, alias: try tableAlias(), range: whole))
    }

    // MARK: - Axes and entries

    /// `expression [IN (values)]`
    private mutating func axis() throws(IglooError) -> Pivot.Axis {
        // A list of values may have aliases, which the operator IN does not know.
        var probe = self
        if let operand = try? probe.expression(.other), probe.accept(.in) {
            self = probe
            var expressions = [operand]
            if case .row(let parts) = operand.kind { expressions = parts }
            return Pivot.Axis(expressions: expressions, choices: try choices())
        }
        return Pivot.Axis(expressions: [try expression()], choices: .found)
    }

    private mutating func choices() throws(IglooError) -> Pivot.Axis.Choices {
        try expect(.leftParenthesis)
        if atQuery {
            let query = try query()
            try expect(.rightParenthesis)
            return .query(query)
        }
        var choices: [Pivot.Choice] = []
        repeat {
            if !choices.isEmpty, at(.rightParenthesis) { break }
            let item = try selectItem()
            var values = [item.expression]
            if case .row(let parts) = item.expression.kind { values = parts }
            choices.append(Pivot.Choice(values: values, alias: item.alias))
        } while accept(.comma)
        try expect(.rightParenthesis)
        return .listed(choices)
    }

    private mutating func unpivotEntries() throws(IglooError) -> [Unpivot.Entry] {
        var entries: [Unpivot.Entry] = []
        repeat {
            let item = try selectItem()
            var expressions = [item.expression]
            if case .row(let parts) = item.expression.kind { expressions = parts }
            entries.append(Unpivot.Entry(expressions: expressions, alias: item.alias))
        } while accept(.comma)
        return entries
    }
}
