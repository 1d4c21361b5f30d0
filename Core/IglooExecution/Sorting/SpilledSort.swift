// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Synchronization

/// The runs of an external sort: rows that are collected by each thread, written out in order when
/// there is no room for more, and merged at the end.
///
/// - Threads: any; each thread appends to a run of its own.
final class SpilledSort: @unchecked Sendable {
    // SAFETY: the lists are guarded by their locks; each run is used by one thread at a time.
    private let order: [SortOrder]
    private let types: [DataType]
    private let rowCountMax: Int?
    private let bound: OrderBound?
    private let query: QueryExecution
    private let memory: OperatorMemory
    private let runs = Locked<[SortRun]>([])
    private let written: SpilledRuns

    /// - Parameters:
    ///   - name: of the operator, for messages.
    ///   - rowCountMax: only the first so many rows are wanted.
    ///   - bound: told of the last of them.
    init(
        _ order: [SortOrder], types: [DataType], rowCountMax: Int? = nil,
        _ bound: OrderBound? = nil, name: String, _ query: QueryExecution,
        _ metrics: OperatorMetrics
    ) {
        self.order = order
        self.types = types
        self.rowCountMax = rowCountMax
        self.bound = bound
        self.query = query
        memory = OperatorMemory(query.memory, metrics, name: name)
        written = SpilledRuns(types: types, query, metrics)
    }

    /// A run for one thread.
    func makeRun() -> SortRun {
        let run = SortRun(
            order: order, payloadTypes: types, rowCountMax: rowCountMax, bound, reserve: memory)
        runs.withLock { $0.append(run) }
        return run
    }

    /// Adds rows, and writes the run out when there is no room left.
    func append(
        _ keys: [ArrayData], _ batch: Batch, to run: SortRun
    ) throws(IglooError) {
        let batch = memory.isTight ? try batch.compacted() : batch
        let byteCount = SortRun.byteCount(batch, keyByteCount: 32 * batch.rowCount)
        if run.rowCount > 0 && !memory.canReserve(byteCount) { try written.write(run) }
        try run.append(keys: keys, payload: batch)
        guard memory.shouldSpill() else { return }
        // Others hold most of it: they will see it, too.
        let threadCount = runs.withLock { $0.count }
        if run.reserved >= memory.used / (4 * threadCount) { try written.write(run) }
    }

    /// What is to be done once all rows are in: sorts what is in memory, or writes it out as well.
    func sortPhase() -> ParallelPhase {
        let hasSpilled = hasSpilled
        nonisolated(unsafe) let all = runs.withLock { $0 }
        let start = SortRun.commonByteCount(all)
        return ParallelPhase(taskCount: all.count) { [self] (index) throws(IglooError) in
            if hasSpilled {
                try written.write(all[index])
            } else {
                try all[index].sort(from: start)
            }
        }
    }

    var hasSpilled: Bool { !written.isEmpty }

    /// The rows in order, once they are sorted.
    func takeRows() throws(IglooError) -> any RowsInOrder {
        defer { memory.close() }
        let all = runs.withLock { runs in
            defer { runs = [] }
            return runs
        }
        return written.isEmpty ? try MergedRuns(all) : try written.takeRows()
    }
}
