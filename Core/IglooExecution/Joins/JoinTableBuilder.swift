// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// What a table is made of.
struct JoinTableParts {
    let layout: KeyLayout
    let nullsMatch: Bool
    let rowCount: Int
    let memory: any MemoryAccount
    var payload: [ArrayData]
    var hasNullKey = false
    var places = JoinTable.Places.direct(
        RawMemory.resized(nil, to: 0).assumingMemoryBound(to: UInt32.self), least: 0, count: 0)
    var isUnique = true
    var entries: UnsafeMutablePointer<JoinTable.Entry>
    var marks: UnsafeMutablePointer<UInt64>?
    var reserved = 0
}

/// Makes a `JoinTable` in three steps, the first and the last of which threads can share.
final class JoinTableBuilder: @unchecked Sendable {
    // SAFETY: gathering tasks write columns of their own, linking tasks places of their own; what
    // they share is guarded by `lock`.
    private let inputs: [JoinBuild]
    private var parts: JoinTableParts
    private var rows: KeyRows?
    private var isFinished = false
    private let lock = Monitor()
    /// Rows with NULL in their key, which match nothing; empty when there are none.
    private var isLeftOut: [Bool] = []
    private var least = Int64.max
    private var greatest = Int64.min

    /// So many rows are linked by one thread in no time.
    private static let rowCountForOneTask = 1 << 16
    private static let linkingTaskCountMax = 8

    init(
        _ inputs: [JoinBuild], nullsMatch: Bool, keyTypes: [DataType], marksRows: Bool,
        reserve memory: any MemoryAccount
    ) throws(IglooError) {
        self.inputs = inputs
        let rowCount = inputs.reduce(0) { $0 + $1.rowCount }
        guard rowCount < Int(Int32.max) else {
            throw IglooError(
                .resourceExhausted, "the build side of one join cannot hold 2,147,483,647 rows",
                hint: "join the smaller table on the right, or filter it first")
        }
        let layout = try KeyLayout(keyTypes, nullsMatch: nullsMatch)
        let wanted =
            inputs.reduce(0) { $0 + $1.payloadByteCount } + rowCount
            * (16 + (marksRows ? 8 : 0) + (layout.isWord ? 0 : layout.stride * 8))
        try memory.reserve(wanted)
        parts = JoinTableParts(
            layout: layout, nullsMatch: nullsMatch, rowCount: rowCount, memory: memory,
            payload: try Vectors.nulls(inputs.first?.payloadTypes ?? [], count: 0),
            entries: RawMemory.resized(nil, to: rowCount * MemoryLayout<JoinTable.Entry>.stride)
                .assumingMemoryBound(to: JoinTable.Entry.self),
            reserved: wanted)
        rows = KeyRows(layout)
        guard marksRows else { return }
        let marks = RawMemory.resized(nil, to: rowCount * 8).assumingMemoryBound(to: UInt64.self)
        marks.initialize(repeating: 0, count: rowCount)
        parts.marks = marks
    }

    /// Gives back what no table has taken over.
    deinit {
        if isFinished { return }
        parts.places.release()
        RawMemory.release(parts.entries)
        RawMemory.release(parts.marks)
        try? parts.memory.reserve(-parts.reserved)
    }

    // MARK: - Gathering

    /// One task a payload column, and one for the keys.
    var gatheringTaskCount: Int { parts.payload.count + 1 }

    func gather(_ task: Int) throws(IglooError) {
        if task == 0 { return try gatherKeys() }
        let batches = inputs.flatMap(\.batches)
        if batches.isEmpty { return }
        let column = try Vectors.joined(batches.map { [$0.columns[task - 1]] })
        lock.withLock { parts.payload[task - 1] = column[0] }
    }

    private func gatherKeys() throws(IglooError) {
        let batch = KeyBatch(parts.layout)
        if !parts.layout.isWord { rows?.reserve(parts.rowCount) }
        var first = 0
        for input in inputs {
            for (keys, rowCount) in zip(input.keys, input.batches.map(\.rowCount)) {
                noteNulls(keys, first, rowCount)
                var start = 0
                while start < rowCount {
                    let count = min(rowCount - start, KeyBatch.rowCountMax)
                    try batch.encode(keys, start, count: count)
                    keep(batch, first + start, count)
                    start += count
                }
                first += rowCount
            }
        }
        let wanted = (rows?.byteCount ?? 0) - parts.rowCount * parts.layout.stride * 8
        guard !parts.layout.isWord && wanted > 0 else { return }
        try parts.memory.reserve(wanted)
        parts.reserved += wanted
    }

    private func keep(_ batch: KeyBatch, _ first: Int, _ count: Int) {
        let entries = parts.entries + first
        if parts.layout.isWord {
            // What stands under NULLs does not count.
            let isComplete = isLeftOut.isEmpty
            var (least, greatest) = (least, greatest)
            var row = 0
            while row < count {
                entries[row] = JoinTable.Entry(word: batch.words[row], next: 0)
                if isComplete || !isLeftOut[first &+ row] {
                    least = min(least, Int64(bitPattern: batch.words[row]))
                    greatest = max(greatest, Int64(bitPattern: batch.words[row]))
                }
                row &+= 1
            }
            (self.least, self.greatest) = (least, greatest)
            return
        }
        var row = 0
        while row < count {
            entries[row] = JoinTable.Entry(word: batch.hashes[row], next: 0)
            rows!.append(batch.words + row &* parts.layout.stride)
            row &+= 1
        }
    }

