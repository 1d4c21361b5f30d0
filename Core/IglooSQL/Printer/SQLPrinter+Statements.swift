// SPDX-License-Identifier: MIT

extension SQLPrinter {
    mutating func print(_ statement: Statement) {
        switch statement {
        case .query(let query): print(query)
        case .createView(let view): print(view)
        case .drop(let drop): print(drop)
        case .createCatalog(let catalog): print(catalog)
        case .explain(let explain):
            write("EXPLAIN (\(explain.stage.rawValue.uppercased())) ")
            print(explain.statement)
        case .set(let set): print(set)
        case .reset(let name):
            write("RESET ")
            if let name { print(name) } else { write("ALL") }
        case .show(let show): print(show)
        case .describe(let subject): print("DESCRIBE ", subject)
        case .summarize(let subject): print("SUMMARIZE ", subject)
        case .use(let name):
            write("USE ")
            print(name)
        case .copy(let copy): print(copy)
        default: printModification(statement)
        }
    }

    private mutating func printModification(_ statement: Statement) {
        switch statement {
        case .insert(let insert): print(insert)
        case .update(let update): print(update)
        case .delete(let delete): print(delete)
        case .merge(let merge): print(merge)
        case .truncate(let truncate):
            write("TRUNCATE ")
            list(truncate.tables) { $0.print($1) }
        case .transaction(let control): print(control)
        case .createTable(let table): print(table)
        case .alterTable(let alter): print(alter)
        case .createSchema(let schema):
            write(schema.ifNotExists ? "CREATE SCHEMA IF NOT EXISTS " : "CREATE SCHEMA ")
            print(schema.name)
        case .createIndex(let index): print(index)
        case .createType(let type): print(type)
        case .alterType(let alter): print(alter)
        case .createSequence(let sequence): print(sequence)
        case .alterSequence(let alter): print(alter)
        case .createMacro(let macro): print(macro)
        case .prepare(let prepare): print(prepare)
        case .execute(let execute): print(execute)
        case .deallocate(let name):
            write("DEALLOCATE ")
            if let name { print(name) } else { write("ALL") }
        default: break
        }
    }

    private mutating func print(_ word: String, _ subject: Describe) {
        write(word)
        switch subject {
        case .table(let name): print(name)
        case .query(let query): print(query)
        }
    }

    private mutating func print(_ copy: Copy) {
        write("COPY ")
        switch copy.subject {
        case .table(let name, let columns):
            print(name)
            if !columns.isEmpty {
                write(" ")
                identifiers(columns)
            }
        case .query(let query): parenthesised { $0.print(query) }
        }
        write(copy.isFrom ? " FROM " : " TO ")
        write(copy.isStandard ? (copy.isFrom ? "STDIN" : "STDOUT") : Self.quoted(copy.path))
        guard !copy.options.isEmpty else { return }
        write(" ")
        parenthesised { printer in
            printer.list(copy.options) { printer, option in
                printer.print(option.name)
                if option.values.isEmpty && !option.isList { return }
                printer.write(option.isList ? " [" : " ")
                printer.list(option.values) { $0.write(Self.quoted($1)) }
                if option.isList { printer.write("]") }
            }
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
