// SPDX-License-Identifier: MIT

import CIglooKernels
import IglooArrow
import IglooContracts

/// Rows that one thread collects, and their order.
///
/// With `rowCountMax` only so many first rows are kept: the others are thrown away from time to
/// time, while rows come in.
///
/// - Threads: one at a time.
final class SortRun {
    /// The beginning of a key and its row: most comparisons need no more.
    struct Entry {
        var prefix: UInt64
        var row: UInt32
    }

    private let order: [SortOrder]
    private let payloadTypes: [DataType]
    private let rowCountMax: Int?
    private let memory: any MemoryAccount
    private var keys: NormalizedKeys
    private var batches: [Batch] = []
    private var reserved = 0
    private(set) var payload: [ArrayData] = []
    private(set) var entries: [Entry] = []

    init(
        order: [SortOrder], payloadTypes: [DataType], rowCountMax: Int?,
        reserve memory: any MemoryAccount
    ) {
        self.order = order
        self.payloadTypes = payloadTypes
        self.rowCountMax = rowCountMax
        self.memory = memory
        keys = NormalizedKeys(order)
    }

    deinit { try? memory.reserve(-reserved) }

    var rowCount: Int { keys.rowCount }

    func key(_ row: UInt32) -> UnsafeRawBufferPointer { keys.key(Int(row)) }

    func append(keys columns: [ArrayData], payload batch: Batch) throws(IglooError) {
        let before = keys.byteCount
        try keys.append(columns, rowCount: batch.rowCount)
        guard keys.rowCount <= Int(UInt32.max) else {
            throw IglooError(
                .resourceExhausted, "one sort cannot hold more than 4,294,967,295 rows a thread")
        }
        let byteCount = batch.byteCount + keys.byteCount - before + 24 * batch.rowCount
        try memory.reserve(byteCount)
        reserved += byteCount
        batches.append(batch)
        if let rowCountMax, keys.rowCount >= max(rowCountMax * 4, 1 << 16) {
            try sort()
            try keepFirst(rowCountMax)
        }
    }

    /// Puts the rows in order.
    func sort() throws(IglooError) {
        payload = try Vectors.concatenated(batches, payloadTypes)
        entries = (0..<keys.rowCount).map { Entry(prefix: keys.prefix($0), row: UInt32($0)) }
        entries.sort { isBefore($0, $1) }
        if let rowCountMax, entries.count > rowCountMax {
            entries.removeLast(entries.count - rowCountMax)
        }
    }

    private func isBefore(_ left: Entry, _ right: Entry) -> Bool {
        if left.prefix != right.prefix { return left.prefix < right.prefix }
        return Self.compare(key(left.row), key(right.row)) < 0
    }

    static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let count = min(left.count, right.count)
        if let first = left.baseAddress, let second = right.baseAddress {
            let result = igloo_compare(first, second, count)
            if result != 0 { return Int(result) }
        }
        return left.count - right.count
    }

    /// Throws away all but the first rows of the order; they stand in order afterwards.
    private func keepFirst(_ count: Int) throws(IglooError) {
        let rows = entries.prefix(count).map(\.row)
        let columns = try Vectors.gather(payload, rows[...])
        var kept = NormalizedKeys(order)
        kept.append(copying: rows, of: keys)
        keys = kept
        batches = [Batch(columns: columns, rowCount: rows.count)]
        payload = []
        entries = []
        let byteCount = batches[0].byteCount + keys.byteCount + 24 * rows.count
        try memory.reserve(byteCount - reserved)
        reserved = byteCount
    }

    /// The rows of all runs in one order.
    static func merge(_ runs: [SortRun]) throws(IglooError) -> SortedRows {
        try SortedRows(runs.filter { !$0.entries.isEmpty })
    }
}

extension NormalizedKeys {
    mutating func append(copying rows: [UInt32], of other: borrowing NormalizedKeys) {
        for row in rows { append(other.key(Int(row))) }
    }
}

/// The rows of sorted runs, merged while they are read.
///
/// - Threads: one at a time.
final class SortedRows {
    private let runs: [SortRun]
    private let payload: [ArrayData]
    /// The row number of each run's first row in the payload of all.
    private let bases: [Int]
    private var heads: [Int]

    fileprivate init(_ runs: [SortRun]) throws(IglooError) {
        self.runs = runs
        heads = Array(repeating: 0, count: runs.count)
        var bases: [Int] = []
        var base = 0
        for run in runs {
            bases.append(base)
            base += run.rowCount
        }
        self.bases = bases
        guard base <= Int(UInt32.max) else {
            throw IglooError(
                .resourceExhausted, "one sort cannot hold more than 4,294,967,295 rows")
        }
        payload = try Vectors.joined(runs.map(\.payload))
    }

    /// The next rows, `nil` at the end.
    func next(rowCount: Int) throws(IglooError) -> Batch? {
        var rows: [UInt32] = []
        rows.reserveCapacity(rowCount)
        while rows.count < rowCount, let run = first() {
            let entry = runs[run].entries[heads[run]]
            rows.append(UInt32(bases[run] + Int(entry.row)))
            heads[run] += 1
        }
        if rows.isEmpty { return nil }
        return Batch(columns: try Vectors.gather(payload, rows[...]), rowCount: rows.count)
    }

    /// The run whose head comes first. There are as many runs as threads, so a look at each will do.
    private func first() -> Int? {
        var best: Int?
        for run in runs.indices where heads[run] < runs[run].entries.count {
            guard let current = best else {
                best = run
                continue
            }
            let left = runs[run].entries[heads[run]]
            let right = runs[current].entries[heads[current]]
            let isBefore =
                left.prefix != right.prefix
                ? left.prefix < right.prefix
                : SortRun.compare(runs[run].key(left.row), runs[current].key(right.row)) < 0
            if isBefore { best = run }
        }
        return best
    }
}
