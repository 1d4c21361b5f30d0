// SPDX-License-Identifier: MIT

public import IglooArrow

/// How the tables of a connector are written to (facet WRITE of the ABI).
///
/// The way of a write: `begin` prepares it; any number of sinks take batches and end with a
/// fragment; `commit` makes the fragments visible, all or none. Nothing is visible before, and
/// what a sink that never finished has sent is gone. In a transaction (`CallContext.transaction`)
/// the rows are visible to others with the transaction's commit.
///
/// - Threads: fully concurrent; any method from any thread.
public protocol ConnectorWriting: Sendable {
    /// The columns of a table that tell its rows apart, as indexes of its schema; `nil` when
    /// there are none.
    func keys(table: [UInt8], _ context: CallContext) throws(IglooError) -> [Int]?

    /// Prepares a write.
    ///
    /// - Returns: opaque bytes, for the other calls, possibly in another process.
    /// - Throws: `unsupported` when it is not this mode's or this table's; `alreadyExists`.
    func begin(_ request: WriteRequest, _ context: CallContext) throws(IglooError) -> [UInt8]

    /// Opens a sink. A repeated `attempt` replaces what an earlier one of its name left behind.
    ///
    /// - Parameter schema: the columns of the request, and of each batch.
    func openSink(
        write: [UInt8], attempt: [UInt8], schema: Schema, _ context: CallContext
    ) throws(IglooError) -> any BatchSink

    /// Makes the rows of these fragments visible. Again after it succeeded, it has no effect.
    ///
    /// - Throws: `unknownOutcome` when the source's answer was lost: commit again.
    func commit(
        write: [UInt8], fragments: [[UInt8]], _ context: CallContext
    ) throws(IglooError) -> WriteOutcome

    /// Leaves nothing of the write behind. Any number of times, but not after a commit.
    func abort(write: [UInt8], _ context: CallContext) throws(IglooError)
}

/// A write to be begun.
public struct WriteRequest: Sendable {
    public enum Mode: UInt32, Sendable {
        case append = 1
        /// The rows replace all that were there.
        case overwrite
        /// The rows are a new table's.
        case create
        /// Each row replaces the one with the same keys, or is added.
        case upsert
        /// The batches hold keys only; the rows with these keys go.
        case delete
        /// The rows with these keys get the other columns' values.
        case update
    }

    public enum Target: Sendable {
        /// The handle of `openTable`.
        case table([UInt8])
        /// The table to make (`Mode.create`).
        case new(schema: String, name: String)
    }

    public var mode: Mode
    public var target: Target
    /// The columns of the batches, told apart by name: those of the table that are missing get
    /// what the source gives them.
    public var schema: Schema
    /// For `upsert`, `update` and `delete`: which columns of `schema` are the keys.
    public var keys: [Int]

    public init(_ mode: Mode, _ target: Target, schema: Schema, keys: [Int] = []) {
        self.mode = mode
        self.target = target
        self.schema = schema
        self.keys = keys
    }
}

/// What a committed write did.
public struct WriteOutcome: Hashable, Sendable {
    /// Rows written, replaced or deleted; `nil` = unknown.
    public var rowCount: Int64?
    /// Names the state of the data after the write; empty = unknown.
    public var snapshot: [UInt8]

    public init(rowCount: Int64?, snapshot: [UInt8] = []) {
        self.rowCount = rowCount
        self.snapshot = snapshot
    }
}

/// Where the batches of a write go. Letting go of it before `finish` undoes its rows.
///
/// - Threads: one call at a time, on any thread; `cancel` at any time from any thread.
public protocol BatchSink: AnyObject, Sendable {
    func write(_ batch: RecordBatch, _ context: CallContext) throws(IglooError)

    /// All rows were written. Called once, after which there is no more `write`.
    ///
    /// - Returns: the fragment that names the rows for `commit`.
    func finish(_ context: CallContext) throws(IglooError) -> [UInt8]

    /// Makes a running call return soon. Idempotent, must not block.
    func cancel()
}

extension BatchSink {
    public func cancel() {}
}

/// The transactions of a connector (facet TXN of the ABI).
///
/// - Threads: any; the calls of one transaction come one after the other.
public protocol ConnectorTransactions: Sendable {
    /// Begins a transaction of at least this isolation.
    ///
    /// - Returns: bytes for `CallContext.transaction`, of use in this process only.
    /// - Throws: `unsupported` when the isolation cannot be had.
    func begin(
        _ isolation: TransactionIsolation, isReadOnly: Bool, _ context: CallContext
    ) throws(IglooError) -> [UInt8]

    /// - Throws: `conflict` when it was undone because of others; `unknownOutcome`.
    func commit(_ transaction: [UInt8], _ context: CallContext) throws(IglooError)

    func rollback(_ transaction: [UInt8], _ context: CallContext) throws(IglooError)
}

/// What a transaction sees of others.
public enum TransactionIsolation: UInt32, Sendable {
    case readCommitted = 1
    case repeatableRead
    case serializable
}
