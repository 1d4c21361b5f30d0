// SPDX-License-Identifier: MIT

internal import IglooContracts

// SELECT and its clauses.
extension Parser {
    /// `SELECT ... FROM ...`, or DuckDB's `FROM ... [SELECT ...]`.
    mutating func select() throws(IglooError) -> Select {
        let start = current
        var select = Select(items: [], from: [], windows: [], range: start.range)
        if accept(.from) {
            select.from = try tableReferences()
            if at(.select) {
                try selectList(&select)
            } else {
                select.items = [
                    SelectItem(expression: ExpressionSyntax(.star(Star()), start.range))
                ]
            }
        } else {
            try selectList(&select)
            if accept(.from) { select.from = try tableReferences() }
        }
        if accept(.where) { select.filter = try expression() }
        if accept(.group, .by) { select.groupBy = try groupBy() }
        if accept(.having) { select.having = try expression() }
        if accept(.window) { select.windows = try namedWindows() }
        if accept(.qualify) { select.qualify = try expression() }
        if at(.using), isWord(token(ahead: 1), "sample") {
            let start = current
            advance()
            advance()
            select.sample = try sample(from: start)
        }
        select.range = range(from: start)
        return select
    }

    private mutating func selectList(_ select: inout Select) throws(IglooError) {
        try expect(.select)
        if accept(.distinct) {
            select.distinct = .rows
            if accept(.on) {
                try expect(.leftParenthesis)
                select.distinct = .on(try expressionList())
                try expect(.rightParenthesis)
            }
        } else {
            _ = accept(.all)
        }
        repeat {
            // A comma may stand behind the last item, as in DuckDB.
            if !select.items.isEmpty, at(.from) { return }
            select.items.append(try selectItem())
        } while accept(.comma)
    }

    mutating func selectItem() throws(IglooError) -> SelectItem {
        if atName, token(ahead: 1).kind == .colon {
            let alias = try identifier()
            advance()
            return SelectItem(expression: try expression(), alias: alias)
        }
        if atSymbol("*") {
            let start = current
            advance()
            return SelectItem(expression: try star(Star(), start))
        }
        let start = current
        var value = try expression()
        if case .star(let star) = value.kind { value = try self.star(star, start) }
        return SelectItem(expression: value, alias: try itemAlias())
    }

    private mutating func itemAlias() throws(IglooError) -> Identifier? {
        if accept(.as) {
            let token = current
            guard atString else { return try label() }
            return Identifier(try stringText(), isQuoted: true, range: token.range)
        }
        let isBareAlias =
            at(.quotedIdentifier)
            || at(.word)
                && (current.keyword.map { $0.isBareAlias && $0.category != .reserved }
                    ?? true)
        guard isBareAlias else { return nil }
        lastBareAlias = index
        return try label()
    }

    /// BigQuery's word for EXCLUDE, where no query stands in its parentheses.
    private mutating func acceptExcept() -> Bool {
        guard at(.except), token(ahead: 1).kind == .leftParenthesis, isName(token(ahead: 2)) else {
            return false
        }
        switch token(ahead: 2).keyword {
        case .values, .describe, .show, .summarize: return false
        default: break
        }
        return accept(.except)
    }

    /// What stands behind a star: EXCLUDE, REPLACE, RENAME, or a pattern of names.
    mutating func star(_ plain: Star, _ start: Token) throws(IglooError) -> ExpressionSyntax {
        var star = plain
        if accept(.exclude) || acceptExcept() {
            star.excluded = try oneOrList { (parser) throws(IglooError) in
                try parser.qualifiedName()
            }
        }
        if accept(.replace) {
            star.replaced = try oneOrList { (parser) throws(IglooError) in
                let value = try parser.expression()
                try parser.expect(.as)
                return ExpressionSyntax.NamedValue(name: try parser.label(), value: value)
            }
        }
        if accept(.rename) {
            star.renamed = try oneOrList { (parser) throws(IglooError) in
                let column = try parser.identifier()
                try parser.expect(.as)
                return Star.Renaming(column: column, name: try parser.label())
            }
        }
        let whole = ExpressionSyntax(.star(star), range(from: start))
        switch current.keyword {
        case .like, .ilike, .similar, .glob, .not: return try columnsLike(whole)
        default: return whole
        }
    }

    /// `* LIKE 'a%'` is `COLUMNS(name -> name LIKE 'a%')`.
    private mutating func columnsLike(
        _ star: ExpressionSyntax
    ) throws(IglooError) -> ExpressionSyntax {
        let name = Identifier("name", range: star.range)
        let column = ExpressionSyntax(
            .column(QualifiedName([name], range: star.range)), star.range)
        guard let test = try pattern(column) else { throw syntaxError() }
        var call = FunctionCall(
            name: QualifiedName([Identifier("columns", range: star.range)], range: star.range))
        call.arguments = [star, ExpressionSyntax(.lambda([name], test), test.range)]
        return node(.call(call), from: star)
    }

    /// `element`, or `(element, ...)`.
    private mutating func oneOrList<Element>(
        _ element: (inout Parser) throws(IglooError) -> Element
    ) throws(IglooError) -> [Element] {
        guard accept(.leftParenthesis) else { return [try element(&self)] }
        var elements: [Element] = []
        repeat { elements.append(try element(&self)) } while accept(.comma)
        try expect(.rightParenthesis)
        return elements
    }

    // MARK: - GROUP BY, WINDOW

    private mutating func groupBy() throws(IglooError) -> GroupBy {
        let start = current
        if accept(.all) { return .all(start.range) }
        return .elements(try groupingElements())
    }

    private mutating func groupingElements() throws(IglooError) -> [GroupingElement] {
        var elements: [GroupingElement] = []
        repeat { elements.append(try groupingElement()) } while accept(.comma)
        return elements
    }

    private mutating func groupingElement() throws(IglooError) -> GroupingElement {
        let start = current
        let opens = token(ahead: 1).kind == .leftParenthesis
        if at(.leftParenthesis), token(ahead: 1).kind == .rightParenthesis {
            advance()
            advance()
            return .empty(range(from: start))
        }
        if opens, accept(.rollup) { return .rollup(try groupingLists(), range(from: start)) }
        if opens, accept(.cube) { return .cube(try groupingLists(), range(from: start)) }
        if current.keyword == .grouping, token(ahead: 1).keyword == .sets {
            advance()
            advance()
            let outer = try enter()
            try expect(.leftParenthesis)
            let elements = try groupingElements()
            try expect(.rightParenthesis)
            leave(outer)
            return .sets(elements, range(from: start))
        }
        return .expression(try expression())
    }

    /// `(a, (b, c))`: lists of one or more expressions.
    private mutating func groupingLists() throws(IglooError) -> [[ExpressionSyntax]] {
        try expect(.leftParenthesis)
        var lists: [[ExpressionSyntax]] = []
        repeat {
            let value = try expression()
            if case .row(let values) = value.kind {
                lists.append(values)
            } else {
                lists.append([value])
            }
        } while accept(.comma)
        try expect(.rightParenthesis)
        return lists
    }

    private mutating func namedWindows() throws(IglooError) -> [NamedWindow] {
        var windows: [NamedWindow] = []
        repeat {
            let name = try identifier()
            try expect(.as)
            windows.append(NamedWindow(name: name, definition: try windowDefinition()))
        } while accept(.comma)
        return windows
    }
}
