// SPDX-License-Identifier: MIT

internal import IglooContracts

// CREATE TABLE, ALTER TABLE, CREATE SCHEMA, CREATE INDEX.
extension Parser {
    mutating func table(
        _ orReplace: Bool, _ isTemporary: Bool
    ) throws(IglooError) -> CreateTable {
        let ifNotExists = try ifNotExists()
        var table = CreateTable(
            name: try qualifiedName(), columns: [], constraints: [], query: nil, columnNames: [],
            withData: true, orReplace: orReplace, isTemporary: isTemporary,
            ifNotExists: ifNotExists)
        if at(.leftParenthesis) {
            if atColumnNames {
                table.columnNames = try identifierList()
            } else {
                try tableElements(&table)
                guard at(.as) else { return table }
            }
        }
        try expect(.as)
        table.query = try query()
        if at(.with), token(ahead: 1).keyword == .no || token(ahead: 1).keyword == .data {
            advance()
            table.withData = !accept(.no)
            try expect(.data)
        }
        return table
    }

    /// `(a, b)` rather than `(a integer, ...)`.
    private var atColumnNames: Bool {
        let next = token(ahead: 2)
        return isName(token(ahead: 1)) && (next.kind == .comma || next.kind == .rightParenthesis)
    }

    private mutating func tableElements(_ table: inout CreateTable) throws(IglooError) {
        try expect(.leftParenthesis)
        repeat {
            // DuckDB allows a comma behind the last column.
            if at(.rightParenthesis), !table.columns.isEmpty { break }
            if let constraint = try tableConstraint() {
                table.constraints.append(constraint)
            } else {
                table.columns.append(try columnDefinition())
            }
        } while accept(.comma)
        try expect(.rightParenthesis)
    }

    mutating func columnDefinition() throws(IglooError) -> ColumnSyntax {
        var column = ColumnSyntax(
            name: try identifier(), type: try typeName(), isNotNull: false, defaultValue: nil,
            constraints: [])
        while true {
            if accept(.not) {
                try expect(.null)
                column.isNotNull = true
            } else if accept(.default) {
                // Above NOT, which begins the next constraint.
                column.defaultValue = try expression(.comparison)
            } else if accept(.null) {
                continue
            } else if accept(.collate) {
                _ = try qualifiedName()
            } else if let constraint = try columnConstraint(column.name) {
                column.constraints.append(constraint)
            } else {
                return column
            }
        }
    }

    private mutating func columnConstraint(
        _ column: Identifier
    ) throws(IglooError) -> TableConstraint? {
        let start = current
        let name = accept(.constraint) ? try identifier() : nil
        let kind: TableConstraint.Kind
        if accept(.primary, .key) {
            kind = .primaryKey([column])
        } else if accept(.unique) {
            kind = .unique([column])
        } else if accept(.check) {
            kind = .check(try condition())
        } else if at(.references) || at(.generated) {
            throw unsupportedConstraint()
        } else if name != nil {
            throw syntaxError()
        } else {
            return nil
        }
        return TableConstraint(name: name, kind: kind, range: range(from: start))
    }

    /// A constraint of the table, or nothing taken.
    mutating func tableConstraint() throws(IglooError) -> TableConstraint? {
        let start = current
        let name = accept(.constraint) ? try identifier() : nil
        let kind: TableConstraint.Kind
        if accept(.primary, .key) {
            kind = .primaryKey(try identifierList())
        } else if at(.unique), token(ahead: 1).kind == .leftParenthesis {
            advance()
            kind = .unique(try identifierList())
        } else if accept(.check) {
            kind = .check(try condition())
        } else if at(.foreign) {
            throw unsupportedConstraint()
        } else if name != nil {
            throw syntaxError()
        } else {
            return nil
        }
        return TableConstraint(name: name, kind: kind, range: range(from: start))
    }

    private func unsupportedConstraint() -> IglooError {
        IglooError(
            .unsupported, "\(text(current).uppercased()) in a table's definition is not supported",
            hint: "NOT NULL, DEFAULT, PRIMARY KEY, UNIQUE and CHECK are", position: current.start)
    }

    private mutating func condition() throws(IglooError) -> ExpressionSyntax {
        try expect(.leftParenthesis)
        let condition = try expression()
        try expect(.rightParenthesis)
        return condition
    }

    mutating func schema() throws(IglooError) -> CreateSchema {
        let ifNotExists = try ifNotExists()
        return CreateSchema(name: try qualifiedName(), ifNotExists: ifNotExists)
    }

    mutating func index(from start: Token) throws(IglooError) -> CreateIndex {
        let isUnique = accept(.unique)
        try expect(.index)
        _ = accept(.concurrently)
        let ifNotExists = try ifNotExists()
        let name = at(.on) ? nil : try identifier()
        try expect(.on)
        let table = try qualifiedName()
        if accept(.using) { _ = try identifier() }
        try expect(.leftParenthesis)
        let columns = try sortItems().map(\.expression)
        try expect(.rightParenthesis)
        return CreateIndex(
            name: name, table: table, columns: columns, isUnique: isUnique,
            ifNotExists: ifNotExists, range: range(from: start))
    }

    // MARK: - ALTER

    mutating func alter() throws(IglooError) -> AlterTable {
        let isView = accept(.view)
        if !isView { try expect(.table) }
        let ifExists = try ifExists()
        _ = !isView && accept(.only)
        var alter = AlterTable(
            name: try qualifiedName(), actions: [], ifExists: ifExists, isView: isView)
        repeat { alter.actions.append(try alterAction()) } while accept(.comma)
        return alter
    }

    private mutating func alterAction() throws(IglooError) -> AlterTable.Action {
        if accept(.add) { return try addAction() }
        if accept(.drop) {
            let isConstraint = accept(.constraint)
            if !isConstraint { _ = accept(.column) }
            let ifExists = try ifExists()
            let name = try identifier()
            if !accept(.cascade) { _ = accept(.restrict) }
            return isConstraint
                ? .dropConstraint(name, ifExists: ifExists) : .dropColumn(name, ifExists: ifExists)
        }
        if accept(.rename) {
            if accept(.to) { return .renameTable(to: try identifier()) }
            _ = accept(.column)
            let column = try identifier()
            try expect(.to)
            return .renameColumn(column, to: try identifier())
        }
        if accept(.set, .schema) { return .setSchema(try identifier()) }
        try expect(.alter)
        _ = accept(.column)
        return try columnAction(try identifier())
    }

    private mutating func addAction() throws(IglooError) -> AlterTable.Action {
        if let constraint = try tableConstraint() { return .addConstraint(constraint) }
        _ = accept(.column)
        let ifNotExists = try ifNotExists()
        return .addColumn(try columnDefinition(), ifNotExists: ifNotExists)
    }

    private mutating func columnAction(
        _ column: Identifier
    ) throws(IglooError) -> AlterTable.Action {
        if accept(.drop) {
            if accept(.default) { return .dropDefault(column) }
            try expect(.not)
            try expect(.null)
            return .dropNotNull(column)
        }
        if accept(.set, .default) { return .setDefault(column, try expression()) }
        if accept(.set, .not) {
            try expect(.null)
            return .setNotNull(column)
        }
        if accept(.set) { try expect(.data) }
        try expect(.type)
        let type = try typeName()
        return .setType(column, type, using: accept(.using) ? try expression() : nil)
    }
}
