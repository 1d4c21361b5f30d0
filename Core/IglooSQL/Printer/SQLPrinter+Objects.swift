// SPDX-License-Identifier: MIT

// CREATE and ALTER of types, sequences and macros.
extension SQLPrinter {
    private mutating func create(
        _ kind: String, _ name: QualifiedName, orReplace: Bool = false, isTemporary: Bool = false,
        ifNotExists: Bool
    ) {
        write("CREATE ")
        if orReplace { write("OR REPLACE ") }
        if isTemporary { write("TEMP ") }
        write(kind + " ")
        if ifNotExists { write("IF NOT EXISTS ") }
        print(name)
    }

    mutating func print(_ type: CreateType) {
        create("TYPE", type.name, orReplace: type.orReplace, ifNotExists: type.ifNotExists)
        write(" AS ")
        switch type.definition {
        case .labels(let labels):
            write("ENUM ")
            parenthesised { $0.list(labels) { $0.write(Self.quoted($1)) } }
        case .query(let query):
            write("ENUM ")
            parenthesised { $0.print(query) }
        case .alias(let name): print(name)
        }
    }

    mutating func print(_ alter: AlterType) {
        write("ALTER TYPE ")
        print(alter.name)
        switch alter.action {
        case .addValue(let label, let place, let ifNotExists):
            write(ifNotExists ? " ADD VALUE IF NOT EXISTS " : " ADD VALUE ")
            write(Self.quoted(label))
            switch place {
            case .last: break
            case .before(let other): write(" BEFORE \(Self.quoted(other))")
            case .after(let other): write(" AFTER \(Self.quoted(other))")
            }
        case .renameValue(let old, let new):
            write(" RENAME VALUE \(Self.quoted(old)) TO \(Self.quoted(new))")
        case .rename(let name):
            write(" RENAME TO ")
            print(name)
        case .setOwner(let name):
            write(" OWNER TO ")
            print(name)
        }
    }

    mutating func print(_ sequence: CreateSequence) {
        create(
            "SEQUENCE", sequence.name, orReplace: sequence.orReplace,
            isTemporary: sequence.isTemporary, ifNotExists: sequence.ifNotExists)
        print(sequence.options)
    }

    mutating func print(_ alter: AlterSequence) {
        write(alter.ifExists ? "ALTER SEQUENCE IF EXISTS " : "ALTER SEQUENCE ")
        print(alter.name)
        if let name = alter.newName {
            write(" RENAME TO ")
            print(name)
        }
        if let owner = alter.newOwner {
            write(" OWNER TO ")
            print(owner)
        }
        print(alter.options)
    }

    mutating func print(_ options: SequenceOptions) {
        if let type = options.type {
            write(" AS ")
            print(type)
        }
        if let increment = options.increment { write(" INCREMENT BY \(increment)") }
        bound("MINVALUE", options.minimum)
        bound("MAXVALUE", options.maximum)
        if let start = options.start { write(" START WITH \(start)") }
        switch options.restart {
        case .atStart: write(" RESTART")
        case .at(let value): write(" RESTART WITH \(value)")
        case nil: break
        }
        if let owner = options.owner {
            write(" OWNED BY ")
            print(owner)
        }
        if let cycles = options.cycles { write(cycles ? " CYCLE" : " NO CYCLE") }
    }

    private mutating func bound(_ word: String, _ bound: SequenceOptions.Bound?) {
        switch bound {
        case .value(let value): write(" \(word) \(value)")
        case .some(.none): write(" NO \(word)")
        case nil: break
        }
    }

    mutating func print(_ macro: CreateMacro) {
        create(
            "MACRO", macro.name, orReplace: macro.orReplace, isTemporary: macro.isTemporary,
            ifNotExists: macro.ifNotExists)
        list(macro.forms) { printer, form in
            printer.parenthesised { printer in
                printer.list(form.parameters) { printer, parameter in
                    printer.print(parameter.name)
                    guard let value = parameter.defaultValue else { return }
                    printer.write(" := ")
                    printer.print(value)
                }
            }
            printer.write(" AS ")
            switch form.body {
            case .expression(let expression): printer.print(expression)
            case .query(let query):
                printer.write("TABLE ")
                printer.print(query)
            }
        }
    }
}
