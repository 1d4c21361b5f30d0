// SPDX-License-Identifier: MIT

import CIglooKernels
import IglooArrow
import IglooContracts

/// Rows of a join's build side, as one thread collects them.
///
/// - Threads: one at a time.
final class JoinBuild {
    fileprivate let keyTypes: [DataType]
    fileprivate let payloadTypes: [DataType]
    fileprivate var keys: [[ArrayData]] = []
    fileprivate var batches: [Batch] = []
    fileprivate var rowCount = 0
    fileprivate var payloadByteCount = 0
    private let memory: any MemoryAccount
    private var reserved = 0

    init(keyTypes: [DataType], payloadTypes: [DataType], reserve memory: any MemoryAccount) {
        self.keyTypes = keyTypes
        self.payloadTypes = payloadTypes
        self.memory = memory
    }

    deinit { try? memory.reserve(-reserved) }

    func append(keys: [ArrayData], payload: Batch) throws(IglooError) {
        let byteCount = payload.byteCount + 16 * keys.count * payload.rowCount
        try memory.reserve(byteCount)
        reserved += byteCount
        payloadByteCount += payload.byteCount
        self.keys.append(keys)
        batches.append(payload)
        rowCount += payload.rowCount
    }

    /// What a table takes beside rows of so many bytes: their copy in one piece, words, chains,
    /// marks and places.
    static func tableByteCount(rowCount: Int, payloadByteCount: Int) -> Int {
        payloadByteCount + 44 * rowCount
    }

    /// Hands the rows over, to be written out.
    func takeRows() -> [(keys: [ArrayData], payload: Batch)] {
        defer {
            keys = []
            batches = []
            rowCount = 0
            payloadByteCount = 0
        }
        return Array(zip(keys, batches))
    }

    /// Says that the rows that were taken are gone.
    func release() throws(IglooError) {
        try memory.reserve(-reserved)
        reserved = 0
    }
}

/// The build side of a join: its rows, and where to find those of a key.
///
/// One key of up to eight bytes is kept as a word; when the words lie close together they index
/// the rows directly. All other keys are compared by their normalised bytes. Rows of equal
/// places hang together in chains.
///
/// - Threads: reading, any number; `mark` too.
final class JoinTable: @unchecked Sendable {
    // SAFETY: written by `make` alone; marks are atomic.
    let payload: [ArrayData]
    let rowCount: Int
    /// Some row has NULL in its key.
    private(set) var hasNullKey = false
    private let memory: any MemoryAccount
    private var reserved = 0
    private let nullsMatch: Bool
    private let layout: JoinKeyLayout

    // Row + 1 of the first row of each place, 0 = none; and the row + 1 that follows each row.
    private var heads: UnsafeMutablePointer<UInt32>
    private let following: UnsafeMutablePointer<UInt32>
    private var placeCount = 0
    private var shift: UInt64 = 0
    /// With direct indexing: the least word.
    private var firstWord: UInt64?
    private let words: UnsafeMutablePointer<UInt64>
    private var bytes: NormalizedKeys
    private let marks: UnsafeMutablePointer<UInt64>

    static func make(
        _ parts: [JoinBuild], nullsMatch: Bool, keyTypes: [DataType],
        reserve memory: any MemoryAccount
    ) throws(IglooError) -> JoinTable {
        let rowCount = parts.reduce(0) { $0 + $1.rowCount }
        guard rowCount < Int(Int32.max) else {
            throw IglooError(
                .resourceExhausted, "the build side of one join cannot hold 2,147,483,647 rows",
                hint: "join the smaller table on the right, or filter it first")
        }
        let payloadByteCount = parts.reduce(0) { $0 + $1.payloadByteCount }
        try memory.reserve(payloadByteCount)
        let payload: [ArrayData]
        do throws(IglooError) {
            payload = try Vectors.concatenated(
                parts.flatMap(\.batches), parts.first?.payloadTypes ?? [])
        } catch {
            try memory.reserve(-payloadByteCount)
            throw error
        }
        let table = JoinTable(
            payload, rowCount, JoinKeyLayout(keyTypes, nullsMatch: nullsMatch), nullsMatch, memory)
        table.reserved = payloadByteCount
        try table.fill(parts)
        return table
    }

