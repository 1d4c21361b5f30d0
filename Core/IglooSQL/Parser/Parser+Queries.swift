// SPDX-License-Identifier: MIT

internal import IglooContracts

// Queries: WITH, set operations, ORDER BY and LIMIT around SELECT.
extension Parser {
    /// A query begins here (one in parentheses aside).
    var atQuery: Bool {
        mutating get {
            if at(.select) || at(.with) || at(.from) || atPivotQuery { return true }
            let next = token(ahead: 1)
            if current.keyword == .values { return next.kind == .leftParenthesis }
            return at(.table) && isName(next)
        }
    }

    /// What may follow a query in parentheses to make it part of a larger one.
    var atQueryTail: Bool {
        switch current.keyword {
        case .union, .intersect, .except, .order, .limit, .offset, .fetch: true
        default: false
        }
    }

    mutating func query() throws(IglooError) -> Query {
        let start = current
        let outer = try enter()
        let with = at(.with) ? try with() : nil
        let query = try query(with, try setOperations(), from: start)
        leave(outer)
        return query
    }

    /// The query behind a WITH that is read already.
    mutating func query(behind with: With, from start: Token) throws(IglooError) -> Query {
        let outer = try enter()
        let query = try query(with, try setOperations(), from: start)
        leave(outer)
        return query
    }

    /// The query of which `first`, in parentheses and already read, is the first operand.
    mutating func query(continuing first: Query, from start: Token) throws(IglooError) -> Query {
        let outer = try enter()
        let body = try setOperations(continuing: Self.unwrapped(first), from: start)
        let query = try query(nil, body, from: start)
        leave(outer)
        return query
    }

    private mutating func query(
        _ with: With?, _ body: QueryBody, from start: Token
    ) throws(IglooError) -> Query {
        var query = Query(with: with, body: body, range: start.range)
        if accept(.order, .by) { query.orderBy = try orderBy() }
        try limits(&query)
        query.range = range(from: start)
        if case .query(let inner) = body, with == nil, query.orderBy == nil, query.limit == nil,
            query.offset == nil
        {
            return inner
        }
        return query
    }

    /// A query's body alone, where nothing stands around it.
    static func unwrapped(_ query: Query) -> QueryBody {
        let isPlain =
            query.with == nil && query.orderBy == nil && query.limit == nil && query.offset == nil
        return isPlain ? query.body : .query(query)
    }

    // MARK: - WITH

    mutating func with() throws(IglooError) -> With {
        let start = current
        try expect(.with)
        let isRecursive = accept(.recursive)
        var tables: [CommonTable] = []
        repeat { tables.append(try commonTable()) } while accept(.comma)
        return With(isRecursive: isRecursive, tables: tables, range: range(from: start))
    }

    private mutating func commonTable() throws(IglooError) -> CommonTable {
        let name = try identifier()
        let columns = at(.leftParenthesis) ? try identifierList() : []
        try expect(.as)
        var isMaterialized: Bool?
        if accept(.materialized) {
            isMaterialized = true
        } else if accept(.not, .materialized) {
            isMaterialized = false
        }
        try expect(.leftParenthesis)
        let query = try query()
        try expect(.rightParenthesis)
        return CommonTable(
            name: name, columns: columns, isMaterialized: isMaterialized, query: query)
    }

    // MARK: - Set operations

    private mutating func setOperations() throws(IglooError) -> QueryBody {
        let start = current
        return try setOperations(continuing: try queryOperand(), from: start)
    }

    /// UNION and EXCEPT, from left to right, over chains of INTERSECT.
    private mutating func setOperations(
        continuing first: QueryBody, from start: Token
    ) throws(IglooError) -> QueryBody {
        var left = try intersections(continuing: first, from: start)
        while let kind = setOperationKind(), kind != .intersect {
            let (isAll, isByName) = try setQuantifier()
            var operands = [left]
            repeat {
                let start = current
                operands.append(
                    try intersections(continuing: try queryOperand(), from: start))
            } while acceptSame(kind, isAll, isByName)
            left = .setOperation(
                SetOperationSyntax(
                    kind: kind, isAll: isAll, isByName: isByName, operands: operands,
                    range: range(from: start)))
            try grow()
        }
        return left
    }

    private mutating func intersections(
        continuing first: QueryBody, from start: Token
    ) throws(IglooError) -> QueryBody {
        var left = first
        while setOperationKind() == .intersect {
            let (isAll, isByName) = try setQuantifier()
            var operands = [left]
            repeat {
                operands.append(try queryOperand())
            } while acceptSame(
                .intersect, isAll, isByName)
            left = .setOperation(
                SetOperationSyntax(
                    kind: .intersect, isAll: isAll, isByName: isByName, operands: operands,
                    range: range(from: start)))
            try grow()
        }
        return left
    }

    private mutating func setOperationKind() -> SetOperationSyntax.Kind? {
        if at(.union) { return .union }
        if at(.except) { return .except }
        return at(.intersect) ? .intersect : nil
    }

