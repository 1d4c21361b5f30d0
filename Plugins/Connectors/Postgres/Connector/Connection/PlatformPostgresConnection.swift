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
        let deadline = Self.now() + options.connectTimeoutNanoseconds
        var wanted = Int16(POLLOUT)
        while PQstatus(connection) != CONNECTION_BAD {
            try context.checkCancelled()
            guard Self.now() < deadline else {
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

    private func send(_ sql: String, _ parameters: [String?]) throws(IglooError) {
        var values = parameters.map { $0.map { strdup($0) } ?? nil }
        defer { for value in values { free(value) } }
        let isSent = values.withUnsafeMutableBufferPointer { values in
            PQsendQueryParams(
                connection, sql, Int32(values.count), nil,
                UnsafeRawPointer(values.baseAddress)?
                    .assumingMemoryBound(to: UnsafePointer<CChar>?.self),
                nil, nil, 0)
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
        repeat {
            if context.cancellation.isCancelled || isPast(context.deadlineNanoseconds) {
                requestCancel()
                try context.checkCancelled()
                throw IglooError(
                    .deadlineExceeded, "PostgreSQL \(place): no answer before the deadline")
            }
        } while !wait(for: Int16(POLLIN))
        guard PQconsumeInput(connection) == 1 else {
            isBusy = false
            throw IglooError(postgresConnection: connection, place)
        }
    }

    /// Waits a little for the socket; false when nothing happened.
    private func wait(for events: Int16) -> Bool {
        var place = pollfd(fd: PQsocket(connection), events: events, revents: 0)
        return poll(&place, 1, Self.pollMilliseconds) > 0
    }

    private func isPast(_ deadline: Int64?) -> Bool {
        deadline.map { Self.now() > $0 } ?? false
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Asks the server, over a connection of its own, to end what it is doing.
    private func requestCancel() {
        guard let request = PQgetCancel(connection) else { return }
        defer { PQfreeCancel(request) }
        var message = [CChar](repeating: 0, count: 256)
        PQcancel(request, &message, Int32(message.count))
    }

    // MARK: - State

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
