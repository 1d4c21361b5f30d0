// SPDX-License-Identifier: MIT

import CSQLite
import IglooContracts
import IglooFiles

/// A read-only connection to a database file.
///
/// The file is never opened but by SQLite: closing any other descriptor of it would drop the locks
/// that other connections of this process hold (POSIX advisory locks belong to the process).
///
/// - Threads: one at a time.
final class SQLiteDatabase {
    let path: String
    let interrupt: SQLiteInterrupt
    private var connection: OpaquePointer?

    /// - Throws: `notFound`, `invalidData` (no database), `unavailable` (locked, unreadable).
    init(
        path: String, busyTimeoutMilliseconds: Int, _ context: CallContext
    ) throws(IglooError) {
        self.path = path
        interrupt = SQLiteInterrupt(busyTimeoutMilliseconds: busyTimeoutMilliseconds)
        interrupt.token = context.cancellation
        guard let kind = try FileKind.of(path) else {
            throw IglooError(
                .notFound, "there is no database file '\(path)'", sqlState: .undefinedFile)
        }
        guard kind == .file else {
            throw IglooError(
                .invalidArgument, "'\(path)' is a \(kind), where a database file is expected")
        }
        let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
        let status = sqlite3_open_v2(path, &connection, flags, nil)
        guard status == SQLITE_OK, let connection else {
            let error = failure(status)
            sqlite3_close_v2(connection)
            self.connection = nil
            throw error
        }
        sqlite3_extended_result_codes(connection, 1)
        interrupt.install(connection)
        do throws(IglooError) {
            // A database may come from anywhere: its schema gets no rights, its pages no trust.
            try run("PRAGMA trusted_schema = OFF")
            try run("PRAGMA cell_size_check = ON")
            try run("PRAGMA query_only = ON")
        } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    func close() {
        if let connection { sqlite3_close_v2(connection) }
        connection = nil
    }

    func failure(_ code: Int32) -> IglooError {
        let message =
            connection.map { String(cString: sqlite3_errmsg($0)) }
            ?? String(cString: sqlite3_errstr(code))
        return IglooError(sqlite: code, message, path: path)
    }

    func run(_ sql: String) throws(IglooError) {
        let statement = try SQLiteStatement(self, sql)
        while try statement.step() {}
    }

    func prepare(_ sql: String) throws(IglooError) -> OpaquePointer {
        var statement: OpaquePointer?
        let status = sqlite3_prepare_v2(connection, sql, -1, &statement, nil)
        guard status == SQLITE_OK, let statement else { throw failure(status) }
        return statement
    }

    /// The first column of the first row as an integer.
    func integer(_ sql: String, _ values: [SQLiteValue] = []) throws(IglooError) -> Int64? {
        let statement = try SQLiteStatement(self, sql, values)
        guard try statement.step(), !statement.isNull(0) else { return nil }
        return statement.integer(0)
    }

    /// The first column of the first row as text.
    func text(_ sql: String, _ values: [SQLiteValue] = []) throws(IglooError) -> String? {
        let statement = try SQLiteStatement(self, sql, values)
        guard try statement.step(), !statement.isNull(0) else { return nil }
        return statement.text(0)
    }
}

/// A value bound to a parameter.
enum SQLiteValue: Hashable, Sendable {
    case integer(Int64)
    case double(Double)
    case text(String)
    case blob([UInt8])
}

/// A prepared statement.
///
/// - Threads: one at a time.
final class SQLiteStatement {
    let database: SQLiteDatabase
    let handle: OpaquePointer
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(
        _ database: SQLiteDatabase, _ sql: String, _ values: [SQLiteValue] = []
    ) throws(IglooError) {
        self.database = database
        handle = try database.prepare(sql)
        for (index, value) in values.enumerated() {
            let status = bind(value, Int32(index + 1))
            if status != SQLITE_OK { throw database.failure(status) }
        }
    }

    deinit { sqlite3_finalize(handle) }

    private func bind(_ value: SQLiteValue, _ index: Int32) -> Int32 {
        switch value {
        case .integer(let number): return sqlite3_bind_int64(handle, index, number)
        case .double(let number): return sqlite3_bind_double(handle, index, number)
        case .text(var text):
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    sqlite3_bind_text64(
                        handle, index, $0.baseAddress, UInt64($0.count), Self.transient,
                        UInt8(SQLITE_UTF8))
                }
            }
        case .blob(let bytes):
            if bytes.isEmpty { return sqlite3_bind_zeroblob(handle, index, 0) }
            return bytes.withUnsafeBytes {
                sqlite3_bind_blob64(
                    handle, index, $0.baseAddress, UInt64($0.count), Self.transient)
            }
        }
    }

    /// Moves to the next row; `false` at the end.
    @inline(__always)
    func step() throws(IglooError) -> Bool {
        let status = sqlite3_step(handle)
        if status == SQLITE_ROW { return true }
        if status == SQLITE_DONE { return false }
        throw database.failure(status)
    }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func text(_ column: Int32) -> String {
        guard let bytes = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}

/// Text as SQL writes it.
enum SQLiteText {
    static func identifier(_ name: String) -> String {
        "\""
            + name.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }

    static func literal(_ value: SQLiteValue) -> String {
        switch value {
        case .integer(let number): "\(number)"
        case .double(let number): "\(number)"
        case .text(let text):
            "'"
                + text.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "''") + "'"
        case .blob(let bytes):
            "x'" + bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                + "'"
        }
    }
}
