// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The end of the plan: a bounded queue between the pipelines and whoever reads the result.
final class ResultSink: Sink, @unchecked Sendable {
    // SAFETY: everything mutable is guarded by `monitor`.
    private let monitor = Monitor()
    private let batchCountMax: Int
    private let scheduler: Scheduler
    private var batches: [Batch] = []
    private var head = 0
    private var parked: [PipelineJob] = []
    private var isComplete = false
    private var error: IglooError?

    init(_ scheduler: Scheduler, batchCountMax: Int) {
        self.scheduler = scheduler
        self.batchCountMax = max(1, batchCountMax)
    }

    override func makeLocal() throws(IglooError) -> PushOperator { Local(self) }

    private final class Local: PushOperator {
        private let sink: ResultSink
        init(_ sink: ResultSink) { self.sink = sink }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            sink.add(batch)
            return .more
        }
    }

    private var waitingCount: Int { batches.count - head }

    private func add(_ batch: Batch) {
        if batch.rowCount == 0 { return }
        monitor.withLock {
            batches.append(batch)
            monitor.signal()
        }
    }

    /// A pipeline that finds the queue full is parked until half of it was read.
    override func isOpen(_ job: PipelineJob) -> Bool {
        monitor.withLock {
            // After the end nobody reads: a job kept here would keep its pipeline, and that this sink.
            if isComplete || waitingCount < batchCountMax { return true }
            if !parked.contains(where: { $0 === job }) { parked.append(job) }
            return false
        }
    }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        end(nil)
        return nil
    }

    func end(_ error: IglooError?) {
        monitor.withLock {
            if !isComplete {
                isComplete = true
                self.error = error
                parked = []
            }
            monitor.broadcast()
        }
    }

    /// The next batch; waits for it. `poll` is asked meanwhile and may end the waiting.
    func next(poll: () throws(IglooError) -> Void) throws(IglooError) -> Batch? {
        while true {
            let (batch, woken, outcome) = take()
            for job in woken { scheduler.notify(job) }
            if let batch { return batch }
            if let outcome {
                if case .failure(let error) = outcome { throw error }
                return nil
            }
            try poll()
        }
    }

    private func take() -> (Batch?, [PipelineJob], Result<Void, IglooError>?) {
        monitor.withLock {
            if waitingCount == 0 && !isComplete { monitor.wait(milliseconds: 20) }
            if let error { return (nil, [], .failure(error)) }
            guard waitingCount > 0 else { return (nil, [], isComplete ? .success(()) : nil) }
            let batch = batches[head]
            head += 1
            if head == batches.count || head >= 64 {
                batches.removeFirst(head)
                head = 0
            }
            var woken: [PipelineJob] = []
            if waitingCount * 2 <= batchCountMax { swap(&woken, &parked) }
            return (batch, woken, nil)
        }
    }
}
