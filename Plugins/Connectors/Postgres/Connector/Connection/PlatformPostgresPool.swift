// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

/// The connections of a catalog: made when they are needed, kept for the next user, never more
/// than the bound.
///
/// - Threads: any.
final class PostgresPool: Sendable {
    private struct State {
        var idle: [PostgresConnection] = []
        /// Idle ones and those in use.
        var count = 0
    }

    let options: PostgresOptions
    private let state: Locked<State>
    private static let pauseMicroseconds: UInt32 = 2_000

    init(_ options: PostgresOptions) {
        self.options = options
        state = Locked(State())
    }

    /// Runs `body` with a connection, which goes back afterwards.
    func with<Value>(
        _ context: CallContext, _ body: (PostgresConnection) throws(IglooError) -> Value
    ) throws(IglooError) -> Value {
        let connection = try take(context)
        defer { giveBack(connection) }
        return try body(connection)
    }

    /// A connection for the caller alone, who must give it back. Waits for one when all are in use.
    func take(_ context: CallContext) throws(IglooError) -> PostgresConnection {
        var waited: Int64 = 0
        while true {
            if let connection = try takeNow(leaving: 0, context) { return connection }
            try context.checkCancelled()
            guard waited < options.connectTimeoutNanoseconds else {
                throw IglooError(
                    .resourceExhausted,
                    "PostgreSQL \(options.place): all \(options.connectionCountMax) connections"
                        + " of this catalog are in use",
                    hint: "raise max_connections, or read or close the results that are open",
                    sqlState: SQLState(rawValue: "53300"), isRetryable: true)
            }
            usleep(Self.pauseMicroseconds)
            waited += Int64(Self.pauseMicroseconds) * 1_000
        }
    }

    /// A connection, unless fewer than `leaving` others would then be left for those who need one.
    func takeNow(leaving: Int, _ context: CallContext) throws(IglooError) -> PostgresConnection? {
        let (idle, mayOpen) = state.withLock { state -> (PostgresConnection?, Bool) in
            let inUse = state.count - state.idle.count
            guard options.connectionCountMax - inUse > leaving else { return (nil, false) }
            while let connection = state.idle.popLast() {
                if connection.isReusable { return (connection, false) }
                state.count -= 1
            }
            state.count += 1
            return (nil, true)
        }
        guard mayOpen else { return idle }
        do throws(IglooError) {
            return try PostgresConnection(options, context)
        } catch {
            state.withLock { $0.count -= 1 }
            throw error
        }
    }

    func giveBack(_ connection: PostgresConnection) {
        state.withLock { state in
            if connection.isReusable {
                state.idle.append(connection)
            } else {
                state.count -= 1
            }
        }
    }
}
