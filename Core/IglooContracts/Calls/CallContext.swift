// SPDX-License-Identifier: MIT

/// What travels with every call into a plugin: who asks, until when, and whether still.
///
/// - Threads: a value; share it freely.
public struct CallContext: Sendable {
    /// Set by whoever wants the call to end early.
    public var cancellation: CancellationToken
    /// `CLOCK_MONOTONIC` in nanoseconds after which the answer is of no use; `nil` = no limit.
    public var deadlineNanoseconds: Int64?
    /// Names the query in logs and traces.
    public var queryId: String
    public var user: String
    /// The trace that the call belongs to.
    public var trace = TraceContext.none
    /// The transaction that the call is part of, of `ConnectorTransactions.begin`; empty = none.
    public var transaction: [UInt8]
    /// Where the plugin's large allocations are accounted.
    public var memory: any MemoryAccount
    /// Hears what the user should know although nothing failed.
    public var notices: any NoticeSink
    /// Whose the calling thread is; `nil` = nobody goes on without it.
    public var threadOwner: (any ThreadOwner)?
    /// To be woken after the answer `IglooError.pending`; `nil` = the caller waits.
    public var waker: Waker?

    public init(
        cancellation: CancellationToken = CancellationToken(), deadlineNanoseconds: Int64? = nil,
        queryId: String = "", user: String = "", transaction: [UInt8] = [],
        memory: any MemoryAccount = UnlimitedMemory(),
        notices: any NoticeSink = DiscardedNotices()
    ) {
        self.cancellation = cancellation
        self.deadlineNanoseconds = deadlineNanoseconds
        self.queryId = queryId
        self.user = user
        self.transaction = transaction
        self.memory = memory
        self.notices = notices
    }

    /// Throws `cancelled` once someone asked to stop. Cheap enough to ask for every batch.
    public func checkCancelled() throws(IglooError) {
        if cancellation.isCancelled { throw .cancelled() }
    }
}

extension IglooError {
    public static func cancelled() -> IglooError {
        IglooError(.cancelled, "canceling statement due to user request")
    }
}

/// Memory that someone counts: the query's budget, as the plugin sees it.
///
/// - Threads: any.
public protocol MemoryAccount: Sendable {
    /// Announces `byteCount` more bytes (fewer, if negative).
    ///
    /// - Throws: `resourceExhausted` when the budget is used up: shrink, spill or fail.
    func reserve(_ byteCount: Int) throws(IglooError)
}

/// The account of those who have no budget: tests and tools.
public struct UnlimitedMemory: MemoryAccount {
    public init() {}
    public func reserve(_ byteCount: Int) throws(IglooError) {}
}
