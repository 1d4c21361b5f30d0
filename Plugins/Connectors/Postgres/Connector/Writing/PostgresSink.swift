// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Copies batches into the staging table of a write, a mebibyte at a time.
final class PostgresSink: BatchSink, @unchecked Sendable {
    // SAFETY: `write` and `finish` are called by one thread at a time, by the protocol's contract;
    // `cancel` only sets the token.
    private static let chunkByteCount = 1 << 20

    private let target: PostgresWrite
    private let attempt: [UInt8]
    private let prefix: [UInt8]
    private let pool: PostgresPool
    /// The transaction of the write; outside one, the sink has a connection of its own.
    private let transaction: PostgresTransaction?
    private let connection: PostgresConnection?
    private let ownCancellation = CancellationToken()
    private var encoder: PostgresCopyEncoder
    private var isFinished = false

    init(
        _ write: PostgresWrite, _ attempt: [UInt8], _ schema: Schema, _ pool: PostgresPool,
        _ transactions: PostgresTransactions, _ context: CallContext
    ) throws(IglooError) {
        encoder = try PostgresCopyEncoder(schema)
        target = write
        self.attempt = attempt
        // In COPY's text a backslash is doubled.
        prefix = Array(("\\" + PostgresWrite.literal(attempt)).utf8)
        self.pool = pool
        transaction = try transactions.transaction(of: context)
        connection = transaction == nil ? try pool.take(context) : nil
        do throws(IglooError) {
            try with(context) { connection throws(IglooError) in
                if transaction == nil { _ = try connection.command("BEGIN", context) }
                try forget(connection, context)
            }
        } catch {
            if let connection { pool.giveBack(connection) }
            throw error
        }
    }

    deinit {
        if !isFinished {
            if transaction != nil {
                try? with(CallContext()) { connection throws(IglooError) in
                    if !connection.hasFailed { try forget(connection, CallContext()) }
                }
            } else {
                _ = try? connection?.settle(CallContext())
                _ = try? connection?.command("ROLLBACK", CallContext())
            }
        }
        if let connection { pool.giveBack(connection) }
    }

    private func with(
        _ context: CallContext, _ body: (PostgresConnection) throws(IglooError) -> Void
    ) throws(IglooError) {
        if let transaction { return try transaction.with(context, body) }
        if let connection { try body(connection) }
    }

    /// Deletes what an attempt of this name has left behind.
    private func forget(
        _ connection: PostgresConnection, _ context: CallContext
    ) throws(IglooError) {
        _ = try connection.command(
            "DELETE FROM \(target.staging) WHERE \(PostgresWrite.attemptColumn) ="
                + " '\(PostgresWrite.literal(attempt))'::bytea", context)
    }

    func cancel() { ownCancellation.cancel() }

    func write(_ batch: RecordBatch, _ context: CallContext) throws(IglooError) {
        guard !isFinished else {
            throw IglooError(.invalidState, "a batch was written after the sink's end")
        }
        try encoder.append(batch, prefix: prefix)
        if encoder.bytes.count >= Self.chunkByteCount { try send(context) }
    }

    private func send(_ context: CallContext) throws(IglooError) {
        if ownCancellation.isCancelled { throw .cancelled() }
        let data = encoder.take()
        if data.isEmpty { return }
        try with(context) { connection throws(IglooError) in
            try connection.copy(target.copy, data, context)
        }
    }

    func finish(_ context: CallContext) throws(IglooError) -> [UInt8] {
        try send(context)
        if transaction == nil, let connection {
            _ = try connection.command("COMMIT", context)
        }
        isFinished = true
        return attempt
    }
}