    private init(
        _ payload: [ArrayData], _ rowCount: Int, _ layout: JoinKeyLayout, _ nullsMatch: Bool,
        _ memory: any MemoryAccount
    ) {
        self.payload = payload
        self.rowCount = rowCount
        self.layout = layout
        self.nullsMatch = nullsMatch
        self.memory = memory
        heads = .allocate(capacity: 1)
        heads.initialize(to: 0)
        following = .allocate(capacity: max(rowCount, 1))
        following.initialize(repeating: 0, count: max(rowCount, 1))
        words = .allocate(capacity: max(rowCount, 1))
        marks = .allocate(capacity: max(rowCount, 1))
        marks.initialize(repeating: 0, count: max(rowCount, 1))
        bytes = NormalizedKeys(layout.order)
    }

    deinit {
        heads.deallocate()
        following.deallocate()
        words.deallocate()
        marks.deallocate()
        try? memory.reserve(-reserved)
    }

    // MARK: - Building

    private func fill(_ parts: [JoinBuild]) throws(IglooError) {
        let fixed = rowCount * 28
        try memory.reserve(fixed)
        reserved += fixed
        var isInTable = [Bool](repeating: true, count: rowCount)
        var row = 0
        for part in parts {
            for (keys, batch) in zip(part.keys, part.batches) {
                try add(keys, batch.rowCount, at: row, &isInTable)
                row += batch.rowCount
            }
        }
        if !layout.isWord {
            try memory.reserve(bytes.byteCount)
            reserved += bytes.byteCount
        }
        try makePlaces(isInTable)
        row = rowCount - 1
        // Backwards, so that chains run in the order of the rows.
        while row >= 0 {
            if isInTable[row] {
                let place = place(ofWord: words[row])
                following[row] = heads[place]
                heads[place] = UInt32(row + 1)
            }
            row -= 1
        }
    }

    /// Writes the words (or the bytes and their hashes) of a batch's keys.
    private func add(
        _ keys: [ArrayData], _ count: Int, at first: Int, _ isInTable: inout [Bool]
    ) throws(IglooError) {
        if keys.contains(where: { $0.nullCount > 0 }) {
            for row in 0..<count where keys.contains(where: { $0.isNull(row) }) {
                hasNullKey = true
                if !nullsMatch { isInTable[first + row] = false }
            }
        }
        if layout.isWord {
            layout.writeWords(keys[0], count, to: words + first)
        } else {
            try bytes.append(keys, rowCount: count)
            for row in first..<first + count { words[row] = JoinKeyLayout.hash(bytes.key(row)) }
        }
    }

    private func makePlaces(_ isInTable: [Bool]) throws(IglooError) {
        var least = UInt64.max
        var greatest = UInt64.min
        if layout.isWord {
            for row in 0..<rowCount where isInTable[row] {
                least = min(least, words[row])
                greatest = max(greatest, words[row])
            }
        }
        let isDense =
            layout.isWord && least <= greatest
            && greatest - least < UInt64(max(rowCount * 4, 1_024))
        if isDense {
            firstWord = least
            placeCount = Int(greatest - least) + 1
        } else {
            placeCount = 64
            while placeCount < rowCount * 2 { placeCount *= 2 }
            shift = UInt64(64 - placeCount.trailingZeroBitCount)
        }
        try memory.reserve(placeCount * 4)
        reserved += placeCount * 4
        heads.deallocate()
        heads = .allocate(capacity: placeCount)
        heads.initialize(repeating: 0, count: placeCount)
    }

    @inline(__always)
    private func place(ofWord word: UInt64) -> Int {
        if let firstWord { return Int(truncatingIfNeeded: word &- firstWord) }
        return Int(truncatingIfNeeded: JoinKeyLayout.mixed(word) &>> shift)
    }

    // MARK: - Probing

