// SPDX-License-Identifier: MIT

import IglooContracts

/// What a thread of the pool did in one step of a job.
enum Step {
    /// Work was done, and there may be more.
    case more
    /// Nothing can be done until someone calls `Scheduler.notify`.
    case waiting
    /// This thread finds no more work; the job is over when no other thread is at work on it.
    case done
}

/// Work that any number of threads may share, step by step: a morsel, a partition.
class Job: @unchecked Sendable {
    // SAFETY: the fields below are guarded by the scheduler's monitor.
    fileprivate(set) final var activeCount = 0
    fileprivate final var isWaiting = false
    fileprivate final var isDone = false
    fileprivate final var isFinished = false
    fileprivate final var notices = 0
    fileprivate final var lastServed = 0

    /// The share holder: threads are divided evenly between queries.
    let query: QueryExecution
    let threadCountMax: Int

    init(_ query: QueryExecution, threadCountMax: Int = .max) {
        self.query = query
        self.threadCountMax = threadCountMax
    }

    /// Does a piece of work of some milliseconds at most. Called by many threads at once.
    func step() -> Step { .done }

    /// Called once, after the last step of the last thread.
    func finished() {}
}

/// One pool of compute threads for all queries of the process.
///
/// Threads take a step of a job, then choose anew, so that queries share the processors and a job
/// that cannot go on holds no thread.
///
/// - Threads: any.
final class Scheduler: @unchecked Sendable {
    // SAFETY: everything mutable is guarded by `monitor`.
    private let monitor = Monitor()
    private var jobs: [Job] = []
    private var startedCount = 0
    private var tick = 0
    private var isStopping = false
    /// The threads of the pool that are not lost.
    private var working: Set<ThreadIdentity> = []

    let threadCount: Int

    init(threadCount: Int) { self.threadCount = max(1, threadCount) }

    /// A process that gets no thread at all ends the query.
    func add(_ job: Job) {
        let hasThreads = monitor.withLock {
            startThreads()
            if startedCount > 0 { jobs.append(job) }
            monitor.broadcast()
            return startedCount > 0
        }
        if !hasThreads {
            job.query.stop(.noThread())
            job.finished()
        }
    }

    /// Says that a waiting job may find work again.
    func notify(_ job: Job) {
        monitor.lock()
        job.notices &+= 1
        if job.isWaiting {
            job.isWaiting = false
            monitor.signal()
        }
        monitor.unlock()
    }

    /// Has all jobs of a query look again: it has ended.
    func wakeAll(of query: QueryExecution) {
        monitor.lock()
        for job in jobs where job.query === query {
            job.notices &+= 1
            job.isWaiting = false
        }
        monitor.broadcast()
        monitor.unlock()
    }

    /// Ends the threads, after the steps they are at, and waits for them, but not for those that
    /// a plugin holds up. Jobs that are left are not run.
    func stop() {
        monitor.withLock {
            isStopping = true
            monitor.broadcast()
            let deadline = MonotonicClock.nanoseconds() + 1_000_000_000
            while startedCount > 0, MonotonicClock.nanoseconds() < deadline {
                monitor.wait(milliseconds: 100)
            }
        }
    }

    private func startThreads() {
        while startedCount < threadCount {
            guard EngineThread.start(name: "igloo-compute", { [self] in work() }) else { break }
            startedCount += 1
        }
    }

    private func work() {
        let own = ThreadIdentity.current
        monitor.lock()
        working.insert(own)
        while !isStopping && working.contains(own) {
            guard let job = choose() else {
                monitor.wait()
                continue
            }
            run(job)
        }
        // One that was lost and has come back has been replaced.
        if working.remove(own) != nil { startedCount -= 1 }
        monitor.broadcast()
        monitor.unlock()
    }

    /// Goes on without a thread that a call into a plugin holds up.
    func lose(_ thread: ThreadIdentity) {
        monitor.withLock {
            guard working.remove(thread) != nil else { return }
            startedCount -= 1
            if !isStopping { startThreads() }
        }
    }

