// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import IglooSQL

// Statements that write to tables of connectors.
extension StatementRunner {
    /// The catalog of a connector that the name speaks of; `nil` when it is not one, and for names
    /// of tables in memory.
    func foreignName(
        _ name: QualifiedName, isNew: Bool = false
    ) -> (instance: CatalogInstance, schema: String, table: String)? {
        lookup(session.transactions.database).foreignName(name.parts.map(\.name), isNew: isNew)
    }

    /// Runs a statement that writes to this catalog, in the open transaction or in one of its own.
    func writing<Value>(
        _ command: String, to instance: CatalogInstance, _ name: QualifiedName,
        _ body: (ForeignTransaction) throws(IglooError) -> Value
    ) throws(IglooError) -> Value {
        do throws(IglooError) {
            return try session.transactions.writing(command, to: instance, call, body)
        } catch {
            var placed = error
            placed.position = error.position ?? name.range.start
            throw placed
        }
    }

    func modify(
        _ command: String, _ name: QualifiedName, in instance: CatalogInstance,
        _ bind: (Binder) throws(IglooError) -> BoundWrite
    ) throws(IglooError) -> StatementResult {
        let writer = try writing(command, to: instance, name) {
            (transaction) throws(IglooError) in
            let write = try bind(binder(session.transactions.database, transaction))
            var writer = ForeignWriter(self, transaction, write)
            try writer.run()
            return writer
        }
        return modified(command, writer.count, writer.write, writer.returned)
    }

    func truncate(
        _ name: QualifiedName, in instance: CatalogInstance
    ) throws(IglooError) {
        try writing("TRUNCATE TABLE", to: instance, name) { (transaction) throws(IglooError) in
            let lookup = lookup(session.transactions.database, transaction)
            let target = try lookup.target(name.parts.map(\.name))
            let write = try ForeignWrite(
                transaction.writing,
                WriteRequest(
                    .overwrite, .table(target.table.table.handle), schema: target.definition.schema),
                transaction.context(call))
            _ = try write.commit(transaction.context(call))
        }
    }

    /// CREATE TABLE, with or without a query, in the catalog of a connector.
    func create(
        _ table: CreateTable, _ schema: String, _ name: String, in instance: CatalogInstance
    ) throws(IglooError) -> StatementResult {
        guard !table.orReplace, !table.isTemporary else {
            throw IglooError(
                .unsupported, "tables of connectors are neither replaced nor temporary",
                position: table.name.range.start)
        }
        return try writing("CREATE TABLE", to: instance, table.name) {
            (transaction) throws(IglooError) in
            let binder = binder(session.transactions.database, transaction)
            if table.ifNotExists, try exists(table.name, transaction) {
                session.notices.add(Notice("relation \"\(name)\" already exists, skipping"))
                return .done(tag: "CREATE TABLE")
            }
            let plan = try table.query.map { (query) throws(IglooError) in try binder.bind(query) }
            let definition =
                if let plan, table.columns.isEmpty {
                    try binder.definition(of: plan.columns, named: table.columnNames)
                } else {
                    try binder.definition(of: table)
                }
            try checkPlain(definition)
            let context = transaction.context(call)
            let write = try ForeignWrite(
                transaction.writing,
                WriteRequest(
                    .create, .new(schema: schema, name: name),
                    schema: Schema(definition.schema.fields.map { EngineType.exported($0) })),
                context)
            do throws(IglooError) {
                if let plan, table.withData {
                    let stream = try stream(binder.typed(plan, as: definition))
                    while let batch = try stream.next() { try write.append(batch, context) }
                }
                let count = try write.commit(context)
                return .done(tag: plan == nil ? "CREATE TABLE" : "SELECT \(count)")
            } catch {
                write.abort(context)
                throw error
            }
        }
    }

    private func exists(
        _ name: QualifiedName, _ transaction: ForeignTransaction
    ) throws(IglooError) -> Bool {
        do throws(IglooError) {
            _ = try lookup(session.transactions.database, transaction)
                .relation(name.parts.map(\.name))
            return true
        } catch {
            if error.code == .notFound { return false }
            throw error
        }
    }

    /// A source makes columns, with NOT NULL, and nothing else.
    private func checkPlain(_ definition: TableDefinition) throws(IglooError) {
        guard definition.keys.isEmpty, definition.checks.isEmpty,
            definition.columns.allSatisfy({ $0.defaultText == nil && $0.lengthMax == nil })
        else {
            throw IglooError(
                .unsupported,
                "keys, checks, defaults and lengths of tables of connectors are not"
                    + " supported", hint: "make the table where it is, then INSERT")
        }
    }
}