    /// Looks up the keys of a batch.
    func probe(keys: [ArrayData], rowCount: Int) throws(IglooError) -> JoinProbe {
        let probe = JoinProbe(self, rowCount)
        guard self.rowCount > 0 else { return probe }
        if layout.isWord {
            layout.writeWords(keys[0], rowCount, to: probe.words)
        } else {
            try probe.bytes.append(keys, rowCount: rowCount)
            for row in 0..<rowCount { probe.words[row] = JoinKeyLayout.hash(probe.bytes.key(row)) }
        }
        var row = 0
        while row < rowCount {
            probe.heads[row] = head(probe.words[row])
            row += 1
        }
        if !nullsMatch {
            for key in keys where key.nullCount > 0 {
                for row in 0..<rowCount where key.isNull(row) { probe.heads[row] = 0 }
            }
        }
        return probe
    }

    @inline(__always)
    private func head(_ word: UInt64) -> UInt32 {
        if let firstWord {
            let index = word &- firstWord
            return index < UInt64(placeCount) ? heads[Int(truncatingIfNeeded: index)] : 0
        }
        return heads[Int(truncatingIfNeeded: JoinKeyLayout.mixed(word) &>> shift)]
    }

    /// Whether the row's key is the one that stands at `row` of the probe.
    @inline(__always)
    fileprivate func isMatch(_ buildRow: Int, _ probe: JoinProbe, _ row: Int) -> Bool {
        if words[buildRow] != probe.words[row] { return false }
        if layout.isWord { return true }
        return SortRun.compare(bytes.key(buildRow), probe.bytes.key(row)) == 0
    }

    @inline(__always)
    fileprivate func next(_ buildRow: Int) -> UInt32 { following[buildRow] }

    // MARK: - Marks

    /// Remembers that these rows found partners. Any thread.
    func mark(buildRows: [UInt32], count: Int) {
        for index in 0..<count { igloo_mark(marks + Int(buildRows[index])) }
    }

    /// The rows from `from` on that found none, and where to go on.
    func unmatchedRows(from: Int, countMax: Int) -> (rows: [UInt32], end: Int) {
        var rows: [UInt32] = []
        var row = from
        while row < rowCount && rows.count < countMax {
            if igloo_is_marked(marks + row) == 0 { rows.append(UInt32(row)) }
            row += 1
        }
        return (rows, row)
    }
}

/// The lookups of one batch, read in pieces: one key may have any number of partners.
///
/// - Threads: one at a time.
final class JoinProbe {
    private let table: JoinTable
    private let rowCount: Int
    fileprivate let words: UnsafeMutablePointer<UInt64>
    /// The build row + 1 to look at next, for each row; 0 = no more.
    fileprivate let heads: UnsafeMutablePointer<UInt32>
    fileprivate var bytes = NormalizedKeys([])
    private var row = 0

    fileprivate init(_ table: JoinTable, _ rowCount: Int) {
        self.table = table
        self.rowCount = rowCount
        words = .allocate(capacity: max(rowCount, 1))
        heads = .allocate(capacity: max(rowCount, 1))
        heads.initialize(repeating: 0, count: max(rowCount, 1))
        bytes = NormalizedKeys(table.order)
    }

    deinit {
        words.deallocate()
        heads.deallocate()
    }

    /// Writes pairs of matching rows and gives their number; 0 at the end.
    func next(
        pairCountMax: Int, probeRows: UnsafeMutablePointer<UInt32>,
        buildRows: UnsafeMutablePointer<UInt32>
    ) -> Int {
        var count = 0
        while row < rowCount {
            var head = heads[row]
            while head != 0 {
                if count == pairCountMax {
                    heads[row] = head
                    return count
                }
                let buildRow = Int(head) - 1
                if table.isMatch(buildRow, self, row) {
                    probeRows[count] = UInt32(truncatingIfNeeded: row)
                    buildRows[count] = UInt32(truncatingIfNeeded: buildRow)
                    count += 1
                }
                head = table.next(buildRow)
            }
            row += 1
        }
        return count
    }
}

extension JoinTable {
    fileprivate var order: [SortOrder] { layout.order }
}
