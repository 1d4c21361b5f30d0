// SPDX-License-Identifier: MIT

extension SQLPrinter {
    mutating func print(_ statement: Statement) {
        switch statement {
        case .query(let query): print(query)
        case .createView(let view): print(view)
        case .drop(let drop):
            write(drop.kind == .view ? "DROP VIEW " : "DROP CATALOG ")
            if drop.ifExists { write("IF EXISTS ") }
            list(drop.names) { $0.print($1) }
        case .createCatalog(let catalog): print(catalog)
        case .explain(let explain):
            write("EXPLAIN (\(explain.stage.rawValue.uppercased())) ")
            print(explain.statement)
        case .set(let set): print(set)
        case .reset(let name):
            write("RESET ")
            if let name { print(name) } else { write("ALL") }
        case .show(let show): print(show)
        case .describe(.table(let name)):
            write("DESCRIBE ")
            print(name)
        case .describe(.query(let query)):
            write("DESCRIBE ")
            print(query)
        }
    }

    private mutating func print(_ view: CreateView) {
        write("CREATE ")
        if view.orReplace { write("OR REPLACE ") }
        if view.isTemporary { write("TEMP ") }
        write("VIEW ")
        if view.ifNotExists { write("IF NOT EXISTS ") }
        print(view.name)
        if !view.columns.isEmpty {
            write(" ")
            identifiers(view.columns)
        }
        write(" AS ")
        print(view.query)
    }

    private mutating func print(_ catalog: CreateCatalog) {
        write("CREATE ")
        if catalog.orReplace { write("OR REPLACE ") }
        write("CATALOG ")
        if catalog.ifNotExists { write("IF NOT EXISTS ") }
        print(catalog.name)
        write(" USING ")
        print(catalog.connector)
        guard !catalog.options.isEmpty else { return }
        write(" OPTIONS ")
        parenthesised { printer in
            printer.list(catalog.options) { printer, option in
                printer.print(option.name)
                printer.write(option.isList ? " [" : " ")
                printer.list(option.values) { $0.print($1) }
                if option.isList { printer.write("]") }
            }
        }
    }

    private mutating func print(_ set: SetVariable) {
        write("SET ")
        print(set.name)
        write(" = ")
        if set.values.isEmpty { write("DEFAULT") }
        list(set.values) { printer, value in
            switch value {
            case .literal(let literal): printer.print(literal)
            case .word(let word): printer.print(word)
            }
        }
    }

    private mutating func print(_ show: Show) {
        switch show {
        case .all: write("SHOW ALL")
        case .tables(let schema):
            write("SHOW TABLES")
            guard let schema else { return }
            write(" FROM ")
            print(schema)
        case .variable(let name):
            write("SHOW ")
            print(name)
        }
    }
}
