// SPDX-License-Identifier: MIT

internal import IglooContracts

// Tables and joins.
extension Parser {
    mutating func tableReferences() throws(IglooError) -> [TableReference] {
        var tables: [TableReference] = []
        repeat { tables.append(try tableReference()) } while accept(.comma)
        return tables
    }

    mutating func tableReference() throws(IglooError) -> TableReference {
        let start = current
        let outer = try enter()
        let first = try tablePrimary()
        let whole = try joins(continuing: first, from: start)
        leave(outer)
        return whole
    }

    private mutating func joins(
        continuing first: TableReference, from start: Token
    ) throws(IglooError) -> TableReference {
        var left = first
        while let join = try join(left, from: start) {
            left = join
            try grow()
        }
        return left
    }

    private mutating func join(
        _ left: TableReference, from start: Token
    ) throws(IglooError) -> TableReference? {
        let isNatural = accept(.natural)
        let isAsof = accept(.asof)
        guard let kind = try joinKind() else {
            if isNatural || isAsof { throw syntaxError() }
            return nil
        }
        if isAsof, kind != .inner && kind != .left { throw syntaxError() }
        if isNatural, kind == .positional { throw syntaxError() }
        let rightStart = current
        var right = try tablePrimary()
        var condition = JoinSyntax.Condition.none
        if isNatural {
            condition = .natural
        } else if kind != .cross && kind != .positional {
            // `a JOIN b JOIN c ON ... ON ...`: the first ON belongs to the inner join.
            if !at(.on), !at(.using) { right = try innerJoins(right, from: rightStart) }
            condition = try joinCondition()
        }
        return .join(
            JoinSyntax(
                kind: kind, left: left, right: right, condition: condition,
                range: range(from: start), isAsof: isAsof))
    }

    private mutating func innerJoins(
        _ first: TableReference, from start: Token
    ) throws(IglooError) -> TableReference {
        let outer = try enter()
        let whole = try joins(continuing: first, from: start)
        leave(outer)
        return whole
    }

    private mutating func joinCondition() throws(IglooError) -> JoinSyntax.Condition {
        if accept(.using) { return .using(try identifierList()) }
        try expect(.on)
        return .on(try expression())
    }

    /// The words of a join, or `nil` when none begins here.
    private mutating func joinKind() throws(IglooError) -> JoinSyntax.Kind? {
        let kind: JoinSyntax.Kind
        if accept(.join) { return .inner }
        if accept(.cross) {
            kind = .cross
        } else if accept(.inner) {
            kind = .inner
        } else if accept(.left) {
            kind = .left
            _ = accept(.outer)
        } else if accept(.right) {
            kind = .right
            _ = accept(.outer)
        } else if accept(.full) {
            kind = .full
            _ = accept(.outer)
        } else if accept(.semi) {
            kind = .semi
        } else if accept(.anti) {
            kind = .anti
        } else if atPositionalJoin {
            advance()
            kind = .positional
        } else {
            return nil
        }
        try expect(.join)
        return kind
    }

    // MARK: - Operands

    /// A word that is no keyword: it may name a table.
    var atPositionalJoin: Bool {
        isWord(current, "positional") && token(ahead: 1).keyword == .join
    }

    private mutating func tablePrimary() throws(IglooError) -> TableReference {
        let first = current
        var table = try unsampledTable()
        while atPivotOperator {
            table = try pivoted(table, from: first)
            try grow()
        }
        let start = current
        guard accept(.tablesample) else { return table }
        let sample = try sample(from: start)
        return .sample(table, sample)
    }

    private mutating func unsampledTable() throws(IglooError) -> TableReference {
        if atName, token(ahead: 1).kind == .colon { return try prefixedTable() }
        if at(.leftParenthesis) { return try parenthesisedTable(isLateral: false) }
        if at(.lateral), token(ahead: 1).kind == .leftParenthesis {
            advance()
            return try parenthesisedTable(isLateral: true)
        }
        return try namedTable()
    }

    /// `name : table` as `table AS name`.
    private mutating func prefixedTable() throws(IglooError) -> TableReference {
        let alias = TableAlias(name: try identifier(), columns: [])
        try expect(.colon)
        let place = current
        switch try unsampledTable() {
        case .table(let name, nil): return .table(name, alias)
        case .file(let path, nil, let range): return .file(path, alias, range)
        case .query(let query, let isLateral, nil, let range):
            return .query(query, isLateral: isLateral, alias, range)
        case .function(var function) where function.alias == nil:
            function.alias = alias
            return .function(function)
        default: throw syntaxError("a table after a colon cannot be named again", at: place)
        }
    }

