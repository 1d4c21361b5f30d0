// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Rows that come in an order.
///
/// - Threads: one at a time.
protocol RowsInOrder: AnyObject {
    /// All rows, read or not.
    var rowCount: Int { get }
    /// The next rows, `nil` at the end.
    func next(rowCount: Int) throws(IglooError) -> Batch?
}

/// The rows of sorted runs in temporary files, merged while they are read.
final class SortedRows: RowsInOrder {
    private let cursors: [RunCursor]
    let rowCount: Int
    /// Of cursors that are not at their end, a heap by their keys.
    private var heap: [Int] = []

    init(_ cursors: [RunCursor]) {
        self.cursors = cursors
        rowCount = cursors.reduce(0) { $0 + $1.rowCount }
        for index in cursors.indices where cursors[index].key != nil { heap.append(index) }
        for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(place) }
    }

    func next(rowCount: Int) throws(IglooError) -> Batch? {
        guard !heap.isEmpty else { return nil }
        var picks: [Int] = []
        picks.reserveCapacity(min(rowCount, Batch.rowCountMax))
        while picks.count < rowCount, let first = heap.first {
            picks.append(first)
            try cursors[first].advance()
            if cursors[first].key == nil {
                heap[0] = heap[heap.count - 1]
                heap.removeLast()
            }
            sink(0)
        }
        return try batch(picks)
    }

    /// The rows passed by the cursors, in the order of the picks.
    private func batch(_ picks: [Int]) throws(IglooError) -> Batch {
        var pieces: [[ArrayData]] = []
        var next = [UInt32](repeating: 0, count: cursors.count)
        for pick in picks { next[pick] += 1 }
        var base: UInt32 = 0
        for (index, count) in next.enumerated() where count > 0 {
            pieces += try cursors[index].takePassed()
            next[index] = base
            base += count
        }
        let columns = try Vectors.joined(pieces)
        // One cursor's rows stand in order already.
        if picks.first == picks.last && !picks.contains(where: { $0 != picks[0] }) {
            return Batch(columns: columns, rowCount: picks.count)
        }
        var rows: [UInt32] = []
        rows.reserveCapacity(picks.count)
        for pick in picks {
            rows.append(next[pick])
            next[pick] += 1
        }
        return Batch(columns: try Vectors.gather(columns, rows[...]), rowCount: picks.count)
    }

    private func sink(_ place: Int) {
        var place = place
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < heap.count && cursors[heap[child]].isBefore(cursors[heap[least]]) {
                least = child
            }
            if least == place { return }
            heap.swapAt(place, least)
            place = least
        }
    }
}
