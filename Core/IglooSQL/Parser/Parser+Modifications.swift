// SPDX-License-Identifier: MIT

internal import IglooContracts

// INSERT, UPDATE, DELETE, MERGE, TRUNCATE; transactions; prepared statements.
extension Parser {
    /// A statement that changes rows, or nothing taken.
    mutating func modification(_ with: With?) throws(IglooError) -> Statement? {
        let start = current
        if accept(.insert) { return .insert(try insert(with, start)) }
        if accept(.update) { return .update(try update(with, start)) }
        if accept(.delete) { return .delete(try delete(with, start)) }
        if accept(.merge) { return .merge(try merge(with, start)) }
        guard with == nil, accept(.truncate) else { return nil }
        _ = accept(.table)
        var tables: [QualifiedName] = []
        repeat { tables.append(try qualifiedName()) } while accept(.comma)
        if !accept(.cascade) { _ = accept(.restrict) }
        return .truncate(Truncate(tables: tables))
    }

    /// The table to be changed: `[ONLY] name [[AS] alias]`.
    private mutating func target() throws(IglooError) -> (QualifiedName, Identifier?) {
        _ = accept(.only)
        let name = try qualifiedName()
        if accept(.as) { return (name, try identifier()) }
        let isAlias = atName && !at(.set) && !at(.values) && !at(.using)
        return (name, isAlias ? try identifier() : nil)
    }

    private mutating func returning() throws(IglooError) -> [SelectItem] {
        guard accept(.returning) else { return [] }
        var items: [SelectItem] = []
        repeat { items.append(try selectItem()) } while accept(.comma)
        return items
    }

    // MARK: - INSERT

    private mutating func insert(
        _ with: With?, _ start: Token
    ) throws(IglooError) -> Insert {
        // DuckDB's short forms of ON CONFLICT DO NOTHING and DO UPDATE.
        let ignores = accept(.or, .ignore)
        try expect(.into)
        let name = try qualifiedName()
        let alias = accept(.as) ? try identifier() : nil
        let isByName = accept(.by, .name)
        if !isByName { _ = accept(.by, .position) }
        var columns: [Identifier] = []
        if at(.leftParenthesis), !isQueryInParentheses { columns = try identifierList() }
        let overrides = acceptWord("overriding")
        if overrides {
            try expectWord("system")
            try expectWord("value")
        }
        let source: Insert.Source
        if accept(.default, .values) {
            source = .defaultValues
        } else {
            source = .query(try query())
        }
        var conflict = try onConflict()
        if ignores, conflict == nil {
            conflict = OnConflict(target: .any, update: nil, filter: nil, range: start.range)
        }
        var insert = Insert(
            with: with, table: name, alias: alias, columns: columns, isByName: isByName,
            source: source, conflict: conflict, returning: try returning(),
            range: range(from: start))
        insert.overridesSystem = overrides
        return insert
    }

    /// `(SELECT ...)` rather than `(a, b)`.
    private var isQueryInParentheses: Bool {
        var distance = 1
        while token(ahead: distance).kind == .leftParenthesis { distance += 1 }
        switch token(ahead: distance).keyword {
        case .select, .with, .from, .table: return true
        case .values: return token(ahead: distance + 1).kind == .leftParenthesis
        default: return false
        }
    }

    private mutating func onConflict() throws(IglooError) -> OnConflict? {
        let start = current
        guard accept(.on, .conflict) else { return nil }
        var target = OnConflict.Target.any
        if at(.leftParenthesis) {
            target = .columns(try identifierList())
        } else if accept(.on, .constraint) {
            target = .constraint(try identifier())
        }
        try expect(.do)
        if accept(.nothing) {
            return OnConflict(target: target, update: nil, filter: nil, range: range(from: start))
        }
        try expect(.update)
        try expect(.set)
        let update = try assignments()
        let filter = accept(.where) ? try expression() : nil
        return OnConflict(
            target: target, update: update, filter: filter, range: range(from: start))
    }

    private mutating func assignments() throws(IglooError) -> [Assignment] {
        var assignments: [Assignment] = []
        repeat {
            let start = current
            let columns = at(.leftParenthesis) ? try identifierList() : [try assignedColumn()]
            try expectEquals()
            let value = try expression()
            assignments.append(
                Assignment(columns: columns, value: value, range: range(from: start)))
        } while accept(.comma)
        return assignments
    }

    /// `column`, or `table.column`, of which the last part counts.
    private mutating func assignedColumn() throws(IglooError) -> Identifier {
        let name = try qualifiedName()
        guard let column = name.parts.last else { throw syntaxError() }
        return column
    }

    private mutating func expectEquals() throws(IglooError) {
        guard acceptSymbol("=") else { throw syntaxError() }
    }

    // MARK: - UPDATE, DELETE, MERGE

    private mutating func update(_ with: With?, _ start: Token) throws(IglooError) -> Update {
        let (name, alias) = try target()
        try expect(.set)
        let assignments = try assignments()
        let from = accept(.from) ? try tableReferences() : []
        let filter = accept(.where) ? try expression() : nil
        return Update(
            with: with, table: name, alias: alias, assignments: assignments, from: from,
            filter: filter, returning: try returning(), range: range(from: start))
    }

