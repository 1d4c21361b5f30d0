// SPDX-License-Identifier: MIT

import CSQLite
import IglooArrow
import IglooContracts

/// Reads one split, in one read transaction: its rows are of one state of the database.
///
/// With a write-ahead log that hinders no writer. With a rollback journal a reader's lock keeps
/// writers from committing; so the split is read in one go, up to 64 MiB, and the lock is gone
/// before the rows are worked on, however slowly that goes.
final class SQLiteReader: BatchReader, @unchecked Sendable {
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract; `cancel` only
    // touches `interrupt`.
    private static let batchRowCount = 8192
    private static let batchByteCount = 8 << 20
    private static let readAheadByteCountMax = 64 << 20

    let schema: Schema
    private let plan: SQLitePlan
    private let database: SQLiteDatabase
    private let interrupt: SQLiteInterrupt
    private var statement: SQLiteStatement?
    private let builders: [SQLiteColumnBuilder]
    /// What the columns are, and whether one comes as the two halves of a sum.
    private let outputs: [(column: SQLiteColumn, isHalved: Bool)]
    private let readsAhead: Bool
    private var ready: [RecordBatch] = []
    private var isFirst = true
    private var mismatchCount = 0
    private var firstMismatch: String?

    init(_ plan: SQLitePlan, _ range: SQLiteRange, _ context: CallContext) throws(IglooError) {
        self.plan = plan
        schema = plan.schema
        database = try plan.table.connect(context)
        interrupt = database.interrupt
        readsAhead = try database.text("PRAGMA main.journal_mode") != "wal"
        let (sql, values) = plan.statement(range)
        statement = try SQLiteStatement(database, sql, values)
        outputs =
            plan.grouping?.outputs.map { ($0.column, $0.isHalved) }
            ?? plan.columns.map { (plan.table.columns[$0], false) }
        builders = outputs.map { SQLiteColumnBuilder($0.column.type) }
    }

    func cancel() { interrupt.cancel() }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        interrupt.token = context.cancellation
        do throws(IglooError) {
            try context.checkCancelled()
            if isFirst && readsAhead { try readAhead() }
            isFirst = false
            if !ready.isEmpty { return ready.removeFirst() }
            if statement != nil, let batch = try readBatch().batch { return batch }
        } catch {
            finish(context)
            throw error
        }
        finish(context)
        return nil
    }

    private func finish(_ context: CallContext) {
        statement = nil
        ready = []
        database.close()
        guard mismatchCount > 0 else { return }
        context.notices.add(
            Notice(
                "\(mismatchCount) values of table '\(plan.table.name)' were read as NULL;"
                    + " the first: \(firstMismatch ?? "")"))
        mismatchCount = 0
    }

    private func readAhead() throws(IglooError) {
        var total = 0
        while statement != nil && total < Self.readAheadByteCountMax {
            let (batch, byteCount) = try readBatch()
            guard let batch else { break }
            ready.append(batch)
            total += byteCount
        }
    }

    /// The next rows; at the end the statement goes, and the transaction with it.
    private func readBatch() throws(IglooError) -> (batch: RecordBatch?, byteCount: Int) {
        guard let statement else { return (nil, 0) }
        var (rowCount, byteCount) = (0, 0)
        while rowCount < Self.batchRowCount && byteCount < Self.batchByteCount {
            guard try statement.step() else {
                self.statement = nil
                break
            }
            byteCount += try readRow(statement)
            rowCount += 1
        }
        guard rowCount > 0 else { return (nil, 0) }
        let arrays = builders.map { $0.finish() }
        return (RecordBatch(schema: schema, columns: arrays, rowCount: rowCount), byteCount)
    }

    /// - Returns: its bytes, about.
    private func readRow(_ statement: SQLiteStatement) throws(IglooError) -> Int {
        var byteCount = 0
        var place: Int32 = 0
        for (index, builder) in builders.enumerated() {
            let before = builder.byteCount
            if outputs[index].isHalved {
                builder.appendSum(statement.handle, place)
                place += 1
            } else if !builder.append(statement.handle, place) {
                try mismatch(statement, index, place)
            }
            place += 1
            byteCount += 16 + builder.byteCount - before
        }
        for guarded in plan.grouping?.guards ?? [] {
            let count = statement.integer(place)
            if count > 0 { throw misfits(count, guarded.column) }
            place += 1
        }
        return byteCount
    }

    /// Values were grouped or counted that a plain scan would not have read.
    private func misfits(_ count: Int64, _ column: SQLiteColumn) -> IglooError {
        IglooError(
            .invalidData,
            "table '\(plan.table.name)' of '\(plan.table.path)', column '\(column.name)': "
                + "\(count) values are not a \(SQLiteTypeName.name(column))",
            hint: "the option on_mismatch = 'null' or 'text' reads such values",
            sqlState: .invalidTextRepresentation)
    }

    private func mismatch(
        _ statement: SQLiteStatement, _ index: Int, _ column: Int32
    ) throws(IglooError) {
        mismatchCount += 1
        guard plan.table.policy != .null || firstMismatch == nil else { return }
        let own = outputs[index].column
        var place = "table '\(plan.table.name)' of '\(plan.table.path)', column '\(own.name)'"
        if plan.readsRowId { place += ", rowid \(statement.integer(Int32(plan.columns.count)))" }
        let message =
            "\(place): \(shown(statement, column)) is not a"
            + " \(SQLiteTypeName.name(own))"
        firstMismatch = message
        guard plan.table.policy != .null else { return }
        throw IglooError(
            .invalidData, message,
            hint: "the option on_mismatch = 'null' or 'text' reads such values",
            sqlState: .invalidTextRepresentation)
    }

    private func shown(_ statement: SQLiteStatement, _ column: Int32) -> String {
        switch sqlite3_column_type(statement.handle, column) {
        case SQLITE_BLOB:
            return "a blob of \(sqlite3_column_bytes(statement.handle, column)) bytes"
        case SQLITE_TEXT:
            let text = statement.text(column)
            return "text '\(text.prefix(60))\(text.count > 60 ? "..." : "")'"
        default: return statement.text(column)
        }
    }
}