    /// A table, a file or a function.
    private mutating func namedTable() throws(IglooError) -> TableReference {
        let start = current
        if at(.values), token(ahead: 1).kind == .leftParenthesis {
            let values = try query()
            let end = range(from: start)
            return .query(values, isLateral: false, try tableAlias(), end)
        }
        let isLateral = accept(.lateral)
        if atString, !isLateral {
            let path = try stringText()
            let end = range(from: start)
            return .file(path, try tableAlias(), end)
        }
        let isCall = token(ahead: 1).kind == .leftParenthesis || isQualifiedCall
        if isLateral || atName && isCall {
            return try tableFunction(try qualifiedName(), isLateral: isLateral, start)
        }
        let name = try qualifiedName()
        return .table(name, try tableAlias())
    }

    /// `schema.function(`
    private var isQualifiedCall: Bool {
        token(ahead: 1).kind == .dot && token(ahead: 3).kind == .leftParenthesis
    }

    /// `(query)`, `(table JOIN table)`, or a set operation that begins with parentheses.
    private mutating func parenthesisedTable(
        isLateral: Bool
    ) throws(IglooError) -> TableReference {
        let start = current
        try expect(.leftParenthesis)
        if atQuery { return try derivedTable(try query(), isLateral, start) }
        if !isLateral, let statement = try listing() {
            try expect(.rightParenthesis)
            let end = range(from: start)
            return .statement(statement, try tableAlias(), end)
        }
        let innerStart = current
        let inner = try tableReference()
        if innerStart.kind == .leftParenthesis, atQueryTail,
            let first = Self.unnamedQuery(inner)
        {
            let whole = try query(continuing: first, from: innerStart)
            return try derivedTable(whole, isLateral, start)
        }
        try expect(.rightParenthesis)
        return try aliased(inner, from: start)
    }

    private static func unnamedQuery(_ table: TableReference) -> Query? {
        if case .query(let query, _, nil, _) = table { query } else { nil }
    }

    /// From the closing parenthesis behind a query.
    private mutating func derivedTable(
        _ query: Query, _ isLateral: Bool, _ start: Token
    ) throws(IglooError) -> TableReference {
        try expect(.rightParenthesis)
        let end = range(from: start)
        return .query(query, isLateral: isLateral, try tableAlias(), end)
    }

    /// A join in parentheses may get a name of its own; it then hides those within.
    private mutating func aliased(
        _ inner: TableReference, from start: Token
    ) throws(IglooError) -> TableReference {
        let end = range(from: start)
        guard let alias = try tableAlias() else { return inner }
        if case .query(let query, let isLateral, nil, _) = inner {
            return .query(query, isLateral: isLateral, alias, end)
        }
        let star = SelectItem(expression: ExpressionSyntax(.star(Star()), end))
        let select = Select(items: [star], from: [inner], windows: [], range: end)
        return .query(
            Query(body: .select(select), range: end), isLateral: false, alias, end)
    }

    private mutating func tableFunction(
        _ name: QualifiedName, isLateral: Bool, _ start: Token
    ) throws(IglooError) -> TableReference {
        var function = TableFunction(
            name: name, arguments: [], namedArguments: [], isLateral: isLateral,
            withOrdinality: false, range: start.range)
        try expect(.leftParenthesis)
        while !at(.rightParenthesis) {
            if let argument = try tableArgumentName() {
                function.namedArguments.append(
                    .init(name: argument, value: try expression()))
            } else {
                function.arguments.append(try expressionOrQuery())
            }
            guard accept(.comma) else { break }
        }
        try expect(.rightParenthesis)
        if accept(.with, .ordinality) { function.withOrdinality = true }
        function.range = range(from: start)
        function.alias = try tableAlias()
        return .function(function)
    }

    private mutating func expressionOrQuery() throws(IglooError) -> ExpressionSyntax {
        guard atQuery else { return try expressionOrSetOperation() }
        let start = current
        return ExpressionSyntax(.query(try query()), range(from: start))
    }

    /// `name =`, `name :=` or `name =>`: in a table function `=` names an argument.
    private mutating func tableArgumentName() throws(IglooError) -> Identifier? {
        let follower = token(ahead: 1)
        guard at(.word) || at(.quotedIdentifier),
            follower.kind == .assign || follower.kind == .arrow || isSymbol(follower, "=")
        else { return nil }
        let name = try label()
        advance()
        return name
    }
}
