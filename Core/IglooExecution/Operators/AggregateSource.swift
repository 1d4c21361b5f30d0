// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// A part of the groups that is to be put together.
enum AggregateTask: Sendable {
    /// Some groups of a part, all of which are merged in place.
    case range(Part, Range<Int>)
    /// Groups that all threads have in memory.
    case merge(Merge, partition: Int)
    /// Groups with rows in temporary files.
    case spilled(AggregateSpill.Partition)

    struct Part: @unchecked Sendable {
        // SAFETY: once all groups are merged, threads only read.
        let aggregation: GroupedAggregation
    }

    struct Merge: @unchecked Sendable {
        // SAFETY: once all rows are in, threads only read.
        let parts: [GroupedAggregation]
        let partitionCount: Int
    }
}

/// The groups of an aggregation, partition by partition.
final class AggregateSource: Source, @unchecked Sendable {
    // SAFETY: everything mutable is guarded by `lock`.
    let isOrdered = false
    private let sink: AggregateSink
    private let lock = Monitor()
    private var tasks: [AggregateTask] = []
    /// Groups that are complete, the next ones last.
    private var ready: [Batch] = []
    /// Bytes that the table of one partition may take before the partition is cut in smaller ones.
    private var partitionByteCountMax = Int.max

    let metrics: OperatorMetrics

    init(_ sink: AggregateSink, _ metrics: OperatorMetrics) {
        self.sink = sink
        self.metrics = metrics
    }

    func begin(_ job: PipelineJob) throws(IglooError) {
        tasks = sink.takeTasks().reversed()
        let memory = sink.query.memory
        if sink.spill.isActive && memory.spillsAlways {
            partitionByteCountMax = 0
        } else if sink.spill.isActive {
            partitionByteCountMax =
                max(sink.memory.room, memory.hardRoom / 2, 1 << 16)
                / (2 * sink.query.scheduler.threadCount)
        }
    }

    func stop() {
        lock.withLock {
            tasks = []
            ready = []
        }
        sink.memory.close()
    }

    func makeCursor() throws(IglooError) -> any SourceCursor { Cursor(self) }

    private func next() throws(IglooError) -> Batch? {
        while true {
            var task: AggregateTask?
            let batch = lock.withLock { () -> Batch? in
                if let batch = ready.popLast() { return batch }
                task = tasks.popLast()
                return nil
            }
            if let batch { return batch }
            guard let task else { return nil }
            let batches = try run(task)
            lock.withLock { ready = batches.reversed() + ready }
            try sink.query.poll()
        }
    }

    private func run(_ task: AggregateTask) throws(IglooError) -> [Batch] {
        switch task {
        case .range(let part, let range): return [try part.aggregation.output(range)]
        case .merge(let merge, let partition):
            return try GroupedAggregation.merge(
                merge.parts, partition: partition, of: merge.partitionCount)
        case .spilled(let partition):
            if let batches = try merge(partition) { return batches }
            let parts = try sink.spill.split(partition, try AggregateInput(sink), sink.query)
            lock.withLock { tasks += parts.map { .spilled($0) } }
            return []
        }
    }

    /// The groups of a partition; `nil` when there is no room for all of them at once.
    private func merge(_ partition: AggregateSpill.Partition) throws(IglooError) -> [Batch]? {
        let canSplit = sink.spill.canSplit(partition, isForced: sink.query.memory.spillsAlways)
        let account = CountingAccount(sink.memory)
        let merged = try sink.makePart(reserve: account, canSpill: !canSplit)
        let input = try AggregateInput(sink)
        do throws(IglooError) {
            try sink.spill.addGroups(of: partition, to: merged)
            for block in partition.rows.blocks {
                try sink.query.poll()
                if canSplit && account.used > partitionByteCountMax { return nil }
                let batch = try sink.spill.read(block)
                guard try input.consume(batch, into: merged) else {
                    if canSplit { return nil }
                    throw AggregateSpill.noRoom()
                }
            }
        } catch {
            if canSplit && error.sqlState == .outOfMemory { return nil }
            throw error
        }
        for block in partition.rows.blocks { sink.spill.free(block) }
        return try merged.output()
    }

    private final class Cursor: SourceCursor {
        private let source: AggregateSource
        init(_ source: AggregateSource) { self.source = source }

        func advance(_ head: PushOperator) throws(IglooError) -> Step {
            guard let batch = try source.next() else { return .done }
            return try head.pushAll(batch, source.metrics)
        }
    }
}

/// An account that knows what was taken through it.
private final class CountingAccount: MemoryAccount {
    private let account: any MemoryAccount
    private let usedCell = Atomic<Int>(0)

    init(_ account: any MemoryAccount) { self.account = account }

    var used: Int { usedCell.load(ordering: .relaxed) }

    func reserve(_ byteCount: Int) throws(IglooError) {
        try account.reserve(byteCount)
        usedCell.wrappingAdd(byteCount, ordering: .relaxed)
    }
}
