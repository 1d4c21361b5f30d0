// SPDX-License-Identifier: MIT

import CPostgres
import IglooArrow
import IglooContracts

/// Reads one split: a `COPY ... TO STDOUT (FORMAT binary)`, row by row into arrays.
///
/// A connection is taken at the first `next` and given back at the end.
///
/// - Source: PostgreSQL 15 manual, COPY, "Binary Format".
final class PostgresReader: BatchReader, @unchecked Sendable {
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract; `cancel` only
    // sets the token.
    private static let batchRowCount = 8_192
    private static let batchByteCount = 8 << 20
    private static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00]

    let schema: Schema
    private let plan: PostgresPlan
    private let split: PostgresSplit
    private let pool: PostgresPool
    private let decoders: [PostgresColumnDecoder]
    private let ownCancellation = CancellationToken()
    private var connection: PostgresConnection?
    private var isStarted = false
    private var isCopied = false
    private var rowNumber = 0

    init(_ plan: PostgresPlan, _ split: PostgresSplit, _ pool: PostgresPool) {
        self.plan = plan
        self.split = split
        self.pool = pool
        schema = plan.schema
        decoders = plan.outputs.map { PostgresColumnDecoder.make($0.type) }
    }

    deinit {
        if let connection { pool.giveBack(connection) }
    }

    func cancel() { ownCancellation.cancel() }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        if ownCancellation.isCancelled { throw .cancelled() }
        do throws(IglooError) {
            if !isStarted { try start(context) }
            guard let connection else { return nil }
            if let batch = try readBatch(connection, context) { return batch }
            try end(connection, context)
            return nil
        } catch {
            // What is under way is given up with the connection.
            if let connection { pool.giveBack(connection) }
            connection = nil
            throw error
        }
    }

    private func start(_ context: CallContext) throws(IglooError) {
        isStarted = true
        let connection = try pool.take(context)
        self.connection = connection
        try PostgresSnapshot.begin(split.snapshot, connection, context)
        try connection.startCopy(
            "COPY (\(plan.statement(split))) TO STDOUT (FORMAT binary)", context)
    }

    private func end(
        _ connection: PostgresConnection, _ context: CallContext
    ) throws(IglooError) {
        if split.snapshot != nil { _ = try connection.rows("COMMIT", [], context) }
        pool.giveBack(connection)
        self.connection = nil
    }

    private func readBatch(
        _ connection: PostgresConnection, _ context: CallContext
    ) throws(IglooError) -> RecordBatch? {
        var (rowCount, byteCount) = (0, 0)
        while rowCount < Self.batchRowCount && byteCount < Self.batchByteCount {
            if ownCancellation.isCancelled { throw .cancelled() }
            guard !isCopied, let message = try connection.nextCopyData(context) else {
                isCopied = true
                break
            }
            defer { PQfreemem(message.baseAddress) }
            if try append(UnsafeRawBufferPointer(message)) { rowCount += 1 }
            byteCount += message.count
        }
        guard rowCount > 0 else { return nil }
        return RecordBatch(
            schema: schema, columns: decoders.map { $0.finish() }, rowCount: rowCount)
    }

    /// Appends the row in a message; false for the trailer. The first has the header before it.
    private func append(_ message: UnsafeRawBufferPointer) throws(IglooError) -> Bool {
        var offset = rowNumber == 0 ? try headerByteCount(message) : 0
        guard message.count - offset >= 2 else { throw malformed("a row without a column count") }
        let count = Int(PostgresBytes.integer(message, at: offset, as: Int16.self))
        if count == -1 { return false }
        guard count == decoders.count else { throw malformed("a row of \(count) columns") }
        offset += 2
        rowNumber += 1
        var index = 0
        while index < count {
            guard message.count - offset >= 4 else { throw malformed("a row that is cut short") }
            let length = Int(PostgresBytes.integer(message, at: offset, as: Int32.self))
            offset += 4
            guard length <= message.count - offset else { throw malformed("a row cut short") }
            do throws(PostgresValueError) {
                if length < 0 {
                    try decoders[index].appendNull()
                } else {
                    try decoders[index].append(
                        UnsafeRawBufferPointer(rebasing: message[offset..<offset + length]))
                    offset += length
                }
            } catch {
                throw failure(error, index)
            }
            index += 1
        }
        return true
    }

    private func headerByteCount(_ message: UnsafeRawBufferPointer) throws(IglooError) -> Int {
        guard message.count >= 19, message.starts(with: Self.signature) else {
            throw malformed("no header")
        }
        let extensionByteCount = Int(PostgresBytes.integer(message, at: 15, as: Int32.self))
        guard extensionByteCount >= 0, extensionByteCount <= message.count - 19 else {
            throw malformed("a header cut short")
        }
        return 19 + extensionByteCount
    }

    private func malformed(_ what: String) -> IglooError {
        IglooError(
            .invalidData,
            "PostgreSQL \(pool.options.place), \(plan.table.quotedName): \(what) in COPY data")
    }

    private func failure(_ error: PostgresValueError, _ column: Int) -> IglooError {
        IglooError(
            .outOfRange,
            "PostgreSQL \(pool.options.place), \(plan.table.quotedName), column"
                + " '\(plan.outputs[column].name)', row \(rowNumber) of the split: \(error.message)",
            hint: error.hint)
    }
}

/// Counts the rows of a split of which nobody wants a column.
final class PostgresCountReader: BatchReader, @unchecked Sendable {
    // SAFETY: as PostgresReader.
    private static let batchRowCount: Int64 = 65_536

    let schema = Schema([])
    private let plan: PostgresPlan
    private let split: PostgresSplit
    private let transactions: PostgresTransactions
    private var remaining: Int64?

    init(_ plan: PostgresPlan, _ split: PostgresSplit, _ transactions: PostgresTransactions) {
        self.plan = plan
        self.split = split
        self.transactions = transactions
    }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        let count = if let remaining { remaining } else { try self.count(context) }
        let rows = min(count, Self.batchRowCount)
        remaining = count - rows
        return rows == 0 ? nil : RecordBatch(schema: schema, columns: [], rowCount: Int(rows))
    }

    private func count(_ context: CallContext) throws(IglooError) -> Int64 {
        // An error ends the reader.
        remaining = 0
        return try transactions.withConnection(context) { connection throws(IglooError) in
            try PostgresSnapshot.begin(split.snapshot, connection, context)
            let rows = try connection.rows(plan.statement(split), [], context)
            if split.snapshot != nil { _ = try connection.rows("COMMIT", [], context) }
            return rows.first?[0].flatMap { Int64($0) } ?? 0
        }
    }
}
