// SPDX-License-Identifier: MIT

import IglooContracts

/// A transaction and the connection that is its own.
///
/// - Threads: any; calls take turns.
final class PostgresTransaction: Sendable {
    private struct State {
        var connection: PostgresConnection
        var cursorCount = 0
    }

    private let state: Locked<State>

    init(_ connection: PostgresConnection) { state = Locked(State(connection: connection)) }

    func with<Value>(
        _ context: CallContext, _ body: (PostgresConnection) throws(IglooError) -> Value
    ) throws(IglooError) -> Value {
        try state.withLock { state throws(IglooError) in
            try state.connection.settle(context)
            return try body(state.connection)
        }
    }

    /// A name for a cursor that no other of the transaction has.
    func nextCursorName() -> String {
        state.withLock { state in
            state.cursorCount += 1
            return "igloo_\(state.cursorCount)"
        }
    }
}

/// The transactions of a catalog that are open in this process.
///
/// - Threads: any.
final class PostgresTransactions: ConnectorTransactions {
    private struct State {
        var next: UInt64 = 1
        var open: [[UInt8]: PostgresTransaction] = [:]
    }

    private let pool: PostgresPool
    private let state = Locked(State())

    init(_ pool: PostgresPool) { self.pool = pool }

    /// The transaction of a call; `nil` when it is part of none.
    func transaction(of context: CallContext) throws(IglooError) -> PostgresTransaction? {
        if context.transaction.isEmpty { return nil }
        if let open = state.withLock({ $0.open[context.transaction] }) { return open }
        throw IglooError(
            .invalidState, "the transaction on PostgreSQL \(pool.options.place) has ended",
            sqlState: SQLState(rawValue: "25P01"))
    }

    /// Runs `body` with the connection of the call's transaction, else with one of the pool.
    func withConnection<Value>(
        _ context: CallContext, _ body: (PostgresConnection) throws(IglooError) -> Value
    ) throws(IglooError) -> Value {
        if let transaction = try transaction(of: context) {
            return try transaction.with(context, body)
        }
        return try pool.with(context, body)
    }

    func begin(
        _ isolation: TransactionIsolation, isReadOnly: Bool, _ context: CallContext
    ) throws(IglooError) -> [UInt8] {
        let level =
            switch isolation {
            case .readCommitted: "READ COMMITTED"
            case .repeatableRead: "REPEATABLE READ"
            case .serializable: "SERIALIZABLE"
            }
        let connection = try pool.take(context)
        do throws(IglooError) {
            _ = try connection.command(
                "BEGIN ISOLATION LEVEL \(level) \(isReadOnly ? "READ ONLY" : "READ WRITE")",
                context)
        } catch {
            pool.giveBack(connection)
            throw error
        }
        return state.withLock { state in
            let name = (0..<8).map { UInt8(truncatingIfNeeded: state.next >> ($0 * 8)) }
            state.next += 1
            state.open[name] = PostgresTransaction(connection)
            return name
        }
    }

    func commit(_ transaction: [UInt8], _ context: CallContext) throws(IglooError) {
        try end(transaction) { connection throws(IglooError) in
            try connection.settle(context)
            let answer = try PostgresTransactions.commit(connection, context)
            guard answer == "COMMIT" else {
                throw IglooError(
                    .conflict, "the transaction had failed and was rolled back",
                    sqlState: SQLState(rawValue: "25P02"))
            }
        }
    }

    /// Commits what is open on a connection.
    ///
    /// - Throws: `unknownOutcome` when the answer was lost.
    static func commit(
        _ connection: PostgresConnection, _ context: CallContext
    ) throws(IglooError) -> String {
        do throws(IglooError) {
            return try connection.command("COMMIT", context)
        } catch {
            guard connection.isLost else { throw error }
            throw IglooError(
                .unknownOutcome, "\(error.message): whether it committed is not known",
                hint: "look whether the rows are there", sqlState: SQLState(rawValue: "08007"))
        }
    }

    func rollback(_ transaction: [UInt8], _ context: CallContext) throws(IglooError) {
        try end(transaction) { connection throws(IglooError) in
            // A connection that cannot be told is closed, which ends the transaction too.
            try? connection.settle(context)
            _ = try? connection.command("ROLLBACK", context)
        }
    }

    private func end(
        _ name: [UInt8], _ body: (PostgresConnection) throws(IglooError) -> Void
    ) throws(IglooError) {
        guard let transaction = state.withLock({ $0.open.removeValue(forKey: name) }) else {
            throw IglooError(
                .invalidState, "the transaction on PostgreSQL \(pool.options.place) has ended",
                sqlState: SQLState(rawValue: "25P01"))
        }
        try transaction.with(CallContext()) { connection throws(IglooError) in
            defer { pool.giveBack(connection) }
            try body(connection)
        }
    }
}
