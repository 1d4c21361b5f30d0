// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import IglooSQL
import IglooTables

// INSERT, UPDATE, DELETE, MERGE and TRUNCATE.
extension StatementRunner {
    func modify(_ statement: Statement) throws(IglooError) -> StatementResult {
        switch statement {
        case .insert(let insert):
            return try modify("INSERT", insert.table) { (binder) throws(IglooError) in
                try binder.bind(insert)
            }
        case .update(let update):
            return try modify("UPDATE", update.table) { (binder) throws(IglooError) in
                try binder.bind(update)
            }
        case .delete(let delete):
            return try modify("DELETE", delete.table) { (binder) throws(IglooError) in
                try binder.bind(delete)
            }
        case .merge(let merge):
            return try modify("MERGE", merge.table) { (binder) throws(IglooError) in
                try binder.bind(merge)
            }
        case .truncate(let truncate): return try self.truncate(truncate)
        default: throw IglooError(.internalError, "not a statement that changes rows")
        }
    }

    private func modify(
        _ command: String, _ name: QualifiedName,
        _ bind: (Binder) throws(IglooError) -> BoundWrite
    ) throws(IglooError) -> StatementResult {
        if let foreign = foreignName(name) {
            return try modify(command, name, in: foreign.instance, bind)
        }
        let writer = try session.transactions.writing(command) {
            (transaction) throws(IglooError) in
            let write = try bind(binder(transaction.database))
            var writer = try TableWriter(self, transaction, write)
            try writer.run()
            return writer
        }
        return modified(command, Int64(writer.count), writer.write, writer.returned)
    }

    func modified(
        _ command: String, _ count: Int64, _ write: BoundWrite, _ returned: [RecordBatch]
    ) -> StatementResult {
        let tag = command == "INSERT" ? "INSERT 0 \(count)" : "\(command) \(count)"
        guard let columns = write.returning else { return .done(tag: tag) }
        let schema = Schema(columns.map { Field($0.name, $0.type) })
        let count = Int64(returned.reduce(0) { $0 + $1.rowCount })
        let reader = ArrayBatchReader(schema: schema, batches: returned)
        return .rows(
            ResultStream(reader: reader, context: call, tag: tag) {
                QueryProgress(rowCount: count, fraction: 1)
            })
    }

    private func truncate(_ truncate: Truncate) throws(IglooError) -> StatementResult {
        let foreign = truncate.tables.compactMap { foreignName($0) }
        if !foreign.isEmpty {
            for name in truncate.tables {
                guard let place = foreignName(name) else { continue }
                try self.truncate(name, in: place.instance)
            }
            if foreign.count == truncate.tables.count { return .done(tag: "TRUNCATE TABLE") }
        }
        try session.transactions.writing("TRUNCATE TABLE") { (transaction) throws(IglooError) in
            var ids: [Int] = []
            for name in truncate.tables where foreignName(name) == nil {
                ids.append(try table(name, transaction).id)
            }
            try checkTruncation(of: ids, transaction)
            for id in ids { try transaction.truncate(id) }
        }
        return .done(tag: "TRUNCATE TABLE")
    }

    /// The table of this name, for a statement that changes it as a whole.
    func table(
        _ name: QualifiedName, _ transaction: Transaction
    ) throws(IglooError) -> Table {
        let lookup = lookup(transaction.database)
        let parts = name.parts.map(\.name)
        if let found = lookup.memory.find(parts) {
            if let table = transaction.database.table(found.name) { return table }
            throw IglooError(
                .invalidArgument, "\"\(found.name.name)\" is not a table",
                hint: "it is a view", sqlState: .wrongObjectType, position: name.range.start)
        }
        do throws(IglooError) {
            // Only to say what is wrong with the name, or with the table.
            let target = try lookup.target(parts)
            throw IglooError(.internalError, "\(target.name) is found in two ways")
        } catch {
            var placed = error
            placed.position = error.position ?? name.range.start
            throw placed
        }
    }
}
