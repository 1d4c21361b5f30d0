// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Sorted runs in temporary files, and the rows of all of them in one order.
///
/// - Threads: any.
final class SpilledRuns: Sendable {
    private let query: QueryExecution
    /// Rows with their keys' bytes behind them.
    private let target: SpillTarget
    private let written = Locked<[SpillRun]>([])
    /// Runs that are merged at once: each has a block in memory.
    private static let mergedCountMax = 128

    init(types: [DataType], _ query: QueryExecution, _ metrics: OperatorMetrics) {
        self.query = query
        target = SpillTarget(query, types: types + [.binaryView], metrics)
    }

    var isEmpty: Bool { written.withLock { $0.isEmpty } }

    /// Writes a run out in its order, and empties it.
    func write(_ run: SortRun) throws(IglooError) {
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

    private func takeAll() -> [SpillRun] {
        written.withLock { written in
            defer { written = [] }
            return written
        }
    }

    /// Takes over the runs of others, which are in the same order.
    func take(_ other: SpilledRuns) {
        let runs = other.takeAll()
        written.withLock { $0 += runs }
    }

    /// The rows of all runs, once.
    func takeRows() throws(IglooError) -> SortedRows {
        var runs = takeAll()
        while runs.count > Self.mergedCountMax {
            let merged = try merge(Array(runs.prefix(Self.mergedCountMax)))
            runs.removeFirst(Self.mergedCountMax)
            runs.append(merged)
        }
        return try rows(of: runs, keepsKeys: false)
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
        let step = max(runs[0].blocks[0].rowCount, 64)
        var result = SpillRun()
        while let batch = try rows.next(rowCount: step) {
            try query.poll()
            result.append(try target.store.write(batch, target.metrics))
        }
        return result
    }
}
