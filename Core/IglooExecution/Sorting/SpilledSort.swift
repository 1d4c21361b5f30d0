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
    private let query: QueryExecution
    private let memory: OperatorMemory
    /// Rows with their keys' bytes behind them.
    private let target: SpillTarget
    private let runs = Locked<[SortRun]>([])
    private let written = Locked<[SpillRun]>([])
    /// Runs that are merged at once: each has a block in memory.
    private static let mergedCountMax = 128

    /// - Parameters:
    ///   - name: of the operator, for messages.
    ///   - rowCountMax: only the first so many rows are wanted.
    init(
        _ order: [SortOrder], types: [DataType], rowCountMax: Int? = nil, name: String,
        _ query: QueryExecution, _ metrics: OperatorMetrics
    ) {
        self.order = order
        self.types = types
        self.rowCountMax = rowCountMax
        self.query = query
        memory = OperatorMemory(query.memory, metrics, name: name)
        target = SpillTarget(query, types: types + [.binaryView], metrics)
    }

    /// A run for one thread.
    func makeRun() -> SortRun {
        let run = SortRun(
            order: order, payloadTypes: types, rowCountMax: rowCountMax, reserve: memory)
        runs.withLock { $0.append(run) }
        return run
    }

    /// Adds rows, and writes the run out when there is no room left.
    func append(
        _ keys: [ArrayData], _ batch: Batch, to run: SortRun
    ) throws(IglooError) {
        let batch = memory.isTight ? try batch.compacted() : batch
        let byteCount = SortRun.byteCount(batch, keyByteCount: 32 * batch.rowCount)
        if run.rowCount > 0 && !memory.canReserve(byteCount) { try write(run) }
        try run.append(keys: keys, payload: batch)
        guard memory.shouldSpill() else { return }
        // Others hold most of it: they will see it, too.
        let threadCount = runs.withLock { $0.count }
        if run.reserved >= memory.used / (4 * threadCount) { try write(run) }
    }

    private func write(_ run: SortRun) throws(IglooError) {
        if run.rowCount == 0 { return }
        try run.sort()
        let whole = Batch(columns: run.payload, rowCount: run.rowCount)
        let step = target.rowCount(ofBlocks: whole)
        var result = SpillRun()
        var start = 0
        while start < run.entries.count {
            try query.poll()
            let rows = run.entries[start..<min(start + step, run.entries.count)].map(\.row)
            var builder = BinaryViewBuilder(.binaryView)
            for row in rows { builder.append(run.key(row)) }
            let columns = try Vectors.gather(run.payload, rows[...]) + [builder.finish()]
            result.append(
                try target.store.write(
                    Batch(columns: columns, rowCount: rows.count), target.metrics))
            start += rows.count
        }
        try run.removeAll()
        written.withLock { $0.append(result) }
    }

    /// What is to be done once all rows are in: sorts what is in memory, or writes it out as well.
    func sortPhase() -> ParallelPhase {
        let hasSpilled = written.withLock { !$0.isEmpty }
        nonisolated(unsafe) let all = runs.withLock { $0 }
        let start = SortRun.commonByteCount(all)
        return ParallelPhase(taskCount: all.count) { [self] (index) throws(IglooError) in
            if hasSpilled { try write(all[index]) } else { try all[index].sort(from: start) }
        }
    }

    var hasSpilled: Bool { written.withLock { !$0.isEmpty } }

    /// The rows in order, once they are sorted.
    func takeRows() throws(IglooError) -> any RowsInOrder {
        defer { memory.close() }
        let all = runs.withLock { runs in
            defer { runs = [] }
            return runs
        }
        var spilled = written.withLock { written in
            defer { written = [] }
            return written
        }
        if spilled.isEmpty { return try MergedRuns(all) }
        while spilled.count > Self.mergedCountMax {
            let merged = try merge(Array(spilled.prefix(Self.mergedCountMax)))
            spilled.removeFirst(Self.mergedCountMax)
            spilled.append(merged)
        }
        return try rows(of: spilled, keepsKeys: false)
    }

    private func rows(of runs: [SpillRun], keepsKeys: Bool) throws(IglooError) -> SortedRows {
        SortedRows(
            try runs.mapThrowing { (run) throws(IglooError) in
                try SpilledRunCursor(run, target, keepsKeys: keepsKeys)
            })
    }

    /// Runs as one run.
    private func merge(_ runs: [SpillRun]) throws(IglooError) -> SpillRun {
        let rows = try rows(of: runs, keepsKeys: true)
        let block = runs[0].blocks[0]
        let step = max(block.rowCount, 64)
        var result = SpillRun()
        while let batch = try rows.next(rowCount: step) {
            try query.poll()
            result.append(try target.store.write(batch, target.metrics))
        }
        return result
    }
}
