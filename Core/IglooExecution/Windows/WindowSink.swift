// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// Window functions: rows are sorted by partition and order, each thread a run of its own; then
/// whole partitions are evaluated in parallel.
final class WindowSink: Sink, @unchecked Sendable {
    // SAFETY: `runs` and `output` are guarded by their locks; `stage` and `rows` change only
    // between phases, of which one is active at a time.
    private enum Stage { case collecting, sorted, merged, evaluated }

    private let layout: WindowLayout
    private let types: [DataType]
    private let query: QueryExecution
    private let metrics: OperatorMetrics
    private let runs = Locked<[SortRun]>([])
    private let output = Locked<[Int: Batch]>([:])
    private var stage = Stage.collecting
    private var rows: [ArrayData] = []
    private var tasks: [Range<Int>] = []
    private var partitionStarts: [Int] = []
    private var reserved = 0
    /// Rows that make a task worth its while.
    private static let taskRowCountMin = 16_384

    init(
        _ layout: WindowLayout, inputTypes: [DataType], _ query: QueryExecution,
        _ metrics: OperatorMetrics
    ) {
        self.layout = layout
        types = inputTypes + layout.computed.map(\.type)
        self.query = query
        self.metrics = metrics
    }

    deinit { query.memory.release(reserved) }

    override func makeLocal() throws(IglooError) -> PushOperator {
        let run = SortRun(
            order: layout.order, payloadTypes: types, rowCountMax: nil,
            reserve: query.memory.account(of: "a window"))
        runs.withLock { $0.append(run) }
        return Local(
            run, try layout.computed.programs(query.evaluation), layout.sortColumns, metrics)
    }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        switch stage {
        case .collecting:
            stage = .sorted
            nonisolated(unsafe) let all = runs.withLock { $0 }
            return ParallelPhase(taskCount: all.count) { (index) throws(IglooError) in
                try all[index].sort()
            }
        case .sorted:
            stage = .merged
            return ParallelPhase(taskCount: 1) { [self] (_) throws(IglooError) in try merge() }
        case .merged:
            stage = .evaluated
            return ParallelPhase(taskCount: tasks.count) { [self] (index) throws(IglooError) in
                let batch = try evaluate(tasks[index])
                output.withLock { $0[index] = batch }
            }
        case .evaluated:
            rows = []
            return nil
        }
    }

    /// The results, once the sink is complete.
    func takeOutput() -> [Batch] {
        let batches = output.withLock { output in
            defer { output = [:] }
            return output
        }
        return tasks.indices.compactMap { batches[$0] }
    }

    // MARK: - Phases

    /// All rows in one order, and where partitions begin.
    private func merge() throws(IglooError) {
        let all = runs.withLock { runs in
            defer { runs = [] }
            return runs
        }
        let rowCount = all.reduce(0) { $0 + $1.rowCount }
        let resultByteCount = rowCount * (16 * (types.count + layout.calls.count))
        try query.memory.reserve(resultByteCount, for: "a window")
        reserved = resultByteCount
        guard rowCount > 0, let sorted = try SortRun.merge(all).next(rowCount: rowCount) else {
            return
        }
        rows = sorted.columns
        let keys = layout.partition.map { rows[$0] }
        partitionStarts = try Boundaries.starts(
            of: keys, order: Array(layout.order.prefix(keys.count)), rowCount: rowCount)
        var from = 0
        for (index, start) in partitionStarts.enumerated() {
            let end = index + 1 < partitionStarts.count ? partitionStarts[index + 1] : rowCount
            _ = start
            if end - from >= Self.taskRowCountMin || end == rowCount {
                tasks.append(from..<end)
                from = end
            }
        }
    }

    private func evaluate(_ range: Range<Int>) throws(IglooError) -> Batch {
        let columns = rows.map { $0.slice(range.lowerBound, count: range.count) }
        let starts = partitionStarts.filter { range.contains($0) }.map { $0 - range.lowerBound }
        let rows = try WindowRows(
            columns, rowCount: range.count, partitionStarts: starts, layout)
        var result = Array(columns.prefix(layout.inputCount))
        for call in layout.calls {
            try query.poll()
            result.append(
                try WindowFunction.evaluate(
                    call, over: rows, reserve: query.memory.account(of: "a window")))
        }
        return Batch(columns: result, rowCount: range.count)
    }

    private final class Local: PushOperator {
        private let run: SortRun
        private let programs: [ExpressionProgram]
        private let sortColumns: [Int]
        private let metrics: OperatorMetrics

        init(
            _ run: SortRun, _ programs: [ExpressionProgram], _ sortColumns: [Int],
            _ metrics: OperatorMetrics
        ) {
            self.run = run
            self.programs = programs
            self.sortColumns = sortColumns
            self.metrics = metrics
        }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            let columns = batch.columns + (try programs.evaluate(batch))
            let payload = Batch(columns: columns, rowCount: batch.rowCount)
            try run.append(keys: sortColumns.map { columns[$0] }, payload: payload)
            return .more
        }
    }
}
