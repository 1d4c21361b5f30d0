// SPDX-License-Identifier: MIT

import IglooContracts
import IglooTables

/// How a session stands to transactions.
public enum TransactionStatus: Sendable {
    /// Each statement is a transaction of its own.
    case none
    case open
    /// A statement failed: nothing but ROLLBACK goes on.
    case failed
}

/// The transaction that a session has begun, if any.
///
/// - Threads: any; statements come one after another.
final class SessionTransactions: Sendable {
    private struct Open: Sendable {
        var transaction: Transaction
        var isReadOnly: Bool
        var hasFailed = false
        var savepoints: [(name: String, point: Transaction.Savepoint)] = []
        /// Once the transaction has written to a catalog of a connector.
        var foreign: ForeignTransaction?
    }

    private let store: MemoryStore
    private let open = Locked<Open?>(nil)
    /// That of a statement which writes in a transaction of its own.
    private let single = Locked<Transaction?>(nil)

    init(_ store: MemoryStore) { self.store = store }

    var status: TransactionStatus {
        open.withLock { open in
            guard let open else { return .none }
            return open.hasFailed ? .failed : .open
        }
    }

    /// What a statement sees that begins now.
    var database: Database {
        (open.withLock { $0?.transaction } ?? single.withLock { $0 })?.database ?? store.latest
    }

    /// The transaction's part with the source of a catalog.
    var foreign: ForeignTransaction? { open.withLock { $0?.foreign } }

    /// - Throws: 25P02 in a transaction that has failed.
    func checkUsable() throws(IglooError) {
        guard case .failed = status else { return }
        throw IglooError(
            .invalidState,
            "current transaction is aborted, commands ignored until end of transaction block",
            hint: "ROLLBACK ends it", sqlState: .failedTransaction)
    }

    /// Notes that a statement failed, which ends what its transaction can do.
    func fail() {
        open.withLock { open in
            guard open != nil else { return }
            open?.hasFailed = true
            // Nothing will come of it: others need not wait for ROLLBACK.
            if open?.savepoints.isEmpty == true { open?.transaction.rollback() }
            open?.foreign?.rollback()
            open?.foreign = nil
        }
    }

    /// Runs a statement that writes, in the open transaction or in one of its own.
    ///
    /// - Throws: what `body` throws; 25006 in a read-only transaction; 40001 from committing.
    func writing<Value>(
        _ statement: String, _ body: (Transaction) throws(IglooError) -> Value
    ) throws(IglooError) -> Value {
        if let open = open.withLock({ $0 }) {
            guard !open.isReadOnly else { throw Self.isReadOnly(statement) }
            if let foreign = open.foreign { throw Self.secondCatalog(foreign) }
            return try body(open.transaction)
        }
        let transaction = store.begin()
        single.withLock { $0 = transaction }
        defer { single.withLock { $0 = nil } }
        do throws(IglooError) {
            let value = try body(transaction)
            try transaction.commit()
            return value
        } catch {
            transaction.rollback()
            throw error
        }
    }

    /// Runs a statement that writes to the catalog of a connector, in the open transaction, of which
    /// that becomes a part, or in one of its own.
    ///
    /// - Throws: what `body` and the source throw; 0A000 when the transaction writes elsewhere too.
    func writing<Value>(
        _ statement: String, to instance: CatalogInstance, _ context: CallContext,
        _ body: (ForeignTransaction) throws(IglooError) -> Value
    ) throws(IglooError) -> Value {
        if let open = open.withLock({ $0 }) {
            guard !open.isReadOnly else { throw Self.isReadOnly(statement) }
            if let foreign = open.foreign {
                guard foreign.instance === instance else { throw Self.secondCatalog(foreign) }
                return try body(foreign)
            }
            guard !open.transaction.hasChanges, open.savepoints.isEmpty else {
                throw IglooError(
                    .unsupported,
                    "a transaction that writes to \"\(instance.name)\" writes to nothing else, and"
                        + " has no savepoints", hint: "COMMIT first")
            }
            let foreign = try ForeignTransaction(instance, context)
            guard foreign.isRepeatable else {
                throw IglooError(
                    .unsupported, "\"\(instance.name)\" has no transactions",
                    hint: "write to it outside BEGIN and COMMIT")
            }
            self.open.withLock { $0?.foreign = foreign }
            return try body(foreign)
        }
        let foreign = try ForeignTransaction(instance, context)
        do throws(IglooError) {
            let value = try body(foreign)
            try foreign.commit()
            return value
        } catch {
            foreign.rollback()
            throw error
        }
    }