    private func noteNulls(_ keys: [ArrayData], _ first: Int, _ count: Int) {
        guard keys.contains(where: { $0.nullCount > 0 || $0.type == .null }) else { return }
        for row in 0..<count where keys.contains(where: { $0.isNull(row) }) {
            parts.hasNullKey = true
            if parts.nullsMatch { continue }
            if isLeftOut.isEmpty { isLeftOut = Array(repeating: false, count: parts.rowCount) }
            isLeftOut[first + row] = true
        }
    }

    // MARK: - Linking

    func makePlaces() throws(IglooError) {
        let (width, overflow) = greatest.subtractingReportingOverflow(least)
        let rowCount = parts.rowCount
        if least <= greatest && !overflow && width < Int64(max(rowCount * 8, 1_024)) {
            let count = Int(width) + 1
            try reserve(count * 4)
            let heads = RawMemory.resized(nil, to: count * 4).assumingMemoryBound(to: UInt32.self)
            heads.initialize(repeating: 0, count: count)
            replace(
                .direct(heads, least: UInt64(bitPattern: least), count: UInt64(count)))
            return
        }
        var count = 64
        while count < rowCount * 2 { count *= 2 }
        try reserve(count * 8)
        let heads = RawMemory.resized(nil, to: count * 8).assumingMemoryBound(to: UInt64.self)
        heads.initialize(repeating: 0, count: count)
        replace(.hashed(heads, shift: UInt64(64 - count.trailingZeroBitCount)))
    }

    private func reserve(_ byteCount: Int) throws(IglooError) {
        try parts.memory.reserve(byteCount)
        parts.reserved += byteCount
    }

    private func replace(_ places: JoinTable.Places) {
        parts.places.release()
        parts.places = places
    }

    var linkingTaskCount: Int {
        min(parts.rowCount / Self.rowCountForOneTask + 1, Self.linkingTaskCountMax)
    }

    /// Puts the rows of some places into their chains. Backwards, so that chains run in the order
    /// of the rows.
    func link(_ task: Int) {
        let isUnique: Bool
        switch parts.places {
        case .direct(let heads, let least, let count):
            let share = (Int(count) + linkingTaskCount - 1) / linkingTaskCount
            let range = UInt64(task * share)..<UInt64((task + 1) * share)
            isUnique = link(range, heads, mask: 0xFFFF_FFFF) { ($0 &- least, 0) }
        case .hashed(let heads, let shift):
            let isWord = parts.layout.isWord
            let count = 1 << (64 - Int(shift))
            let share = (count + linkingTaskCount - 1) / linkingTaskCount
            let range = UInt64(task * share)..<UInt64((task + 1) * share)
            isUnique = link(range, heads, mask: 0xFFFF_FFFF) {
                let hash = isWord ? KeyHash.mixed($0) : $0
                return (hash &>> shift, JoinProbe.bit(hash))
            }
        }
        if !isUnique { lock.withLock { parts.isUnique = false } }
    }

    @inline(__always)
    private func link<Head: FixedWidthInteger>(
        _ range: Range<UInt64>, _ heads: UnsafeMutablePointer<Head>, mask: Head,
        _ place: (UInt64) -> (place: UInt64, bit: UInt64)
    ) -> Bool {
        let entries = parts.entries
        let isComplete = isLeftOut.isEmpty
        let (first, width) = (range.lowerBound, range.upperBound - range.lowerBound)
        var isUnique = true
        var row = parts.rowCount - 1
        while row >= 0 {
            let (place, bit) = place(entries[row].word)
            if place &- first < width && (isComplete || !isLeftOut[row]) {
                let head = heads[Int(truncatingIfNeeded: place)]
                entries[row].next = UInt32(truncatingIfNeeded: head & mask)
                isUnique = isUnique && head == 0
                heads[Int(truncatingIfNeeded: place)] =
                    head & ~mask | Head(truncatingIfNeeded: bit)
                    | Head(truncatingIfNeeded: row &+ 1)
            }
            row &-= 1
        }
        return isUnique
    }

    /// What tells whether a value is among those of a key.
    func filter(
        _ key: Int, reserve memory: any MemoryAccount
    ) throws(IglooError) -> KeyFilter {
        try KeyFilter(
            inputs.flatMap { $0.keys.map { $0[key] } }, type: parts.layout.columns[key].type,
            reserve: memory)
    }

    /// What sources are told of a key; `nil` when there is nothing to tell.
    func sourceFilter(
        _ key: Int, reserve memory: any MemoryAccount
    ) throws(IglooError) -> SourceFilter? {
        try SourceFilter(
            inputs.flatMap { $0.keys.map { $0[key] } }, type: parts.layout.columns[key].type,
            reserve: memory)
    }

    /// All steps, by this thread.
    func makeTable() throws(IglooError) -> JoinTable {
        for task in 0..<gatheringTaskCount { try gather(task) }
        try makePlaces()
        for task in 0..<linkingTaskCount { link(task) }
        return finish()
    }

    func finish() -> JoinTable {
        isFinished = true
        let rows = self.rows.take() ?? KeyRows(parts.layout)
        return JoinTable(parts, rows)
    }
}
