// SPDX-License-Identifier: MIT

import IglooContracts
import Synchronization

/// Where the batches of a pipeline come from. Shared by its threads.
protocol Source: AnyObject, Sendable {
    /// Whether the order of the batches means something: then one thread at a time reads them.
    var isOrdered: Bool { get }
    /// Of the operator whose rows they are.
    var metrics: OperatorMetrics { get }

    /// What one thread needs to read.
    func makeCursor() throws(IglooError) -> any SourceCursor

    /// Called once, before the first cursor reads; the job is the one to `notify`.
    func begin(_ job: PipelineJob) throws(IglooError)

    /// There is nothing to read, as far as `begin` knows: then no thread sets up its operators.
    var isEmpty: Bool { get }

    /// Nobody will read on: give back what is held open.
    func stop()
}

extension Source {
    func begin(_ job: PipelineJob) throws(IglooError) {}
    var isEmpty: Bool { false }
    func stop() {}
}

/// One thread's place in a source.
protocol SourceCursor: AnyObject {
    /// Pushes a morsel through `head`. `done` also when nobody wants more.
    func advance(_ head: PushOperator) throws(IglooError) -> Step
}

/// Where the batches of pipelines go: a breaker or the result. Shared by the pipelines' threads.
class Sink: @unchecked Sendable {
    /// Pipelines that have yet to end.
    final let producers = Latch()
    /// Opened when the sink is complete.
    final let completion = Latch()
    /// Of the operator that takes the rows; `nil` for the end of the plan.
    final let timing: OperatorMetrics?

    init(timing: OperatorMetrics? = nil) { self.timing = timing }

    /// The state of one thread.
    func makeLocal() throws(IglooError) -> PushOperator {
        preconditionFailure("a sink without a local state")
    }

    /// Room for more batches right now? If not, `notify` is called when there is.
    func isOpen(_ job: PipelineJob) -> Bool { true }

    /// Work to be shared by threads once all is in; asked again after each, `nil` = complete.
    func nextPhase() throws(IglooError) -> ParallelPhase? { nil }
}

/// A number of tasks that may run in any order, on any thread.
struct ParallelPhase {
    let taskCount: Int
    let run: @Sendable (Int) throws(IglooError) -> Void
}

/// A source, operators that pass batches on, and a sink.
final class Pipeline: @unchecked Sendable {
    typealias MakeChain = @Sendable () throws(IglooError) -> PushOperator

    // SAFETY: `idle` and `all` are guarded by `chains`' lock; the rest does not change.
    let query: QueryExecution
    let source: any Source
    let sink: Sink
    let unmetCount = Atomic<Int>(1)
    private let makeChain: MakeChain
    /// Latches of those who wait for this pipeline alone, such as a right join's last part.
    private let signals: [Latch]
    private let chains = Locked(Chains())

    /// One thread's operators and its place in the source.
    final class Instance: @unchecked Sendable {
        // SAFETY: used by one thread at a time; handed over through the list's lock.
        let head: PushOperator
        let cursor: any SourceCursor

        init(head: PushOperator, cursor: any SourceCursor) {
            self.head = head
            self.cursor = cursor
        }
    }

    private struct Chains {
        var idle: [Instance] = []
        var all: [Instance] = []
    }

    init(
        _ query: QueryExecution, source: any Source, sink: Sink, signals: [Latch],
        makeChain: @escaping MakeChain
    ) {
        self.query = query
        self.source = source
        self.sink = sink
        self.signals = signals
        self.makeChain = makeChain
        sink.producers.expectOneMore()
        for latch in signals { latch.expectOneMore() }
    }

    /// Begins to run, once all it waits for is there.
    func start() {
        let job = PipelineJob(self)
        query.run { () throws(IglooError) in try source.begin(job) }
        query.scheduler.add(job)
    }

    /// The start that the plan's end gives: pipelines without open dependencies begin.
    func release() {
        if unmetCount.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
            start()
        }
    }

    fileprivate func takeInstance() throws(IglooError) -> Instance {
        if let instance = chains.withLock({ $0.idle.popLast() }) { return instance }
        let instance = Instance(head: try makeChain(), cursor: try source.makeCursor())
        chains.withLock { $0.all.append(instance) }
        return instance
    }

    fileprivate func giveBack(_ instance: Instance) {
        chains.withLock { $0.idle.append(instance) }
    }

    /// The source is exhausted: each thread's operators pass on what they still hold.
    fileprivate func sourceEnded() {
        source.stop()
        let instances = chains.withLock { $0.all }
        let phase = ParallelPhase(taskCount: instances.count) { (index) throws(IglooError) in
            try instances[index].head.finish()
        }
        query.scheduler.add(PhaseJob(query, phase, nil) { [self] in operatorsEnded() })
    }

    private func operatorsEnded() {
        chains.withLock { $0 = Chains() }
        for latch in signals where latch.arrive() { latch.open() }
        if sink.producers.arrive() { completeSink() }
    }

    private func completeSink() {
        var phase: ParallelPhase?
        query.run { () throws(IglooError) in
            phase = try (sink.timing ?? source.metrics).timed { () throws(IglooError) in
                try sink.nextPhase()
            }
        }
        if query.isStopped { return }
        if let phase {
            query.scheduler.add(
                PhaseJob(query, phase, sink.timing) { [self] in completeSink() })
        } else {
            sink.completion.open()
        }
    }
}

/// The steps of a pipeline: each moves a morsel from the source to the sink.
final class PipelineJob: Job, @unchecked Sendable {
    private let pipeline: Pipeline

    init(_ pipeline: Pipeline) {
        self.pipeline = pipeline
        super.init(
            pipeline.query, threadCountMax: pipeline.source.isOrdered ? 1 : .max)
    }

    override func step() -> Step {
        if query.isStopped || pipeline.source.isEmpty { return .done }
        guard pipeline.sink.isOpen(self) else { return .waiting }
        var step = Step.done
        query.run { () throws(IglooError) in
            try query.poll()
            let instance = try pipeline.takeInstance()
            defer { pipeline.giveBack(instance) }
            step = try pipeline.source.metrics.timed { () throws(IglooError) in
                try instance.cursor.advance(instance.head)
            }
        }
        return query.isStopped ? .done : step
    }

    override func finished() {
        if query.isStopped {
            pipeline.source.stop()
        } else {
            pipeline.sourceEnded()
        }
    }
}

/// The tasks of a phase, taken from a counter.
private final class PhaseJob: Job, @unchecked Sendable {
    private let phase: ParallelPhase
    private let metrics: OperatorMetrics?
    private let next = Atomic<Int>(0)
    private let completed: @Sendable () -> Void

    init(
        _ query: QueryExecution, _ phase: ParallelPhase, _ metrics: OperatorMetrics?,
        completed: @escaping @Sendable () -> Void
    ) {
        self.phase = phase
        self.metrics = metrics
        self.completed = completed
        super.init(query)
    }

    override func step() -> Step {
        let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if task >= phase.taskCount || query.isStopped { return .done }
        query.run { () throws(IglooError) in
            try query.poll()
            guard let metrics else { return try phase.run(task) }
            try metrics.timed { () throws(IglooError) in try phase.run(task) }
        }
        return task + 1 >= phase.taskCount ? .done : .more
    }

    override func finished() {
        if !query.isStopped { completed() }
    }
}
