// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// Groups rows: each thread into tables of its own, which are then merged by partitions
/// (`AggregateSource`).
///
/// A thread whose table finds no room for more groups writes the rows that follow to temporary
/// files, partition by partition.
final class AggregateSink: Sink, @unchecked Sendable {
    // SAFETY: `parts` is guarded by the mutex; the rest belongs to the end of all producers.
    let keys: [Expression]
    let calls: [AggregateCall]
    let query: QueryExecution
    let metrics: OperatorMetrics
    let memory: OperatorMemory
    let spill: AggregateSpill
    private let parts = Locked<[GroupedAggregation]>([])
    private var isComplete = false
    private var partitionCount = 1
    /// Of the parts whose groups are merged in place: how many there are, and how many are merged.
    private var absorbingCount = 0
    private var absorbedCount = 0
    private static let partitionsPerThread = 4
    /// Each group is looked for in all parts but its own.
    private static let absorbingCountMax = 4

    /// - Parameter inputTypes: of the rows that come in.
    init(
        keys: [Expression], calls: [AggregateCall], inputTypes: [DataType],
        _ query: QueryExecution, _ metrics: OperatorMetrics
    ) {
        self.keys = keys
        self.calls = calls
        self.query = query
        self.metrics = metrics
        memory = OperatorMemory(query.memory, metrics, name: "GROUP BY")
        spill = AggregateSpill(
            keyTypes: keys.map(\.storedType), SpillTarget(query, types: inputTypes, metrics))
        super.init(timing: metrics)
    }

    override func makeLocal() throws(IglooError) -> PushOperator {
        let part = try makePart(reserve: memory, canSpill: keys.isEmpty)
        parts.withLock { $0.append(part) }
        return Local(self, part, try AggregateInput(self))
    }

    /// - Parameter canSpill: states may write out what they are given: it is not done with the rows.
    func makePart(
        reserve account: any MemoryAccount, canSpill: Bool
    ) throws(IglooError) -> GroupedAggregation {
        var context = query.context.call
        context.memory = account
        let spilling =
            canSpill ? StateSpilling(query: query, metrics: metrics, memory: memory) : nil
        return try GroupedAggregation(
            keyTypes: keys.map(\.storedType), calls: calls, context, spilling)
    }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        if isComplete { return absorbingPhase() }
        isComplete = true
        var inputs = parts.withLock { $0 }
        if inputs.isEmpty { inputs = [try makePart(reserve: memory, canSpill: false)] }
        if spill.isActive {
            nonisolated(unsafe) let all = inputs
            return ParallelPhase(taskCount: all.count) { [self] (index) throws(IglooError) in
                try spill.freeze(all[index])
            }
        }
        // The more groups one has, the fewer others have to be looked for in it.
        inputs.sort { $0.table.groupCount > $1.table.groupCount }
        let isAlone = keys.isEmpty || inputs.count == 1
        if !isAlone && inputs.count <= Self.absorbingCountMax
            && inputs.allSatisfy(\.mergesInPlace)
        {
            try GroupedAggregation.prepareForAbsorbing(inputs)
            parts.withLock { [inputs] in $0 = inputs }
            absorbingCount = inputs.count
            return absorbingPhase()
        }
        partitionCount = isAlone ? 1 : Self.partitionsPerThread * query.scheduler.threadCount
        for input in inputs { try input.prepareForMerge(partitionCount: partitionCount) }
        parts.withLock { [inputs] in $0 = inputs }
        return nil
    }

    /// Has the parts before one take in its groups; `nil` when all are.
    private func absorbingPhase() -> ParallelPhase? {
        absorbedCount += 1
        guard absorbedCount < absorbingCount else { return nil }
        let inputs = parts.withLock { $0 }
        nonisolated(unsafe) let part = inputs[absorbedCount]
        nonisolated(unsafe) let others = inputs[..<absorbedCount]
        let ranges = GroupedAggregation.ranges(part.table.groupCount)
        return ParallelPhase(taskCount: ranges.count) { (task) throws(IglooError) in
            try part.absorb(ranges[task], into: others)
        }
    }

    /// What is to be done once the sink is complete.
    func takeTasks() -> [AggregateTask] {
        let inputs = parts.withLock { parts in
            defer { parts = [] }
            return parts
        }
        if spill.isActive { return spill.takePartitions().map { .spilled($0) } }
        if absorbingCount > 0 {
            return inputs.flatMap { part in
                GroupedAggregation.ranges(part.table.groupCount).map {
                    .range(AggregateTask.Part(aggregation: part), $0)
                }
            }
        }
        let merge = AggregateTask.Merge(parts: inputs, partitionCount: partitionCount)
        return (0..<partitionCount).map { .merge(merge, partition: $0) }
    }

    private final class Local: PushOperator {
        private let sink: AggregateSink
        private let part: GroupedAggregation
        private let input: AggregateInput
        private var writer: AggregateSpill.Writer?

        init(_ sink: AggregateSink, _ part: GroupedAggregation, _ input: AggregateInput) {
            self.sink = sink
            self.part = part
            self.input = input
        }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            sink.metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            if sink.query.memory.spillsAlways && writer == nil && batch.rowCount > 1 {
                let half = batch.rowCount / 2
                try take(batch.slice(0, count: half))
                try take(batch.slice(half, count: batch.rowCount - half))
            } else {
                try take(batch)
            }
            return .more
        }

        private func take(_ batch: Batch) throws(IglooError) {
            if let writer { return try writer.append(try input.keys(batch), batch) }
            let isFull =
                part.table.groupCount > 0 && !sink.keys.isEmpty
                && !sink.memory.canReserve(2 * batch.byteCount + 64 * batch.rowCount)
            if isFull { return try startWriting().append(try input.keys(batch), batch) }
            guard try input.consume(batch, into: part) || sink.keys.isEmpty else {
                return try startWriting().append(try input.keys(batch), batch)
            }
            // Merging takes about as much again.
            if !sink.keys.isEmpty && sink.memory.shouldSpill(expecting: sink.memory.used) {
                _ = startWriting()
            }
        }

        private func startWriting() -> AggregateSpill.Writer {
            let new = sink.spill.makeWriter()
            writer = new
            return new
        }

        override func finish() throws(IglooError) { try writer?.finish() }
    }
}

