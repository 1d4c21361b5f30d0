// SPDX-License-Identifier: MIT

import CSQLite
import IglooContracts

/// A connection to the store's database file, with its statements prepared once.
///
/// - Threads: one at a time.
// SAFETY: the contract says so, and the store keeps to it.
final class StoreConnection: @unchecked Sendable {
    /// Ends what waits for another process, and long statements.
    var cancellation: CancellationToken?
    let path: String
    private let busyTimeoutMilliseconds: Int
    private var connection: OpaquePointer?
    private var statements: [String: Statement] = [:]

    /// Opens the file, which is made if it is not there.
    init(_ options: StoreOptions) throws(IglooError) {
        path = options.path
        busyTimeoutMilliseconds = options.busyTimeoutMilliseconds
        let flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
            | SQLITE_OPEN_PRIVATECACHE
        let status = sqlite3_open_v2(path, &connection, flags, nil)
        guard status == SQLITE_OK, let connection else {
            let error = failure(status)
            sqlite3_close_v2(connection)
            self.connection = nil
            throw error
        }
        sqlite3_extended_result_codes(connection, 1)
        installHandlers(connection)
        try run("PRAGMA trusted_schema = OFF")
        try run("PRAGMA cell_size_check = ON")
        try run("PRAGMA synchronous = \(options.isDurable ? "FULL" : "NORMAL")")
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement.handle) }
        sqlite3_close_v2(connection)
    }

    private func installHandlers(_ connection: OpaquePointer) {
        let raw = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_progress_handler(
            connection, 10_000, { StoreConnection.at($0)?.isCancelled == true ? 1 : 0 }, raw)
        sqlite3_busy_handler(
            connection, { StoreConnection.at($0)?.wait(Int($1)) == true ? 1 : 0 }, raw)
    }

    private static func at(_ raw: UnsafeMutableRawPointer?) -> StoreConnection? {
        raw.map { Unmanaged<StoreConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    private var isCancelled: Bool { cancellation?.isCancelled == true }

    /// Waits a little for another process; `false` gives up.
    private func wait(_ count: Int) -> Bool {
        let pause = 2
        guard !isCancelled, count * pause < busyTimeoutMilliseconds else { return false }
        sqlite3_sleep(Int32(pause))
        return true
    }

    // MARK: - Statements

    /// A statement, to be read by `step`. It is reset when it is next asked for, or the transaction ends.
    func statement(_ sql: String, _ values: [Statement.Value] = []) throws(IglooError) -> Statement
    {
        let statement = try prepared(sql)
        statement.reset()
        for (index, value) in values.enumerated() {
            let status = statement.bind(value, at: Int32(index + 1))
            guard status == SQLITE_OK else { throw failure(status) }
        }
        return statement
    }

    func run(_ sql: String, _ values: [Statement.Value] = []) throws(IglooError) {
        let statement = try statement(sql, values)
        defer { statement.reset() }
        while try statement.step() {}
    }

    private func prepared(_ sql: String) throws(IglooError) -> Statement {
        if let known = statements[sql] { return known }
        var handle: OpaquePointer?
        let status = sqlite3_prepare_v2(connection, sql, -1, &handle, nil)
        guard status == SQLITE_OK, let handle else { throw failure(status) }
        let statement = Statement(connection: self, handle: handle)
        statements[sql] = statement
        return statement
    }

    /// Runs `body` within a transaction, which an error undoes.
    func transaction<Result>(
        _ begin: String, _ body: () throws(IglooError) -> Result
    ) throws(IglooError) -> Result {
        try run(begin)
        do throws(IglooError) {
            let result = try body()
            try finishReading()
            try run("COMMIT")
            return result
        } catch {
            try? finishReading()
            // SQLite has undone it already after some errors.
            if sqlite3_get_autocommit(connection) == 0 { try? run("ROLLBACK") }
            throw error
        }
    }

    private func finishReading() throws(IglooError) {
        for statement in statements.values { statement.reset() }
    }

    // MARK: - Errors

    func failure(_ code: Int32) -> IglooError {
        let text =
            connection.map { String(cString: sqlite3_errmsg($0)) }
            ?? String(cString: sqlite3_errstr(code))
        let message = "the metadata store '\(path)': \(text)"
        switch code & 0xFF {
        case SQLITE_INTERRUPT: return .cancelled()
        case SQLITE_BUSY, SQLITE_LOCKED:
            if isCancelled { return .cancelled() }
            return IglooError(
                .unavailable, message, hint: "another process writes: try again",
                isRetryable: true)
        case SQLITE_CORRUPT, SQLITE_NOTADB: return IglooError(.invalidData, message)
        case SQLITE_NOMEM, SQLITE_TOOBIG: return IglooError(.resourceExhausted, message)
        case SQLITE_FULL: return IglooError(.resourceExhausted, message, sqlState: .diskFull)
        case SQLITE_PERM, SQLITE_AUTH, SQLITE_READONLY:
            return IglooError(.permissionDenied, message)
        case SQLITE_CANTOPEN:
            return IglooError(
                .unavailable, message, hint: "its folder must be there, and this user's to write")
        default: return IglooError(.unavailable, message)
        }
    }
}

/// A prepared statement.
struct Statement {
    enum Value {
        case integer(Int64)
        case bytes([UInt8])
        case text(String)
    }

    unowned let connection: StoreConnection
    let handle: OpaquePointer
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(connection: StoreConnection, handle: OpaquePointer) {
        self.connection = connection
        self.handle = handle
    }

    func bind(_ value: Value, at index: Int32) -> Int32 {
        switch value {
        case .integer(let number): return sqlite3_bind_int64(handle, index, number)
        case .text(let text):
            return sqlite3_bind_text(handle, index, text, -1, Self.transient)
        case .bytes(let bytes):
            if bytes.isEmpty { return sqlite3_bind_zeroblob(handle, index, 0) }
            return bytes.withUnsafeBytes {
                sqlite3_bind_blob64(
                    handle, index, $0.baseAddress, UInt64($0.count), Self.transient)
            }
        }
    }

    func reset() { sqlite3_reset(handle) }

    /// Moves to the next row; `false` at the end.
    func step() throws(IglooError) -> Bool {
        let status = sqlite3_step(handle)
        if status == SQLITE_ROW { return true }
        if status == SQLITE_DONE { return false }
        throw connection.failure(status)
    }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(handle, column) else { return [] }
        let count = Int(sqlite3_column_bytes(handle, column))
        return Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
}
