// SPDX-License-Identifier: MIT

import CPostgres
import Glibc
import IglooContracts

/// A connection to a server. Every wait for the server ends soon after the call is cancelled.
///
/// - Threads: one at a time.
final class PostgresConnection {
    private static let pollMilliseconds: Int32 = 50

    private let connection: OpaquePointer
    private let place: String
    /// Whether the server may still be at work on something whose answer was not read.
    private var isBusy = false

    /// Connects and logs in.
    ///
    /// - Throws: `unavailable`, `unauthenticated`, `cancelled`.
    init(_ options: PostgresOptions, _ context: CallContext) throws(IglooError) {
        place = options.place
        var keywords = options.parameters.map { strdup($0.keyword) } + [nil]
        var values = options.parameters.map { strdup($0.value) } + [nil]
        defer { for text in keywords + values { free(text) } }
        let started = keywords.withUnsafeMutableBufferPointer { keywords in
            values.withUnsafeMutableBufferPointer { values in
                PQconnectStartParams(
                    UnsafeRawPointer(keywords.baseAddress!)
                        .assumingMemoryBound(to: UnsafePointer<CChar>?.self),
                    UnsafeRawPointer(values.baseAddress!)
                        .assumingMemoryBound(to: UnsafePointer<CChar>?.self), 0)
            }
        }
        guard let started else { throw IglooError(.resourceExhausted, "libpq has no memory") }
        connection = started
        try finishConnecting(options, context)
        // What the server says beside its answers is not for standard error.
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
    }

    deinit {
        if isBusy { requestCancel() }
        PQfinish(connection)
    }

