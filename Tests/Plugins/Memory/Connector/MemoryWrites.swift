// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Writes that are remembered as texts, one a call.
final class MemoryWrites: ConnectorWriting, ConnectorTransactions {
    private let log = Locked<[String]>([])

    var calls: [String] { log.withLock { $0 } }

    func note(_ call: String, _ context: CallContext) {
        let suffix = context.transaction.isEmpty ? "" : " in \(context.transaction)"
        log.withLock { $0.append(call + suffix) }
    }

    // MARK: - Writing

    /// The first and the third column of `types`; none of others.
    func keys(table: [UInt8], _ context: CallContext) throws(IglooError) -> [Int]? {
        table == Array("\0table:types".utf8) ? [0, 2] : nil
    }

    func begin(_ request: WriteRequest, _ context: CallContext) throws(IglooError) -> [UInt8] {
        switch request.target {
        case .table(let handle):
            note(
                "\(request.mode) \(String(decoding: handle, as: UTF8.self).dropFirst())"
                    + " \(request.schema) \(request.keys)", context)
        case .new(let schema, let name):
            if name == "types" {
                throw IglooError(
                    .alreadyExists, "table \"types\" exists", sqlState: SQLState(rawValue: "42P07"))
            }
            note("\(request.mode) \(schema).\(name) \(request.schema)", context)
        }
        return Array("\0write".utf8)
    }

    func openSink(
        write: [UInt8], attempt: [UInt8], schema: Schema, _ context: CallContext
    ) throws(IglooError) -> any BatchSink {
        note("open \(write) \(attempt) \(schema.fields.count)", context)
        return MemorySink(self, schema)
    }

    func commit(
        write: [UInt8], fragments: [[UInt8]], _ context: CallContext
    ) throws(IglooError) -> WriteOutcome {
        note("commit \(fragments)", context)
        if fragments.isEmpty { return WriteOutcome(rowCount: nil) }
        return WriteOutcome(rowCount: fragments.reduce(0) { $0 + Int64($1[0]) }, snapshot: [7, 0])
    }

    func abort(write: [UInt8], _ context: CallContext) throws(IglooError) {
        note("abort", context)
    }

    // MARK: - Transactions

    func begin(
        _ isolation: TransactionIsolation, isReadOnly: Bool, _ context: CallContext
    ) throws(IglooError) -> [UInt8] {
        if isolation == .serializable {
            throw IglooError(.unsupported, "serializable cannot be had")
        }
        note("begin \(isolation) \(isReadOnly)", context)
        return [0, 9]
    }

    func commit(_ transaction: [UInt8], _ context: CallContext) throws(IglooError) {
        note("commit \(transaction)", context)
        throw IglooError(.conflict, "somebody was faster", isRetryable: true)
    }

    func rollback(_ transaction: [UInt8], _ context: CallContext) throws(IglooError) {
        note("rollback \(transaction)", context)
    }
}

/// Counts the rows; refuses a batch of 13.
private final class MemorySink: BatchSink, @unchecked Sendable {
    private let writes: MemoryWrites
    private let schema: Schema
    // SAFETY: `write` and `finish` are called by one thread at a time.
    private var batches: [RecordBatch] = []
    private var isFinished = false

    init(_ writes: MemoryWrites, _ schema: Schema) {
        self.writes = writes
        self.schema = schema
    }

    deinit { if !isFinished { writes.note("undo", CallContext()) } }

    func write(_ batch: RecordBatch, _ context: CallContext) throws(IglooError) {
        if batch.rowCount == 13 {
            throw IglooError(
                .invalidArgument, "13 rows", sqlState: SQLState(rawValue: "23505"))
        }
        batches.append(batch)
    }

    func finish(_ context: CallContext) throws(IglooError) -> [UInt8] {
        isFinished = true
        let rowCount = batches.reduce(0) { $0 + $1.rowCount }
        if let types = try? MemoryConnector.typesBatch(), schema == types.schema {
            let isEqual = batches.allSatisfy { $0.isEqual(to: types) }
            writes.note("types \(isEqual ? "came across" : "were changed")", context)
        }
        return [UInt8(rowCount)]
    }

    func cancel() { writes.note("cancel", CallContext()) }
}
