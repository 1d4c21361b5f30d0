// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// Window functions: rows are sorted by partition and order, each thread a run of its own; then
/// whole partitions are evaluated, in parallel when all rows are in memory.
final class WindowSink: Sink, @unchecked Sendable {
    // SAFETY: `output` is guarded by its lock; `stage` and `rows` change only between phases, of
    // which one is active at a time.
    private enum Stage { case collecting, sorted, merged, evaluated }

    private let layout: WindowLayout
    private let types: [DataType]
    private let query: QueryExecution
    private let metrics: OperatorMetrics
    private let runs: SpilledSort
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
        types = inputTypes + layout.computed.map(\.storedType)
        self.query = query
        self.metrics = metrics
        runs = SpilledSort(layout.order, types: types, name: "a window", query, metrics)
        super.init(timing: metrics)
    }

    deinit { query.memory.release(reserved) }

    override func makeLocal() throws(IglooError) -> PushOperator {
        Local(runs, try layout.computed.programs(query.evaluation), layout.sortColumns, metrics)
    }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        switch stage {
        case .collecting:
            stage = .sorted
            return runs.sortPhase()
        case .sorted:
            // Rows in a file are evaluated while they are read.
            if runs.hasSpilled { return nil }
            stage = .merged
            return ParallelPhase(taskCount: 1) { [self] (_) throws(IglooError) in try merge() }
        case .merged:
            stage = .evaluated
            return ParallelPhase(taskCount: tasks.count) { [self] (index) throws(IglooError) in
                let batch = try evaluate(tasks[index], of: rows, partitionStarts)
                output.withLock { $0[index] = batch }
            }
        case .evaluated:
            rows = []
            return nil
        }
    }

    /// The results, once the sink is complete.
    func makeOutput() throws(IglooError) -> SequenceSource.Next {
        if runs.hasSpilled {
            let partitions = WindowPartitions(
                try runs.takeRows(), layout, rowCountMin: Self.taskRowCountMin, query)
            return { [self] () throws(IglooError) in
                guard let (columns, starts, rowCount) = try partitions.next() else { return nil }
                return try evaluate(0..<rowCount, of: columns, starts)
            }
        }
        var index = 0
        return { [self] in
            defer { index += 1 }
            return output.withLock { $0.removeValue(forKey: index) }
        }
    }

    // MARK: - Phases

    /// All rows in one order, and where partitions begin.
    private func merge() throws(IglooError) {
        let sorted = try runs.takeRows()
        let rowCount = sorted.rowCount
        let resultByteCount = rowCount * (16 * (types.count + layout.calls.count))
        try query.memory.reserve(resultByteCount, for: "a window")
        reserved = resultByteCount
        guard rowCount > 0, let all = try sorted.next(rowCount: rowCount) else { return }
        rows = all.columns
        partitionStarts = try layout.partitionStarts(rows, rowCount: rowCount)
        var from = 0
        for index in partitionStarts.indices {
            let end = index + 1 < partitionStarts.count ? partitionStarts[index + 1] : rowCount
            if end - from >= Self.taskRowCountMin || end == rowCount {
                tasks.append(from..<end)
                from = end
            }
        }
    }

    private func evaluate(
        _ range: Range<Int>, of rows: [ArrayData], _ partitionStarts: [Int]
    ) throws(IglooError) -> Batch {
        let columns = rows.map { $0.slice(range.lowerBound, count: range.count) }
        let starts = Self.starts(partitionStarts, in: range)
        let rows = try WindowRows(
            columns, rowCount: range.count, partitionStarts: starts, layout)
        var result = Array(columns.prefix(layout.inputCount))
        var context = query.context.call
        context.memory = query.memory.account(of: "a window")
        for call in layout.calls {
            try query.poll()
            result.append(try WindowFunction.evaluate(call, over: rows, context))
        }
        return Batch(columns: result, rowCount: range.count)
    }

    /// Those of the starts, which ascend, that are in a range, from its beginning.
    private static func starts(_ starts: [Int], in range: Range<Int>) -> [Int] {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] < range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return starts[low...].prefix { $0 < range.upperBound }.map { $0 - range.lowerBound }
    }

    private final class Local: PushOperator {
        private let runs: SpilledSort
        private let run: SortRun
        private let programs: [ExpressionProgram]
        private let sortColumns: [Int]
        private let metrics: OperatorMetrics

        init(
            _ runs: SpilledSort, _ programs: [ExpressionProgram], _ sortColumns: [Int],
            _ metrics: OperatorMetrics
        ) {
            self.runs = runs
            run = runs.makeRun()
            self.programs = programs
            self.sortColumns = sortColumns
            self.metrics = metrics
        }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            let columns = batch.columns + (try programs.evaluate(batch))
            let payload = Batch(columns: columns, rowCount: batch.rowCount)
            try runs.append(sortColumns.map { columns[$0] }, payload, to: run)
            return .more
        }
    }
}

extension WindowLayout {
    func partitionStarts(_ columns: [ArrayData], rowCount: Int) throws(IglooError) -> [Int] {
        try Boundaries.starts(
            of: partition.map { columns[$0] }, order: Array(order.prefix(partition.count)),
            rowCount: rowCount)
    }
}