/// Computes what an aggregation needs of its input's rows.
///
/// - Threads: one at a time.
final class AggregateInput {
    private let keyPrograms: [ExpressionProgram]
    private let arguments: [[ExpressionProgram]]
    private let filters: [ExpressionProgram?]
    private let orderKeys: [[ExpressionProgram]]

    init(_ sink: AggregateSink) throws(IglooError) {
        let context = sink.query.evaluation
        let shared = SharedParts(sink.keys + sink.calls.flatMap(\.expressions))
        keyPrograms = try sink.keys.programs(context, shared: shared)
        var arguments: [[ExpressionProgram]] = []
        var filters: [ExpressionProgram?] = []
        var orderKeys: [[ExpressionProgram]] = []
        for call in sink.calls {
            arguments.append(try call.arguments.programs(context, shared: shared))
            orderKeys.append(try call.order.map(\.expression).programs(context, shared: shared))
            if let filter = call.filter {
                filters.append(try ExpressionProgram(filter, context, shared: shared))
            } else {
                filters.append(nil)
            }
        }
        self.arguments = arguments
        self.filters = filters
        self.orderKeys = orderKeys
    }

    func keys(_ batch: Batch) throws(IglooError) -> [ArrayData] {
        try keyPrograms.evaluate(batch)
    }

    /// Adds rows to groups; false when there is no room for them, and then none was added.
    func consume(_ batch: Batch, into part: GroupedAggregation) throws(IglooError) -> Bool {
        var argumentColumns: [[ArrayData]] = []
        var filterColumns: [ArrayData?] = []
        var orderColumns: [[ArrayData]] = []
        for index in arguments.indices {
            argumentColumns.append(try arguments[index].evaluate(batch))
            orderColumns.append(try orderKeys[index].evaluate(batch))
            if let filter = filters[index] {
                filterColumns.append(try filter.evaluate(batch))
            } else {
                filterColumns.append(nil)
            }
        }
        let keys = try keys(batch)
        do throws(IglooError) {
            try part.consume(
                keys: keys, arguments: argumentColumns, filters: filterColumns,
                orderKeys: orderColumns, rowCount: batch.rowCount)
            return true
        } catch {
            if error.sqlState == .outOfMemory && !part.isTorn && !keys.isEmpty { return false }
            throw error
        }
    }
}
