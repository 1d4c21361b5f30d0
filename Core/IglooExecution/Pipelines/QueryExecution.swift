// SPDX-License-Identifier: MIT

public import IglooContracts
import Synchronization

/// What a query is run with.
public struct QueryContext: Sendable {
    /// Cancellation, deadline and names; its `memory` is replaced by the query's own account.
    public var call: CallContext
    public var settings: Settings

    /// What a session may set for its queries.
    public struct Settings: Sendable {
        /// The zone in which instants are shown and taken apart.
        public var timeZone = "UTC"
        /// What functions may ask of the session.
        public var session = SessionAccess()
        /// `now()`: the statement's start, in microseconds since 1970-01-01 UTC.
        public var statementTimeMicroseconds: Int64 = 0
        /// Bytes a split should have.
        public var splitByteCount = 32 << 20
        /// Batches that wait for a slow reader of the result before pipelines park.
        public var resultBatchCountMax = 16
        /// Bytes the query may hold; `nil` = all that the process may.
        public var memoryLimit: Int?
        /// Where operators write what they cannot hold.
        public var temporaryFolder = TemporaryFolder.standard()
        public var encryptsTemporaryFiles = false
        /// Counts the time that operators take.
        public var measuresTime = false
        /// For tests: operators that can spill do so as soon as they hold anything.
        public var spillsAlways = false

        public init() {}
    }

    public init(_ call: CallContext, settings: Settings = Settings()) {
        self.call = call
        self.settings = settings
    }
}

extension CallContext {
    /// Throws `deadlineExceeded` once its time is over.
    func checkTime() throws(IglooError) {
        guard let deadlineNanoseconds, MonotonicClock.nanoseconds() > deadlineNanoseconds else {
            return
        }
        throw .statementTimeout()
    }
}

extension IglooError {
    static func statementTimeout() -> IglooError {
        IglooError(
            .deadlineExceeded, "canceling statement due to statement timeout",
            sqlState: .queryCanceled)
    }
}

/// A running query: its error, its end, its memory, its figures.
///
/// - Threads: any.
final class QueryExecution: @unchecked Sendable {
    // SAFETY: `activeCount` is guarded by the scheduler's monitor; `pipelines` and `root` are set
    // before any thread runs; the rest synchronises itself.
    var activeCount = 0
    let scheduler: Scheduler
    let context: QueryContext
    let memory: QueryMemory
    let metrics: QueryMetrics
    let spillStore: SpillStore
    /// What expressions know of the statement.
    let evaluation: EvaluationContext
    /// Whoever asked for the query cancels this one; calls into connectors see the query's own,
    /// which an error or a dropped result cancels as well.
    private let statementCancellation: CancellationToken
    private let latches = Locked<[Latch]>([])
    private let stopped = Atomic<Bool>(false)
    private let breakers = Locked<[@Sendable () -> Void]>([])
    private let endObserver = Locked<(@Sendable (IglooError?) -> Void)?>(nil)

    init(scheduler: Scheduler, context: QueryContext, memory: QueryMemory, metrics: QueryMetrics) {
        self.scheduler = scheduler
        var context = context
        context.call.memory = memory
        context.call.threadOwner = PoolThreads(scheduler)
        statementCancellation = context.call.cancellation
        context.call.cancellation = CancellationToken(polling: statementCancellation.address)
        self.context = context
        var session = context.settings.session
        session.cancellation = context.call.cancellation
        evaluation = EvaluationContext(
            statementTimeMicroseconds: context.settings.statementTimeMicroseconds,
            timeZone: context.settings.timeZone, session: session,
            call: context.call)
        self.memory = memory
        self.metrics = metrics
        spillStore = SpillStore(
            folder: context.settings.temporaryFolder,
            isEncrypted: context.settings.encryptsTemporaryFiles)
    }

    /// True once the query failed, was cancelled or nobody wants its rows any more.
    var isStopped: Bool { stopped.load(ordering: .acquiring) }

    /// Has a latch forget its pipelines when the query is over.
    func clearAtEnd(_ latch: Latch) {
        latches.withLock { latches in
            // Those that are open know no pipeline any more; a recursion makes new ones every round.
            if latches.count == latches.capacity { latches.removeAll(where: \.isOpen) }
            latches.append(latch)
        }
        // Pipelines may be added while the query runs, and after its end.
        if isStopped { latch.clear() }
    }

    /// Called once, with the first error, when the query fails.
    func onEnd(_ observer: @escaping @Sendable (IglooError?) -> Void) {
        endObserver.withLock { $0 = observer }
    }

    /// Has `body` called once the query is over: it breaks a call that may block, and does not block.
    func whenStopped(_ body: @escaping @Sendable () -> Void) {
        breakers.withLock { $0.append(body) }
        if isStopped { breakCalls() }
    }

    private func breakCalls() {
        let bodies = breakers.withLock { bodies in
            defer { bodies = [] }
            return bodies
        }
        for body in bodies { body() }
    }

    /// Ends the query; only the first call counts.
    func stop(_ error: IglooError?) {
        let observer = endObserver.withLock { observer -> (@Sendable (IglooError?) -> Void)? in
            let isFirst = !stopped.exchange(true, ordering: .acquiringAndReleasing)
            defer { observer = nil }
            return isFirst ? observer : nil
        }
        context.call.cancellation.cancel()
        breakCalls()
        observer?(error)
        for latch in latches.withLock({ $0 }) { latch.clear() }
        scheduler.wakeAll(of: self)
    }

    /// Runs a piece of the query; an error ends the whole of it.
    func run(_ body: () throws(IglooError) -> Void) {
        if isStopped { return }
        do throws(IglooError) {
            try body()
        } catch {
            stop(error)
        }
    }

    /// Throws when the query has to end. Cheap: asked for every batch.
    func poll() throws(IglooError) {
        if isStopped { throw .cancelled() }
        try context.call.checkCancelled()
        try context.call.checkTime()
    }
}
