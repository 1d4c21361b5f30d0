// SPDX-License-Identifier: MIT

// INSERT, UPDATE, DELETE, MERGE; transactions; prepared statements.
extension SQLPrinter {
    mutating func print(_ insert: Insert) {
        before(insert.with)
        write("INSERT INTO ")
        print(insert.table)
        if let alias = insert.alias { named(" AS ", alias) }
        if insert.isByName { write(" BY NAME") }
        if !insert.columns.isEmpty {
            write(" ")
            identifiers(insert.columns)
        }
        switch insert.source {
        case .defaultValues: write(" DEFAULT VALUES")
        case .query(let query):
            write(" ")
            print(query)
        }
        if let conflict = insert.conflict { print(conflict) }
        returning(insert.returning)
    }

    private mutating func before(_ with: With?) {
        guard let with else { return }
        print(with)
    }

    private mutating func named(_ words: String, _ name: Identifier) {
        write(words)
        print(name)
    }

    private mutating func print(_ conflict: OnConflict) {
        write(" ON CONFLICT")
        switch conflict.target {
        case .any: break
        case .columns(let names):
            write(" ")
            identifiers(names)
        case .constraint(let name): named(" ON CONSTRAINT ", name)
        }
        guard let update = conflict.update else {
            write(" DO NOTHING")
            return
        }
        write(" DO UPDATE SET ")
        assignments(update)
        filter(conflict.filter)
    }

    private mutating func assignments(_ assignments: [Assignment]) {
        list(assignments) { printer, assignment in
            if assignment.columns.count == 1, !Self.isRow(assignment.value) {
                printer.print(assignment.columns[0])
            } else {
                printer.identifiers(assignment.columns)
            }
            printer.write(" = ")
            printer.print(assignment.value)
        }
    }

    private static func isRow(_ value: ExpressionSyntax) -> Bool {
        if case .row = value.kind { true } else { false }
    }

    private mutating func filter(_ condition: ExpressionSyntax?) {
        guard let condition else { return }
        write(" WHERE ")
        print(condition)
    }

    private mutating func returning(_ items: [SelectItem]) {
        guard !items.isEmpty else { return }
        write(" RETURNING ")
        list(items) { $0.print($1) }
    }

    mutating func print(_ update: Update) {
        before(update.with)
        write("UPDATE ")
        print(update.table)
        if let alias = update.alias { named(" AS ", alias) }
        write(" SET ")
        assignments(update.assignments)
        tables(" FROM ", update.from)
        filter(update.filter)
        returning(update.returning)
    }

    private mutating func tables(_ word: String, _ tables: [TableReference]) {
        guard !tables.isEmpty else { return }
        write(word)
        list(tables) { $0.print($1) }
    }

    mutating func print(_ delete: Delete) {
        before(delete.with)
        write("DELETE FROM ")
        print(delete.table)
        if let alias = delete.alias { named(" AS ", alias) }
        tables(" USING ", delete.using)
        filter(delete.filter)
        returning(delete.returning)
    }

    mutating func print(_ merge: Merge) {
        before(merge.with)
        write("MERGE INTO ")
        print(merge.table)
        if let alias = merge.alias { named(" AS ", alias) }
        write(" USING ")
        print(merge.source)
        write(" ON ")
        print(merge.condition)
        for clause in merge.clauses { print(clause) }
        returning(merge.returning)
    }

    private mutating func print(_ clause: Merge.Clause) {
        switch clause.match {
        case .matched: write(" WHEN MATCHED")
        case .notMatched: write(" WHEN NOT MATCHED")
        case .notMatchedBySource: write(" WHEN NOT MATCHED BY SOURCE")
        }
        if let condition = clause.condition {
            write(" AND ")
            print(condition)
        }
        switch clause.action {
        case .nothing: write(" THEN DO NOTHING")
        case .delete: write(" THEN DELETE")
        case .update(let changes):
            write(" THEN UPDATE SET ")
            assignments(changes)
        case .insert(let columns, let values):
            write(" THEN INSERT ")
            if values.isEmpty {
                write("DEFAULT VALUES")
                return
            }
            if !columns.isEmpty {
                identifiers(columns)
                write(" ")
            }
            write("VALUES ")
            parenthesised { $0.list(values) }
        }
    }

    mutating func print(_ control: TransactionControl) {
        switch control {
        case .begin(let isReadOnly): write(isReadOnly ? "BEGIN READ ONLY" : "BEGIN")
        case .commit: write("COMMIT")
        case .rollback: write("ROLLBACK")
        case .savepoint(let name): named("SAVEPOINT ", name)
        case .release(let name): named("RELEASE SAVEPOINT ", name)
        case .rollbackTo(let name): named("ROLLBACK TO SAVEPOINT ", name)
        }
    }

    mutating func print(_ prepare: Prepare) {
        named("PREPARE ", prepare.name)
        if !prepare.types.isEmpty {
            write(" ")
            parenthesised { $0.list(prepare.types) { $0.print($1) } }
        }
        write(" AS ")
        print(prepare.statement)
    }

    mutating func print(_ execute: Execute) {
        named("EXECUTE ", execute.name)
        if execute.arguments.isEmpty { return }
        parenthesised { $0.list(execute.arguments) }
    }
}