    /// The operator's word and what is said of duplicates and names.
    private mutating func setQuantifier() throws(IglooError) -> (isAll: Bool, isByName: Bool) {
        advance()
        let isAll = accept(.all)
        if !isAll { _ = accept(.distinct) }
        return (isAll, accept(.by, .name))
    }

    /// Takes the operator if it is the same again, so that a chain of one operator is one node.
    private mutating func acceptSame(
        _ kind: SetOperationSyntax.Kind, _ isAll: Bool, _ isByName: Bool
    ) -> Bool {
        guard setOperationKind() == kind else { return false }
        var ahead = 1
        let hasAll = token(ahead: ahead).keyword == .all
        if hasAll || token(ahead: ahead).keyword == .distinct { ahead += 1 }
        let hasByName =
            token(ahead: ahead).keyword == .by && token(ahead: ahead + 1).keyword == .name
        if hasByName { ahead += 2 }
        guard hasAll == isAll, hasByName == isByName else { return false }
        for _ in 0..<ahead { advance() }
        return true
    }

    private mutating func queryOperand() throws(IglooError) -> QueryBody {
        let start = current
        if accept(.leftParenthesis) {
            let query = try query()
            try expect(.rightParenthesis)
            return Self.unwrapped(query)
        }
        if at(.select) || at(.from) { return .select(try select()) }
        if atPivotQuery { return .select(try pivotQuery()) }
        if accept(.values) { return try values(start) }
        if accept(.table) {
            let name = try qualifiedName()
            let star = SelectItem(expression: ExpressionSyntax(.star(Star()), start.range))
            var select = Select(
                items: [star], from: [.table(name, nil)], windows: [], range: start.range)
            select.range = range(from: start)
            return .select(select)
        }
        throw syntaxError()
    }

    private mutating func values(_ start: Token) throws(IglooError) -> QueryBody {
        var rows: [[ExpressionSyntax]] = []
        repeat {
            // A comma may stand behind the last row, as in DuckDB.
            if !rows.isEmpty, atEndOfList { break }
            try expect(.leftParenthesis)
            rows.append(try expressionList())
            try expect(.rightParenthesis)
        } while accept(.comma)
        return .values(rows, range(from: start))
    }

    private var atEndOfList: Bool {
        switch current.kind {
        case .end, .semicolon, .rightParenthesis: true
        default: false
        }
    }

    // MARK: - ORDER BY, LIMIT

    private mutating func orderBy() throws(IglooError) -> OrderBy {
        let start = current
        let next = token(ahead: 1)
        if at(.all), next.kind != .leftParenthesis {
            advance()
            let isDescending = direction()
            let nullsFirst = try nulls()
            return .all(
                isDescending: isDescending, nullsFirst: nullsFirst, range(from: start))
        }
        return .items(try sortItems())
    }

    mutating func sortItems() throws(IglooError) -> [SortItem] {
        var items: [SortItem] = []
        repeat {
            let value = try expression()
            let isDescending = direction()
            items.append(
                SortItem(
                    expression: value, isDescending: isDescending, nullsFirst: try nulls()))
        } while accept(.comma)
        return items
    }

    private mutating func direction() -> Bool {
        if accept(.desc) { return true }
        _ = accept(.asc)
        return false
    }

    private mutating func nulls() throws(IglooError) -> Bool? {
        guard accept(.nulls) else { return nil }
        if accept(.first) { return true }
        try expect(.last)
        return false
    }

    /// LIMIT, OFFSET and FETCH, in any order, each once.
    private mutating func limits(_ query: inout Query) throws(IglooError) {
        while true {
            if query.limit == nil, accept(.limit) {
                query.limit = try limit()
            } else if query.limit == nil, accept(.fetch) {
                query.limit = try fetch()
            } else if query.offset == nil, accept(.offset) {
                query.offset = try expression()
                if !accept(.rows) { _ = accept(.row) }
            } else {
                return
            }
        }
    }

    private mutating func limit() throws(IglooError) -> Limit {
        if accept(.all) { return .all }
        let behind = token(ahead: 2)
        let isLast =
            [.end, .semicolon, .rightParenthesis].contains(behind.kind)
            || behind.keyword == .offset
        if isLast, isSymbol(token(ahead: 1), "%") {
            let share = try expression(.sign)
            advance()
            return .percent(share)
        }
        let count = try expression()
        return accept(.percent) ? .percent(count) : .count(count)
    }

    /// `FETCH FIRST [n] ROWS ONLY | WITH TIES`
    private mutating func fetch() throws(IglooError) -> Limit {
        let start = current
        if !accept(.first) { try expect(.next) }
        let one = ExpressionSyntax(.literal(.integer("1")), start.range)
        let count = at(.row) || at(.rows) ? one : try expression(.sign)
        if !accept(.rows) { try expect(.row) }
        if accept(.only) { return .count(count) }
        try expect(.with)
        try expect(.ties)
        return .withTies(count)
    }
}
