// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// Sorts rows: each thread a run of its own, in parallel; the runs are merged while they are read.
final class SortSink: Sink, @unchecked Sendable {
    // SAFETY: `runs` is guarded by its mutex; `isSorted` belongs to the end of all producers.
    private let keys: [SortKey]
    private let types: [DataType]
    private let query: QueryExecution
    private let metrics: OperatorMetrics
    /// Only the first so many rows are wanted.
    private let rowCountMax: Int?
    private let runs = Locked<[SortRun]>([])
    private var isSorted = false

    init(
        keys: [SortKey], types: [DataType], rowCountMax: Int?, _ query: QueryExecution,
        _ metrics: OperatorMetrics
    ) {
        self.keys = keys
        self.types = types
        self.rowCountMax = rowCountMax
        self.query = query
        self.metrics = metrics
    }

    private var order: [SortOrder] {
        keys.map {
            SortOrder(
                type: $0.expression.type, isDescending: $0.isDescending, nullsFirst: $0.nullsFirst)
        }
    }

    override func makeLocal() throws(IglooError) -> PushOperator {
        let run = SortRun(
            order: order, payloadTypes: types, rowCountMax: rowCountMax,
            reserve: query.memory.account(of: "ORDER BY"))
        runs.withLock { $0.append(run) }
        return try Local(
            run, try keys.map(\.expression).programs(query.evaluation), metrics)
    }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        if isSorted { return nil }
        isSorted = true
        nonisolated(unsafe) let all = runs.withLock { $0 }
        return ParallelPhase(taskCount: all.count) { (index) throws(IglooError) in
            try all[index].sort()
        }
    }

    /// The rows in order, once the sink is complete.
    func makeOutput() throws(IglooError) -> SequenceSource.Next {
        let all = runs.withLock { runs in
            defer { runs = [] }
            return runs
        }
        let rows = try SortRun.merge(all)
        return { () throws(IglooError) in try rows.next(rowCount: Batch.rowCountMax) }
    }

    private final class Local: PushOperator {
        private let run: SortRun
        private let keys: [ExpressionProgram]
        private let metrics: OperatorMetrics

        init(
            _ run: SortRun, _ keys: [ExpressionProgram], _ metrics: OperatorMetrics
        ) throws(IglooError) {
            self.run = run
            self.keys = keys
            self.metrics = metrics
        }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            try run.append(keys: try keys.evaluate(batch), payload: batch)
            return .more
        }
    }
}

/// Passes on the first row of each run of equal keys: DISTINCT ON over sorted rows.
final class FirstOfEachOperator: MiddleOperator {
    private let keys: [ExpressionProgram]
    private var last: [ArrayData]?

    init(
        _ next: PushOperator, _ metrics: OperatorMetrics, _ keys: [Expression],
        _ context: EvaluationContext
    ) throws(IglooError) {
        self.keys = try keys.programs(context)
        super.init(next, metrics)
    }

    override func process(_ batch: Batch) throws(IglooError) -> Demand {
        let columns = try keys.evaluate(batch)
        var kept: [UInt32] = []
        for row in 0..<batch.rowCount {
            let isNew =
                row > 0
                ? columns.contains { $0.scalar(at: row) != $0.scalar(at: row - 1) }
                : last.map { last in
                    zip(columns, last).contains { $0.scalar(at: 0) != $1.scalar(at: 0) }
                } ?? true
            if isNew { kept.append(UInt32(row)) }
        }
        last = columns.map { $0.slice(batch.rowCount - 1, count: 1) }
        return try emit(try batch.gathered(kept))
    }
}