    private mutating func delete(_ with: With?, _ start: Token) throws(IglooError) -> Delete {
        try expect(.from)
        let (name, alias) = try target()
        let using = accept(.using) ? try tableReferences() : []
        let filter = accept(.where) ? try expression() : nil
        return Delete(
            with: with, table: name, alias: alias, using: using, filter: filter,
            returning: try returning(), range: range(from: start))
    }

    private mutating func merge(_ with: With?, _ start: Token) throws(IglooError) -> Merge {
        try expect(.into)
        let (name, alias) = try target()
        try expect(.using)
        let source = try tableReference()
        try expect(.on)
        let condition = try expression()
        var clauses: [Merge.Clause] = []
        while at(.when) { clauses.append(try mergeClause()) }
        guard !clauses.isEmpty else { throw syntaxError() }
        return Merge(
            with: with, table: name, alias: alias, source: source, condition: condition,
            clauses: clauses, returning: try returning(), range: range(from: start))
    }

    private mutating func mergeClause() throws(IglooError) -> Merge.Clause {
        let start = current
        try expect(.when)
        var match = Merge.Match.matched
        if accept(.not) {
            try expect(.matched)
            match = .notMatched
            if accept(.by, .source) {
                match = .notMatchedBySource
            } else {
                _ = accept(.by, .target)
            }
        } else {
            try expect(.matched)
        }
        let condition = accept(.and) ? try expression() : nil
        try expect(.then)
        let action = try mergeAction(match)
        return Merge.Clause(
            match: match, condition: condition, action: action, range: range(from: start))
    }

    private mutating func mergeAction(_ match: Merge.Match) throws(IglooError) -> Merge.Action {
        if accept(.do) {
            try expect(.nothing)
            return .nothing
        }
        if match == .notMatched {
            try expect(.insert)
            if accept(.default, .values) { return .insert(columns: [], values: []) }
            let columns = at(.leftParenthesis) ? try identifierList() : []
            try expect(.values)
            try expect(.leftParenthesis)
            let values = try expressionList()
            try expect(.rightParenthesis)
            return .insert(columns: columns, values: values)
        }
        if accept(.delete) { return .delete }
        try expect(.update)
        try expect(.set)
        return .update(try assignments())
    }

    // MARK: - Transactions

    mutating func transactionControl() throws(IglooError) -> TransactionControl? {
        if accept(.begin) { return .begin(isReadOnly: try transactionModes()) }
        if accept(.start) {
            try expect(.transaction)
            return .begin(isReadOnly: try transactionModes())
        }
        if accept(.commit) || accept(Keyword.end) {
            transactionWord()
            return .commit
        }
        if accept(.rollback) || accept(.abort) {
            transactionWord()
            guard accept(.to) else { return .rollback }
            _ = accept(.savepoint)
            return .rollbackTo(try identifier())
        }
        if accept(.savepoint) { return .savepoint(try identifier()) }
        guard accept(.release) else { return nil }
        _ = accept(.savepoint)
        return .release(try identifier())
    }

    private mutating func transactionWord() {
        if !accept(.transaction) { _ = accept(.work) }
    }

    /// `ISOLATION LEVEL ...` is taken: all levels are served by snapshots. True: READ ONLY.
    private mutating func transactionModes() throws(IglooError) -> Bool {
        transactionWord()
        var isReadOnly = false
        while true {
            if accept(.isolation, .level) {
                let level = try label().name
                if level == "repeatable" || level == "read" { _ = try label() }
            } else if accept(.read) {
                isReadOnly = accept(.only)
                if !isReadOnly { try expect(.write) }
            } else {
                return isReadOnly
            }
            _ = accept(.comma)
        }
    }

    // MARK: - PREPARE, EXECUTE, DEALLOCATE

    private static func canBePrepared(_ statement: Statement) -> Bool {
        switch statement {
        case .query, .insert, .update, .delete, .merge, .copy: true
        default: false
        }
    }

    private func syntaxError(preparing start: Token) -> IglooError {
        syntaxError(
            "\(text(start).uppercased()) cannot be prepared", at: start,
            hint: "queries, INSERT, UPDATE, DELETE, MERGE and COPY can")
    }

    mutating func preparedStatement() throws(IglooError) -> Statement? {
        let start = current
        if accept(.prepare) {
            let name = try identifier()
            var types: [TypeName] = []
            if accept(.leftParenthesis) {
                repeat { types.append(try typeName()) } while accept(.comma)
                try expect(.rightParenthesis)
            }
            try expect(.as)
            guard !at(.prepare), !at(.explain) else { throw syntaxError() }
            let start = current
            let statement = try statement()
            guard Self.canBePrepared(statement) else { throw syntaxError(preparing: start) }
            return .prepare(Prepare(name: name, types: types, statement: statement))
        }
        if accept(.execute) {
            let name = try identifier()
            var arguments: [ExpressionSyntax] = []
            if accept(.leftParenthesis) {
                if !at(.rightParenthesis) { arguments = try expressionList() }
                try expect(.rightParenthesis)
            }
            return .execute(
                Execute(name: name, arguments: arguments, range: range(from: start)))
        }
        guard accept(.deallocate) else { return nil }
        _ = accept(.prepare)
        return .deallocate(accept(.all) ? nil : try identifier())
    }
}