    private func finishConnecting(
        _ options: PostgresOptions, _ context: CallContext
    ) throws(IglooError) {
        let deadline = MonotonicClock.nanoseconds() + options.connectTimeoutNanoseconds
        var wanted = Int16(POLLOUT)
        while PQstatus(connection) != CONNECTION_BAD {
            try context.checkCancelled()
            guard MonotonicClock.nanoseconds() < deadline else {
                throw IglooError(
                    .unavailable, "PostgreSQL \(place): no answer within connect_timeout",
                    sqlState: SQLState(rawValue: "08001"), isRetryable: true)
            }
            guard wait(for: wanted) else { continue }
            switch PQconnectPoll(connection) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: wanted = Int16(POLLIN)
            case PGRES_POLLING_WRITING: wanted = Int16(POLLOUT)
            default: throw IglooError(postgresConnection: connection, place)
            }
        }
        throw IglooError(postgresConnection: connection, place)
    }

    // MARK: - Statements

    /// Runs one statement and returns its rows as text.
    func rows(
        _ sql: String, _ parameters: [String?] = [], _ context: CallContext
    ) throws(IglooError) -> [[String?]] {
        try send(sql, parameters)
        let result = try takeResult(context)
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else {
            throw IglooError(postgres: result, place)
        }
        var rows: [[String?]] = []
        for row in 0..<PQntuples(result) {
            rows.append(
                (0..<PQnfields(result)).map { column in
                    PQgetisnull(result, row, column) == 1
                        ? nil : String(cString: PQgetvalue(result, row, column))
                })
        }
        return rows
    }

    /// Runs one statement and returns what the server says it did: `INSERT 0 5`.
    func command(_ sql: String, _ context: CallContext) throws(IglooError) -> String {
        try send(sql, [])
        let result = try takeResult(context)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK else {
            throw IglooError(postgres: result, place)
        }
        return String(cString: PQcmdStatus(result))
    }

    /// Runs one statement and passes its rows on in the binary format.
    ///
    /// - Parameter body: gets a row's number and a column's, and the value's bytes, `nil` for NULL.
    /// - Returns: the number of rows.
    func binaryRows(
        _ sql: String, _ context: CallContext,
        _ body: (Int, Int, UnsafeRawBufferPointer?) throws(IglooError) -> Void
    ) throws(IglooError) -> Int {
        try send(sql, [], isBinary: true)
        let result = try takeResult(context)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_TUPLES_OK else {
            throw IglooError(postgres: result, place)
        }
        for row in 0..<PQntuples(result) {
            for column in 0..<PQnfields(result) {
                let isNull = PQgetisnull(result, row, column) == 1
                try body(
                    Int(row), Int(column),
                    isNull
                        ? nil
                        : UnsafeRawBufferPointer(
                            start: PQgetvalue(result, row, column),
                            count: Int(PQgetlength(result, row, column))))
            }
        }
        return Int(PQntuples(result))
    }

    /// Runs `COPY ... FROM STDIN` with this data.
    func copy(_ sql: String, _ data: [UInt8], _ context: CallContext) throws(IglooError) {
        try send(sql, [])
        let started = try awaitResult(context)
        defer { PQclear(started) }
        guard PQresultStatus(started) == PGRES_COPY_IN else {
            let error = IglooError(postgres: started, place)
            try drain(context)
            throw error
        }
        PQsetnonblocking(connection, 1)
        defer { PQsetnonblocking(connection, 0) }
        do throws(IglooError) {
            try put(data, context)
            try finishPutting(nil, context)
        } catch {
            // The server forgets what it got, and the connection is of use again.
            if PQstatus(connection) == CONNECTION_OK {
                try? finishPutting("the sender gave up", CallContext())
                try? drain(CallContext())
            }
            throw error
        }
        PQclear(try takeSuccess(context))
    }

    private func put(_ data: [UInt8], _ context: CallContext) throws(IglooError) {
        var start = 0
        while start < data.count {
            let count = min(data.count - start, 1 << 16)
            let status = data.withUnsafeBytes { bytes in
                PQputCopyData(
                    connection,
                    bytes.baseAddress?.advanced(by: start)
                        .assumingMemoryBound(to: CChar.self), Int32(count))
            }
            if status < 0 { throw IglooError(postgresConnection: connection, place) }
            if status > 0 { start += count } else { try awaitRoom(context) }
        }
    }

    /// - Parameter failure: why the data is not whole; `nil` when it is.
    private func finishPutting(
        _ failure: String?, _ context: CallContext
    ) throws(IglooError) {
        while true {
            let status = PQputCopyEnd(connection, failure)
            if status < 0 { throw IglooError(postgresConnection: connection, place) }
            if status > 0 { break }
            try awaitRoom(context)
        }
        while PQflush(connection) == 1 { try awaitRoom(context) }
    }

    /// Waits until the server takes more, reading what it says meanwhile.
    private func awaitRoom(_ context: CallContext) throws(IglooError) {
        try checkWanted(context)
        if wait(for: Int16(POLLIN | POLLOUT)) { PQconsumeInput(connection) }
    }

    /// Begins `COPY ... TO STDOUT`; the data comes from `nextCopyData`.
    func startCopy(_ sql: String, _ context: CallContext) throws(IglooError) {
        try send(sql, [])
        let result = try awaitResult(context)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COPY_OUT else {
            let error = IglooError(postgres: result, place)
            try drain(context)
            throw error
        }
    }

    /// The next message of a COPY, to be freed with `PQfreemem`; `nil` at its end.
    func nextCopyData(
        _ context: CallContext
    ) throws(IglooError) -> UnsafeMutableRawBufferPointer? {
        var bytes: UnsafeMutablePointer<CChar>?
        while true {
            let count = PQgetCopyData(connection, &bytes, 1)
            if count > 0 {
                return UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))
            }
            switch count {
            case 0: try consumeInput(context)
            case -1:
                PQclear(try takeSuccess(context))
                return nil
            default:
                defer { isBusy = false }
                throw IglooError(postgresConnection: connection, place)
            }
        }
    }

    private func takeSuccess(_ context: CallContext) throws(IglooError) -> OpaquePointer? {
        let result = try takeResult(context)
        guard PQresultStatus(result) == PGRES_COMMAND_OK else {
            defer { PQclear(result) }
            throw IglooError(postgres: result, place)
        }
        return result
    }

    private func send(
        _ sql: String, _ parameters: [String?], isBinary: Bool = false
    ) throws(IglooError) {
        var values = parameters.map { $0.map { strdup($0) } ?? nil }
        defer { for value in values { free(value) } }
        let isSent = values.withUnsafeMutableBufferPointer { values in
            PQsendQueryParams(
                connection, sql, Int32(values.count), nil,
                UnsafeRawPointer(values.baseAddress)?
                    .assumingMemoryBound(to: UnsafePointer<CChar>?.self),
                nil, nil, isBinary ? 1 : 0)
        }
        guard isSent == 1 else { throw IglooError(postgresConnection: connection, place) }
        isBusy = true
    }

    /// The statement's last result; after it the connection is ready for the next statement.
    private func takeResult(_ context: CallContext) throws(IglooError) -> OpaquePointer? {
        let result = try awaitResult(context)
        do throws(IglooError) {
            try drain(context)
        } catch {
            PQclear(result)
            throw error
        }
        return result
    }

    private func awaitResult(_ context: CallContext) throws(IglooError) -> OpaquePointer? {
        while PQisBusy(connection) == 1 { try consumeInput(context) }
        guard let result = PQgetResult(connection) else {
            throw IglooError(postgresConnection: connection, place)
        }
        return result
    }

    /// Reads what is left of the answers.
    private func drain(_ context: CallContext) throws(IglooError) {
        while true {
            while PQisBusy(connection) == 1 { try consumeInput(context) }
            guard let result = PQgetResult(connection) else { break }
            PQclear(result)
        }
        isBusy = false
    }

    // MARK: - Waiting

    private func consumeInput(_ context: CallContext) throws(IglooError) {
        while PQflush(connection) == 1 { _ = wait(for: Int16(POLLIN | POLLOUT)) }
        repeat { try checkWanted(context) } while !wait(for: Int16(POLLIN))
        guard PQconsumeInput(connection) == 1 else {
            isBusy = false
            throw IglooError(postgresConnection: connection, place)
        }
    }

    /// Throws, and has the server stop, when nobody waits for the answer any more.
    private func checkWanted(_ context: CallContext) throws(IglooError) {
        guard context.cancellation.isCancelled || isPast(context.deadlineNanoseconds) else {
            return
        }
        requestCancel()
        try context.checkCancelled()
        throw IglooError(.deadlineExceeded, "PostgreSQL \(place): no answer before the deadline")
    }

    /// Waits a little for the socket; false when nothing happened.
    private func wait(for events: Int16) -> Bool {
        var place = pollfd(fd: PQsocket(connection), events: events, revents: 0)
        return poll(&place, 1, Self.pollMilliseconds) > 0
    }

    private func isPast(_ deadline: Int64?) -> Bool {
        deadline.map { MonotonicClock.nanoseconds() > $0 } ?? false
    }

    /// Asks the server, over a connection of its own, to end what it is doing.
    private func requestCancel() {
        guard let request = PQgetCancel(connection) else { return }
        defer { PQfreeCancel(request) }
        var message = [CChar](repeating: 0, count: 256)
        PQcancel(request, &message, Int32(message.count))
    }

    // MARK: - State

    /// Reads the answer to a statement whose caller was cancelled, so that a next one can be sent.
    func settle(_ context: CallContext) throws(IglooError) {
        if isBusy { try drain(context) }
    }

    /// Whether the transaction that is open is to be rolled back, as after an error.
    var hasFailed: Bool { PQtransactionStatus(connection) == PQTRANS_INERROR }

    var isLost: Bool { PQstatus(connection) != CONNECTION_OK }

    /// Whether a next user can begin: nothing under way, no transaction, the server still there.
    var isReusable: Bool {
        guard !isBusy, PQstatus(connection) == CONNECTION_OK,
            PQtransactionStatus(connection) == PQTRANS_IDLE
        else { return false }
        var place = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
        // An idle server says nothing but that it goes away.
        return poll(&place, 1, 0) == 0
    }
}
