// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Reads one split in a transaction through a cursor, so that several readers and writers of the
/// transaction can take turns on its one connection.
final class PostgresCursorReader: BatchReader, @unchecked Sendable {
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract; `cancel` only
    // sets the token.
    private static let batchRowCount = 4_096

    let schema: Schema
    private let plan: PostgresPlan
    private let split: PostgresSplit
    private let transaction: PostgresTransaction
    private let decoders: [PostgresColumnDecoder]
    private let place: String
    private let ownCancellation = CancellationToken()
    private var cursor: String?
    private var isAtEnd = false

    init(
        _ plan: PostgresPlan, _ split: PostgresSplit, _ transaction: PostgresTransaction,
        place: String
    ) {
        self.plan = plan
        self.split = split
        self.transaction = transaction
        self.place = place
        schema = plan.schema
        decoders = plan.outputs.map { PostgresColumnDecoder.make($0.type) }
    }

    deinit {
        guard let cursor else { return }
        try? transaction.with(CallContext()) { connection throws(IglooError) in
            if !connection.hasFailed {
                _ = try connection.command("CLOSE \(cursor)", CallContext())
            }
        }
    }

    func cancel() { ownCancellation.cancel() }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        if ownCancellation.isCancelled { throw .cancelled() }
        if isAtEnd { return nil }
        do throws(IglooError) {
            let name = cursor ?? transaction.nextCursorName()
            let rowCount = try transaction.with(context) { connection throws(IglooError) in
                if cursor == nil {
                    _ = try connection.command(
                        "DECLARE \(name) NO SCROLL CURSOR FOR \(plan.statement(split))", context)
                    cursor = name
                }
                return try connection.binaryRows(
                    "FETCH \(Self.batchRowCount) FROM \(name)", context
                ) { _, column, bytes throws(IglooError) in try append(bytes, column) }
            }
            isAtEnd = rowCount < Self.batchRowCount
            guard rowCount > 0 else { return nil }
            return RecordBatch(
                schema: schema, columns: decoders.map { $0.finish() }, rowCount: rowCount)
        } catch {
            isAtEnd = true
            throw error
        }
    }

    private func append(_ bytes: UnsafeRawBufferPointer?, _ column: Int) throws(IglooError) {
        do throws(PostgresValueError) {
            if let bytes {
                try decoders[column].append(bytes)
            } else {
                try decoders[column].appendNull()
            }
        } catch {
            throw IglooError(
                .outOfRange,
                "PostgreSQL \(place), \(plan.table.quotedName), column"
                    + " '\(plan.outputs[column].name)': \(error.message)", hint: error.hint)
        }
    }
}
