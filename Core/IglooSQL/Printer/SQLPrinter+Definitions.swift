// SPDX-License-Identifier: MIT

// CREATE TABLE, ALTER TABLE, CREATE SCHEMA, CREATE INDEX, DROP.
extension SQLPrinter {
    mutating func print(_ table: CreateTable) {
        write("CREATE ")
        if table.orReplace { write("OR REPLACE ") }
        if table.isTemporary { write("TEMP ") }
        write("TABLE ")
        if table.ifNotExists { write("IF NOT EXISTS ") }
        print(table.name)
        if !table.columns.isEmpty {
            write(" (")
            list(table.columns) { $0.print($1) }
            for constraint in table.constraints {
                write(", ")
                print(constraint, isOfColumn: false)
            }
            write(")")
        }
        guard let query = table.query else { return }
        if !table.columnNames.isEmpty {
            write(" ")
            identifiers(table.columnNames)
        }
        write(" AS ")
        print(query)
        if !table.withData { write(" WITH NO DATA") }
    }

    private mutating func print(_ column: ColumnSyntax) {
        print(column.name)
        write(" ")
        print(column.type)
        if column.isNotNull { write(" NOT NULL") }
        if let value = column.defaultValue {
            write(" DEFAULT ")
            parenthesised { $0.print(value) }
        }
        for constraint in column.constraints {
            write(" ")
            print(constraint, isOfColumn: true)
        }
    }

    private mutating func print(_ constraint: TableConstraint, isOfColumn: Bool) {
        if let name = constraint.name {
            write("CONSTRAINT ")
            print(name)
            write(" ")
        }
        switch constraint.kind {
        case .primaryKey(let columns):
            write("PRIMARY KEY")
            if !isOfColumn { keyColumns(columns) }
        case .unique(let columns):
            write("UNIQUE")
            if !isOfColumn { keyColumns(columns) }
        case .check(let condition):
            write("CHECK ")
            parenthesised { $0.print(condition) }
        }
    }

    private mutating func keyColumns(_ columns: [Identifier]) {
        write(" ")
        identifiers(columns)
    }

    mutating func print(_ alter: AlterTable) {
        write(alter.isView ? "ALTER VIEW " : "ALTER TABLE ")
        if alter.ifExists { write("IF EXISTS ") }
        print(alter.name)
        write(" ")
        list(alter.actions) { $0.print($1) }
    }

    private mutating func print(_ action: AlterTable.Action) {
        switch action {
        case .addColumn(let column, let ifNotExists):
            write(ifNotExists ? "ADD COLUMN IF NOT EXISTS " : "ADD COLUMN ")
            print(column)
        case .dropColumn(let name, let ifExists): named("DROP COLUMN ", ifExists, name)
        case .renameColumn(let name, let new):
            named("RENAME COLUMN ", false, name)
            named(" TO ", false, new)
        case .renameTable(let name): named("RENAME TO ", false, name)
        case .setSchema(let name): named("SET SCHEMA ", false, name)
        case .setDefault(let name, let value):
            named("ALTER COLUMN ", false, name)
            write(" SET DEFAULT ")
            parenthesised { $0.print(value) }
        case .dropDefault(let name): column(name, " DROP DEFAULT")
        case .setNotNull(let name): column(name, " SET NOT NULL")
        case .dropNotNull(let name): column(name, " DROP NOT NULL")
        case .setType(let name, let type, let value):
            column(name, " TYPE ")
            print(type)
            if let value {
                write(" USING ")
                print(value)
            }
        case .addConstraint(let constraint):
            write("ADD ")
            print(constraint, isOfColumn: false)
        case .dropConstraint(let name, let ifExists): named("DROP CONSTRAINT ", ifExists, name)
        }
    }

    private mutating func column(_ name: Identifier, _ words: String) {
        named("ALTER COLUMN ", false, name)
        write(words)
    }

    private mutating func named(_ words: String, _ ifExists: Bool, _ name: Identifier) {
        write(words)
        if ifExists { write("IF EXISTS ") }
        print(name)
    }

    mutating func print(_ index: CreateIndex) {
        write(index.isUnique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ")
        if index.ifNotExists { write("IF NOT EXISTS ") }
        if let name = index.name {
            print(name)
            write(" ")
        }
        write("ON ")
        print(index.table)
        write(" ")
        parenthesised { $0.list(index.columns) }
    }

    mutating func print(_ drop: Drop) {
        write("DROP \(drop.kind.rawValue.uppercased()) ")
        if drop.ifExists { write("IF EXISTS ") }
        list(drop.names) { $0.print($1) }
        if drop.isCascade { write(" CASCADE") }
    }
}
