// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Counts the rows of a split of which nobody wants a column.
final class SQLiteCountReader: BatchReader, @unchecked Sendable {
    // SAFETY: as SQLiteReader.
    private static let batchRowCount: Int64 = 65_536

    let schema = Schema([])
    private let database: SQLiteDatabase
    private let interrupt: SQLiteInterrupt
    private let sql: String
    private let values: [SQLiteValue]
    private var remaining: Int64?

    init(_ plan: SQLitePlan, _ range: SQLiteRange, _ context: CallContext) throws(IglooError) {
        database = try plan.table.connect(context)
        interrupt = database.interrupt
        let (rows, values) = plan.statement(range)
        sql = "SELECT count(*) FROM (\(rows))"
        self.values = values
    }

    func cancel() { interrupt.cancel() }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        interrupt.token = context.cancellation
        try context.checkCancelled()
        var count: Int64
        if let remaining {
            count = remaining
        } else {
            defer { database.close() }
            // An error ends the reader.
            remaining = 0
            count = try database.integer(sql, values) ?? 0
        }
        guard count > 0 else {
            remaining = 0
            return nil
        }
        let rows = min(count, Self.batchRowCount)
        count -= rows
        remaining = count
        return RecordBatch(schema: schema, columns: [], rowCount: Int(rows))
    }
}
