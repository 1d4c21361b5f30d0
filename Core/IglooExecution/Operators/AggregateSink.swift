// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// Groups rows: each thread into tables of its own, which are then merged by partitions.
final class AggregateSink: Sink, @unchecked Sendable {
    // SAFETY: `parts` and `output` are guarded by the mutex or by the end of all producers.
    private let keys: [Expression]
    private let calls: [AggregateCall]
    private let query: QueryExecution
    private let metrics: OperatorMetrics
    private let parts = Locked<[GroupedAggregation]>([])
    private let output = Locked<[Batch]>([])
    private var isMerged = false
    private static let partitionsPerThread = 4

    init(
        keys: [Expression], calls: [AggregateCall], _ query: QueryExecution,
        _ metrics: OperatorMetrics
    ) {
        self.keys = keys
        self.calls = calls
        self.query = query
        self.metrics = metrics
    }

    override func makeLocal() throws(IglooError) -> PushOperator {
        let part = try makePart()
        parts.withLock { $0.append(part) }
        return try Local(part, keys, calls, query.evaluation, metrics)
    }

    private func makePart() throws(IglooError) -> GroupedAggregation {
        try GroupedAggregation(
            keyTypes: keys.map(\.type), calls: calls, reserve: query.memory.account(of: "GROUP BY"))
    }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        if isMerged { return nil }
        isMerged = true
        var inputs = parts.withLock { $0 }
        if inputs.isEmpty { inputs = [try makePart()] }
        let isAlone = keys.isEmpty || inputs.count == 1
        let partitionCount =
            isAlone ? 1 : Self.partitionsPerThread * query.scheduler.threadCount
        for input in inputs { try input.prepareForMerge(partitionCount: partitionCount) }
        nonisolated(unsafe) let shared = inputs
        return ParallelPhase(taskCount: partitionCount) { [self] (index) throws(IglooError) in
            let batches = try GroupedAggregation.merge(
                shared, partition: index, of: partitionCount)
            output.withLock { $0.append(contentsOf: batches) }
        }
    }

    /// The groups, once the sink is complete.
    func takeOutput() -> [Batch] {
        parts.withLock { $0 = [] }
        return output.withLock { output in
            defer { output = [] }
            return output
        }
    }

    private final class Local: PushOperator {
        private let part: GroupedAggregation
        private let keys: [ExpressionProgram]
        private let arguments: [[ExpressionProgram]]
        private let filters: [ExpressionProgram?]
        private let orderKeys: [[ExpressionProgram]]
        private let metrics: OperatorMetrics

        init(
            _ part: GroupedAggregation, _ keys: [Expression], _ calls: [AggregateCall],
            _ context: EvaluationContext, _ metrics: OperatorMetrics
        ) throws(IglooError) {
            self.part = part
            self.metrics = metrics
            self.keys = try keys.programs(context)
            var arguments: [[ExpressionProgram]] = []
            var filters: [ExpressionProgram?] = []
            var orderKeys: [[ExpressionProgram]] = []
            for call in calls {
                arguments.append(try call.arguments.programs(context))
                orderKeys.append(try call.order.map(\.expression).programs(context))
                if let filter = call.filter {
                    filters.append(try ExpressionProgram(filter, context))
                } else {
                    filters.append(nil)
                }
            }
            self.arguments = arguments
            self.filters = filters
            self.orderKeys = orderKeys
        }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
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
            try part.consume(
                keys: try keys.evaluate(batch), arguments: argumentColumns,
                filters: filterColumns, orderKeys: orderColumns, rowCount: batch.rowCount)
            return .more
        }
    }
}
