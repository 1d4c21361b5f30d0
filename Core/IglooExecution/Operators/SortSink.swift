// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// Sorts rows: each thread a run of its own, in parallel; the runs are merged while they are read.
final class SortSink: Sink, @unchecked Sendable {
    // SAFETY: `isSorted` belongs to the end of all producers.
    private let keys: [SortKey]
    private let query: QueryExecution
    private let metrics: OperatorMetrics
    private let rows: SpilledSort
    private var isSorted = false

    /// - Parameters:
    ///   - rowCountMax: only the first so many rows are wanted.
    ///   - bound: told of the last of them.
    init(
        keys: [SortKey], types: [DataType], rowCountMax: Int?, _ bound: OrderBound?,
        _ query: QueryExecution, _ metrics: OperatorMetrics
    ) {
        self.keys = keys
        self.query = query
        self.metrics = metrics
        let order = keys.map {
            SortOrder(
                type: $0.expression.storedType, isDescending: $0.isDescending,
                nullsFirst: $0.nullsFirst)
        }
        rows = SpilledSort(
            order, types: types, rowCountMax: rowCountMax, bound, name: "ORDER BY", query, metrics)
        super.init(timing: metrics)
    }

    override func makeLocal() throws(IglooError) -> PushOperator {
        try Local(rows, keys.map(\.expression).programs(query.evaluation), metrics)
    }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        if isSorted { return nil }
        isSorted = true
        return rows.sortPhase()
    }

    /// The rows in order, once the sink is complete.
    func makeOutput() throws(IglooError) -> SequenceSource.Next {
        let sorted = try rows.takeRows()
        return { () throws(IglooError) in try sorted.next(rowCount: Batch.rowCountMax) }
    }

    private final class Local: PushOperator {
        private let rows: SpilledSort
        private let run: SortRun
        private let keys: [ExpressionProgram]
        private let metrics: OperatorMetrics

        init(_ rows: SpilledSort, _ keys: [ExpressionProgram], _ metrics: OperatorMetrics) {
            self.rows = rows
            run = rows.makeRun()
            self.keys = keys
            self.metrics = metrics
        }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            try rows.append(try keys.evaluate(batch), batch, to: run)
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
