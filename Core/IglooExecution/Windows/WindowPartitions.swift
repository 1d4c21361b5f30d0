// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Sorted rows, cut into pieces of whole partitions while they are read.
///
/// - Threads: one at a time.
final class WindowPartitions {
    private let sorted: any RowsInOrder
    private let layout: WindowLayout
    private let query: QueryExecution
    private let rowCountMin: Int
    private var batches: [Batch] = []
    private var rowCount = 0
    private var reserved = 0
    private var isAtEnd = false

    /// - Parameter rowCountMin: rows a piece should have.
    init(
        _ sorted: any RowsInOrder, _ layout: WindowLayout, rowCountMin: Int, _ query: QueryExecution
    ) {
        self.sorted = sorted
        self.layout = layout
        self.rowCountMin = rowCountMin
        self.query = query
    }

    deinit { query.memory.release(reserved) }

    /// Columns, where partitions begin among their rows, and the number of these.
    func next() throws(IglooError) -> ([ArrayData], [Int], Int)? {
        var wanted = rowCountMin
        while true {
            try read(until: wanted)
            if rowCount == 0 { return nil }
            let columns = try Vectors.joined(batches.map(\.columns))
            let starts = try layout.partitionStarts(columns, rowCount: rowCount)
            if isAtEnd {
                defer { rowCount = 0 }
                batches = []
                return (columns, starts, rowCount)
            }
            // The last partition may go on; one that fills all that was read does.
            if starts.count > 1 {
                let end = starts[starts.count - 1]
                try keep(columns, from: end)
                return (
                    columns.map { $0.slice(0, count: end) }, Array(starts.dropLast()), end
                )
            }
            batches = [Batch(columns: columns, rowCount: rowCount)]
            wanted = 2 * rowCount
        }
    }

    private func read(until wanted: Int) throws(IglooError) {
        while rowCount < wanted && !isAtEnd {
            try query.poll()
            guard let batch = try sorted.next(rowCount: Batch.rowCountMax) else {
                isAtEnd = true
                return
            }
            let byteCount = 2 * batch.byteCount + 16 * batch.rowCount * layout.calls.count
            try query.memory.reserve(byteCount, for: "the rows of one partition of a window")
            reserved += byteCount
            batches.append(batch)
            rowCount += batch.rowCount
        }
    }

    private func keep(_ columns: [ArrayData], from start: Int) throws(IglooError) {
        let share = reserved / max(rowCount, 1)
        query.memory.release(share * start)
        reserved -= share * start
        let rest = columns.map { $0.slice(start, count: rowCount - start) }
        rowCount -= start
        batches = [Batch(columns: rest, rowCount: rowCount)]
    }
}