    /// Takes one step. Called and returns with the lock held.
    private func run(_ job: Job) {
        tick &+= 1
        job.lastServed = tick
        job.activeCount += 1
        job.query.activeCount += 1
        let notices = job.notices
        monitor.unlock()
        let step = job.step()
        monitor.lock()
        job.activeCount -= 1
        job.query.activeCount -= 1
        switch step {
        case .more:
            if job.isWaiting {
                job.isWaiting = false
                monitor.signal()
            }
        case .waiting: job.isWaiting = job.notices == notices
        case .done where job.activeCount > 0:
            // Those still at work may leave some for others: ask again after them.
            job.isWaiting = job.notices == notices
        case .done: job.isDone = true
        }
        guard job.isDone && job.activeCount == 0 && !job.isFinished else { return }
        job.isFinished = true
        jobs.removeAll { $0 === job }
        monitor.unlock()
        job.finished()
        monitor.lock()
    }

    /// The job of the query with the fewest threads; among equals the one served longest ago.
    private func choose() -> Job? {
        var best: Job?
        for job in jobs
        where !job.isWaiting && !job.isDone && job.activeCount < job.threadCountMax {
            guard let current = best else {
                best = job
                continue
            }
            let (left, right) = (job.query.activeCount, current.query.activeCount)
            if left < right || left == right && job.lastServed < current.lastServed { best = job }
        }
        return best
    }
}

/// Threads for calls that wait on the world: started as they are needed, kept for the process.
///
/// - Threads: any.
final class IOPool: @unchecked Sendable {
    // SAFETY: everything mutable is guarded by `monitor`.
    static let shared = IOPool(threadCountMax: 64, name: "igloo-io")

    private let monitor = Monitor()
    private let threadCountMax: Int
    private var tasks: [@Sendable () -> Void] = []
    private var threadCount = 0
    private var idleCount = 0
    private var working: Set<ThreadIdentity> = []

    private let name: String
    private let stackByteCount: Int

    init(
        threadCountMax: Int, name: String, stackByteCount: Int = EngineThread.stackByteCount
    ) {
        self.threadCountMax = threadCountMax
        self.name = name
        self.stackByteCount = stackByteCount
    }

    /// Runs `task` on a thread that may block.
    ///
    /// - Throws: `resourceExhausted` when there is no thread and the system has none to give.
    func run(_ task: @escaping @Sendable () -> Void) throws(IglooError) {
        let hasThreads = monitor.withLock {
            if tasks.count >= idleCount && threadCount < threadCountMax {
                let isStarted = EngineThread.start(name: name, stackByteCount: stackByteCount) {
                    [self] in work()
                }
                if isStarted { threadCount += 1 }
            }
            if threadCount > 0 { tasks.append(task) }
            monitor.signal()
            return threadCount > 0
        }
        if !hasThreads { throw .noThread() }
    }

    /// Goes on without a thread that a call into a plugin holds up.
    func lose(_ thread: ThreadIdentity) {
        monitor.withLock { if working.remove(thread) != nil { threadCount -= 1 } }
    }

    private func work() {
        let own = ThreadIdentity.current
        monitor.lock()
        defer { monitor.unlock() }
        working.insert(own)
        while working.contains(own) {
            if tasks.isEmpty {
                idleCount += 1
                monitor.wait()
                idleCount -= 1
                continue
            }
            let task = tasks.removeFirst()
            monitor.unlock()
            task()
            monitor.lock()
        }
    }
}

/// The threads of both pools: calls of a query are made on either.
struct PoolThreads: ThreadOwner {
    private let scheduler: Scheduler

    init(_ scheduler: Scheduler) { self.scheduler = scheduler }

    func lose(_ thread: ThreadIdentity) {
        scheduler.lose(thread)
        IOPool.shared.lose(thread)
    }
}

extension IglooError {
    fileprivate static func noThread() -> IglooError {
        IglooError(
            .resourceExhausted, "cannot start a thread: the system has none to give",
            hint: "Raise the limit of processes (ulimit -u) or end other programs",
            sqlState: .insufficientResources)
    }
}
