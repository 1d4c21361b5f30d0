// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The rows of sorted runs in memory in one order, merged while they are read.
final class MergedRuns: RowsInOrder {
    /// The place in a run, on a heap by the keys there.
    private struct Cursor {
        let run: Int
        let entries: [SortRun.Entry]
        /// The number of the run's first row among those of all runs.
        let base: UInt32
        var next = 0
        var prefix: UInt64 = 0
    }

    let rowCount: Int
    private let runs: [SortRun]
    /// Of all runs, in one piece.
    private let payload: [ArrayData]
    /// Whether the entries' prefixes compare with each other.
    private let sharesPrefixes: Bool
    private var heap: [Cursor] = []

    /// - Parameter runs: sorted.
    init(_ runs: [SortRun]) throws(IglooError) {
        let runs = runs.filter { !$0.entries.isEmpty }
        self.runs = runs
        rowCount = runs.reduce(0) { $0 + $1.entries.count }
        let payloadRowCount = runs.reduce(0) { $0 + $1.rowCount }
        guard payloadRowCount <= Int(UInt32.max) else {
            throw IglooError(
                .resourceExhausted, "one sort cannot hold more than 4,294,967,295 rows in memory",
                hint: "Lower memory_limit, so that rows go to temporary files")
        }
        sharesPrefixes = runs.count == 1 || runs.allSatisfy(\.sharesPrefixes)
        payload = try runs.isEmpty ? [] : Vectors.joined(runs.map { $0.takePayload() })
        var base: UInt32 = 0
        for (index, run) in runs.enumerated() {
            heap.append(Cursor(run: index, entries: run.entries, base: base))
            loadPrefix(index)
            base += UInt32(run.rowCount)
        }
        for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(place) }
    }

    func next(rowCount: Int) throws(IglooError) -> Batch? {
        guard !heap.isEmpty else { return nil }
        var rows: [UInt32] = []
        rows.reserveCapacity(min(rowCount, self.rowCount))
        while rows.count < rowCount && heap.count > 1 { takeLeast(&rows) }
        if heap.count == 1 { takeRest(&rows, rowCount) }
        return Batch(columns: try Vectors.gather(payload, rows[...]), rowCount: rows.count)
    }

    private func takeLeast(_ rows: inout [UInt32]) {
        let place = heap[0].next
        rows.append(heap[0].base &+ heap[0].entries[place].row)
        heap[0].next = place &+ 1
        if place &+ 1 < heap[0].entries.count {
            loadPrefix(0)
        } else {
            heap[0] = heap[heap.count - 1]
            heap.removeLast()
        }
        sink(0)
    }

    /// The last run's rows need no comparing.
    private func takeRest(_ rows: inout [UInt32], _ rowCount: Int) {
        let (last, base) = (heap[0], heap[0].base)
        let end = min(last.entries.count, last.next + rowCount - rows.count)
        for entry in last.entries[last.next..<end] { rows.append(base &+ entry.row) }
        heap[0].next = end
        if end == last.entries.count { heap = [] }
    }

    private func loadPrefix(_ place: Int) {
        let entry = heap[place].entries[heap[place].next]
        heap[place].prefix =
            sharesPrefixes ? entry.prefix : runs[heap[place].run].prefix(entry.row)
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        if heap[left].prefix != heap[right].prefix { return heap[left].prefix < heap[right].prefix }
        let order = SortRun.compare(key(left), key(right))
        return order != 0 ? order < 0 : heap[left].run < heap[right].run
    }

    private func key(_ place: Int) -> UnsafeRawBufferPointer {
        runs[heap[place].run].key(heap[place].entries[heap[place].next].row)
    }

    private func sink(_ place: Int) {
        var place = place
        while true {
            var least = place
            let child = 2 &* place &+ 1
            if child < heap.count && isBefore(child, least) { least = child }
            if child &+ 1 < heap.count && isBefore(child &+ 1, least) { least = child &+ 1 }
            if least == place { return }
            heap.swapAt(place, least)
            place = least
        }
    }
}
