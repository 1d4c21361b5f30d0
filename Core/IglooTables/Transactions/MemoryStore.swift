// SPDX-License-Identifier: MIT

public import IglooContracts
import IglooPlan

/// The tables in memory: what is committed, and the transactions that are under way.
///
/// Readers hold a `Database`, a value, and wait for nobody. Writers change a copy of their own;
/// committing merges it into what others committed since. Of two transactions that change the same
/// row, the later one fails at once (40001).
///
/// - Threads: any.
public final class MemoryStore: Sendable {
    struct State: Sendable {
        var latest = Database()
        var transactions: [ObjectIdentifier: Weak] = [:]
        var lastId = 16_384
        var lastStamp = 0
    }

    /// A transaction that is under way, until it is let go.
    struct Weak: Sendable {
        weak var transaction: Transaction?
    }

    let state = Locked(State())
    let account: any MemoryAccount

    /// - Parameter memory: where rows and indexes are accounted.
    public init(memory: any MemoryAccount) { account = memory }

    /// What is committed.
    public var latest: Database { state.withLock { $0.latest } }

    /// A transaction that sees what is committed now.
    public func begin() -> Transaction {
        state.withLock { state in
            let transaction = Transaction(self, state.latest)
            state.transactions[ObjectIdentifier(transaction)] = Weak(transaction: transaction)
            return transaction
        }
    }

    func newId() -> Int {
        state.withLock { state in
            state.lastId += 1
            return state.lastId
        }
    }

    func newStamp() -> Int {
        state.withLock { state in
            state.lastStamp += 1
            return state.lastStamp
        }
    }

    func forget(_ transaction: ObjectIdentifier) {
        _ = state.withLock { $0.transactions.removeValue(forKey: transaction) }
    }

    /// Whether nobody else has deleted or changed one of these rows since `base`.
    ///
    /// - Throws: `conflict` (40001).
    func claim(
        _ rows: RowSet, of table: Table, base: Table, for transaction: Transaction
    ) throws(IglooError) {
        let (latest, others) = state.withLock { state in
            (state.latest.tables[table.id], state.transactions.values.compactMap(\.transaction))
        }
        guard let latest, latest.data.generation == base.data.generation else {
            throw Self.conflict(
                "the table \"\(table.name.name)\" was changed by another transaction")
        }
        let isGone =
            latest.dataStamp != base.dataStamp
            && latest.data.deleted.subtracting(base.data.deleted).intersects(rows)
        let isClaimed = others.contains { other in
            other !== transaction && other.claims(of: table.id).intersects(rows)
        }
        if isGone || isClaimed {
            throw Self.conflict("could not serialize access due to concurrent update")
        }
    }

    static func conflict(_ message: String) -> IglooError {
        IglooError(
            .conflict, message, hint: "roll back and run the transaction again",
            sqlState: .serializationFailure, isRetryable: true)
    }
}