    private static func isReadOnly(_ statement: String) -> IglooError {
        IglooError(
            .invalidState, "cannot execute \(statement) in a read-only transaction",
            sqlState: .readOnlyTransaction)
    }

    private static func secondCatalog(_ foreign: ForeignTransaction) -> IglooError {
        IglooError(
            .unsupported,
            "the transaction writes to \"\(foreign.instance.name)\" and can write to nothing else",
            hint: "COMMIT first")
    }

    // MARK: - BEGIN, COMMIT, ROLLBACK

    /// False when one is open already.
    func begin(isReadOnly: Bool) -> Bool {
        open.withLock { open in
            guard open == nil else { return false }
            open = Open(transaction: store.begin(), isReadOnly: isReadOnly)
            return true
        }
    }

    enum End: Sendable { case committed, rolledBack, nothing }

    /// A failed transaction is rolled back.
    ///
    /// - Throws: 40001 and 23505 when others committed what cannot stand beside it.
    func commit() throws(IglooError) -> End {
        guard let ended = take() else { return .nothing }
        if ended.hasFailed {
            ended.transaction.rollback()
            return .rolledBack
        }
        do throws(IglooError) {
            // One of the two has nothing to commit.
            try ended.foreign?.commit()
            try ended.transaction.commit()
        } catch {
            ended.transaction.rollback()
            throw error
        }
        return .committed
    }

    func rollback() -> End {
        guard let ended = take() else { return .nothing }
        ended.foreign?.rollback()
        ended.transaction.rollback()
        return .rolledBack
    }

    private func take() -> Open? {
        open.withLock { open in
            defer { open = nil }
            return open
        }
    }

    // MARK: - Savepoints

    func savepoint(_ name: String) throws(IglooError) {
        try changing("SAVEPOINT") { (open) throws(IglooError) in
            if let foreign = open.foreign { throw Self.secondCatalog(foreign) }
            open.savepoints.append((name, open.transaction.savepoint()))
        }
    }

    func release(_ name: String) throws(IglooError) {
        try changing("RELEASE SAVEPOINT") { (open) throws(IglooError) in
            let index = try Self.index(of: name, open)
            open.savepoints.removeSubrange(index...)
        }
    }

    /// Also brings back a transaction that has failed.
    func rollback(to name: String) throws(IglooError) {
        try changing("ROLLBACK TO SAVEPOINT") { (open) throws(IglooError) in
            let index = try Self.index(of: name, open)
            open.transaction.restore(open.savepoints[index].point)
            open.savepoints.removeSubrange((index + 1)...)
            open.hasFailed = false
        }
    }

    private static func index(of name: String, _ open: Open) throws(IglooError) -> Int {
        if let index = open.savepoints.lastIndex(where: { $0.name == name }) { return index }
        throw IglooError(
            .notFound, "savepoint \"\(name)\" does not exist",
            hint: NearestName.among(open.savepoints.map(\.name), to: name)
                .map { "did you mean \"\($0)\"?" }, sqlState: .invalidSavepoint)
    }

    private func changing(
        _ statement: String, _ body: (inout Open) throws(IglooError) -> Void
    ) throws(IglooError) {
        try open.withLock { (open) throws(IglooError) in
            guard var changed = open else {
                throw IglooError(
                    .invalidState, "\(statement) can only be used in transaction blocks",
                    hint: "BEGIN opens one", sqlState: .noActiveTransaction)
            }
            try body(&changed)
            open = changed
        }
    }
}
