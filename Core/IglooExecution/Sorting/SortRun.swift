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
    /// Eight bytes of a key and its row: most comparisons need no more.
    struct Entry {
        var prefix: UInt64
        var row: UInt32
    }

    private let order: [SortOrder]
    private let payloadTypes: [DataType]
    private let rowCountMax: Int?
    private let memory: any MemoryAccount
    private var keys: NormalizedKeys
    /// When rows are thrown away: soon, so that readers need not fetch columns of rows that come too
    /// late.
    private var keptRowCountMax: Int? {
        rowCountMax.map { $0 <= 1_024 ? max(2 * $0, 64) : $0 < Int.max / 4 ? 4 * $0 : .max }
    }
    private var batches: [Batch] = []
    /// Bytes, with those that sorting takes.
    private(set) var reserved = 0
    private(set) var payload: [ArrayData] = []
    private(set) var entries: [Entry] = []
    /// The last of the first rows so far: no row that is not before it is wanted.
    private var bound: [UInt8]?
    private let sharedBound: OrderBound?
    /// Its first key, where that is an integer of a column.
    private var boundWord: Int64?
    /// How many bytes all keys begin with alike.
    private var commonByteCount = Int.max
    /// Whether the entries' prefixes compare with those of other runs.
    private(set) var sharesPrefixes = false

    init(
        order: [SortOrder], payloadTypes: [DataType], rowCountMax: Int?,
        _ sharedBound: OrderBound? = nil, reserve memory: any MemoryAccount
    ) {
        self.order = order
        self.sharedBound = sharedBound
        self.payloadTypes = payloadTypes
        self.rowCountMax = rowCountMax
        self.memory = memory
        keys = NormalizedKeys(order)
    }

    deinit { try? memory.reserve(-reserved) }

    var rowCount: Int { keys.rowCount }

    func key(_ row: UInt32) -> UnsafeRawBufferPointer { keys.key(Int(row)) }

    /// The first eight bytes of a row's key; those of an entry may begin later.
    func prefix(_ row: UInt32) -> UInt64 { keys.prefix(Int(row)) }

    func append(keys columns: [ArrayData], payload batch: Batch) throws(IglooError) {
        guard let bound else { return try keep(columns, batch) }
        // Most rows come too late to be among the first ones, many by their first key alone.
        var rows: [UInt32]?
        if let boundWord, let early = sharedBound?.rows(columns[0], upTo: boundWord) {
            if early.isEmpty { return }
            if early.count < batch.rowCount { rows = early }
        }
        let compared = try rows.map { (rows) throws(IglooError) in
            try Vectors.gather(columns, rows[...])
        }
        var new = NormalizedKeys(order)
        try new.append(compared ?? columns, rowCount: rows?.count ?? batch.rowCount)
        var kept: [UInt32] = []
        bound.withUnsafeBytes { bound in
            for row in 0..<new.rowCount where Self.compare(new.key(row), bound) < 0 {
                kept.append(rows?[row] ?? UInt32(row))
            }
        }
        if kept.isEmpty { return }
        try keep(Vectors.gather(columns, kept[...]), batch.gathered(kept))
    }

    private func keep(_ columns: [ArrayData], _ batch: Batch) throws(IglooError) {
        let (before, first) = (keys.byteCount, keys.rowCount)
        try keys.append(columns, rowCount: batch.rowCount)
        commonByteCount = PrefixSort.commonByteCount(
            keys, from: first, limit: commonByteCount)
        guard keys.rowCount <= Int(UInt32.max) else {
            throw IglooError(
                .resourceExhausted, "one sort cannot hold more than 4,294,967,295 rows a thread")
        }
        let byteCount = Self.byteCount(batch, keyByteCount: keys.byteCount - before)
        try memory.reserve(byteCount)
        reserved += byteCount
        // A few texts must not keep the pages of all that came too late.
        let isSmall = rowCountMax != nil && batch.rowCount <= 1_024
        batches.append(isSmall ? try batch.compacted() : batch)
        if let keptRowCountMax, keys.rowCount >= keptRowCountMax, let rowCountMax {
            try sort()
            try keepFirst(rowCountMax)
        }
    }

    /// A batch stands in memory twice while it is sorted: as it came and in one piece with others.
    static func byteCount(_ batch: Batch, keyByteCount: Int) -> Int {
        2 * batch.byteCount + keyByteCount + 24 * batch.rowCount
    }

    /// How many bytes the keys of all runs begin with alike.
    static func commonByteCount(_ runs: [SortRun]) -> Int {
        let runs = runs.filter { $0.rowCount > 0 }
        guard let first = runs.first else { return 0 }
        return runs.reduce(first.commonByteCount) { count, run in
            PrefixSort.commonByteCount(
                first.key(0), run.key(0), limit: min(count, run.commonByteCount))
        }
    }

    /// Puts the rows in order. No more may come, unless some are thrown away.
    ///
    /// - Parameter start: how many bytes the keys of all runs begin with alike.
    func sort(from start: Int? = nil) throws(IglooError) {
        payload = try Vectors.concatenated(batches, payloadTypes)
        batches = []
        sharesPrefixes = start != nil
        entries = PrefixSort.sorted(keys, from: start ?? commonByteCount)
        if let rowCountMax, entries.count > rowCountMax {
            entries.removeLast(entries.count - rowCountMax)
        }
    }

    /// Hands the payload over, to be put into one piece with that of others.
    func takePayload() -> [ArrayData] {
        defer { payload = [] }
        return payload
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
        if let last = rows.last {
            bound = Array(keys.key(Int(last)))
            sharedBound?.improve(columns, row: rows.count - 1)
            boundWord = sharedBound?.word(columns, row: rows.count - 1)
        }
        keys = kept
        batches = [try Batch(columns: columns, rowCount: rows.count).compacted()]
        payload = []
        entries = []
        let byteCount = Self.byteCount(batches[0], keyByteCount: keys.byteCount)
        try memory.reserve(byteCount - reserved)
        reserved = byteCount
    }

    /// Lets go of all rows.
    func removeAll() throws(IglooError) {
        (bound, boundWord) = (nil, nil)
        commonByteCount = .max
        keys = NormalizedKeys(order)
        batches = []
        payload = []
        entries = []
        try memory.reserve(-reserved)
        reserved = 0
    }
}

extension NormalizedKeys {
    mutating func append(copying rows: [UInt32], of other: borrowing NormalizedKeys) {
        for row in rows { append(other.key(Int(row))) }
    }
}
