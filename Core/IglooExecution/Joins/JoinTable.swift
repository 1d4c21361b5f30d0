// SPDX-License-Identifier: MIT

import CIglooKernels
import IglooArrow
import IglooContracts

/// The build side of a join: its rows, and where to find those of a key.
///
/// Words that lie close together index the rows directly; other keys are found by their hash. Rows
/// of one place hang together in chains.
///
/// - Threads: reading, any number; `mark` too.
final class JoinTable: @unchecked Sendable {
    // SAFETY: written by `JoinTableBuilder` alone; marks are atomic.

    /// What is known of a row beside its key.
    struct Entry: BitwiseCopyable {
        /// The key's word, or the hash of a longer one.
        var word: UInt64
        /// The next row of the chain + 1; 0 = none.
        var next: UInt32
    }

    /// How rows are found.
    enum Places {
        /// Row + 1 of the first row of each word from `least` on; 0 = none.
        case direct(UnsafeMutablePointer<UInt32>, least: UInt64, count: UInt64)
        /// By the upper bits of the hash: row + 1, and above it a bit for each row's hash.
        case hashed(UnsafeMutablePointer<UInt64>, shift: UInt64)

        func release() {
            switch self {
            case .direct(let heads, _, _): RawMemory.release(heads)
            case .hashed(let heads, _): RawMemory.release(heads)
            }
        }
    }

    let layout: KeyLayout
    let nullsMatch: Bool
    let rowCount: Int
    let payload: [ArrayData]
    /// Some row has NULL in its key.
    let hasNullKey: Bool
    let places: Places
    /// No two rows share a place.
    let isUnique: Bool
    let entries: UnsafeMutablePointer<Entry>
    private let rows: KeyRows
    private let marks: UnsafeMutablePointer<UInt64>?
    private let memory: any MemoryAccount
    private let reserved: Int

    /// The table over all parts, made by one thread.
    static func make(
        _ parts: [JoinBuild], nullsMatch: Bool, keyTypes: [DataType], marksRows: Bool = true,
        reserve memory: any MemoryAccount
    ) throws(IglooError) -> JoinTable {
        try JoinTableBuilder(
            parts, nullsMatch: nullsMatch, keyTypes: keyTypes, marksRows: marksRows,
            reserve: memory
        ).makeTable()
    }

    /// Takes over what a builder has made.
    init(_ builder: borrowing JoinTableParts, _ rows: consuming KeyRows) {
        layout = builder.layout
        nullsMatch = builder.nullsMatch
        rowCount = builder.rowCount
        payload = builder.payload
        hasNullKey = builder.hasNullKey
        places = builder.places
        isUnique = builder.isUnique
        entries = builder.entries
        marks = builder.marks
        memory = builder.memory
        reserved = builder.reserved
        self.rows = rows
    }

    deinit {
        places.release()
        RawMemory.release(entries)
        RawMemory.release(marks)
        try? memory.reserve(-reserved)
    }

    /// Looks up the keys of a batch.
    func probe(keys: [ArrayData], rowCount: Int) throws(IglooError) -> JoinProbe {
        let probe = JoinProbe(self)
        try probe.begin(keys: keys, rowCount: rowCount)
        return probe
    }

    /// Where a row's key, not a single word, stands.
    @inline(__always)
    func key(_ row: Int) -> UnsafePointer<UInt64> {
        UnsafePointer(rows.base) + row &* layout.stride
    }

    /// Whether a row's key, not a single word, is that of a batch.
    @inline(__always)
    func isEqual(_ row: Int, _ key: UnsafePointer<UInt64>) -> Bool {
        let own = self.key(row)
        var difference: UInt64 = 0
        var word = 0
        while word < layout.stride {
            difference |= own[word] ^ key[word]
            word &+= 1
        }
        return difference == 0 || !layout.viewWords.isEmpty && rows.isEqualByBytes(row, key)
    }

    // MARK: - Marks

    /// Remembers that these rows found partners. Any thread.
    func mark(buildRows: UnsafePointer<UInt32>, count: Int) {
        guard let marks else { preconditionFailure("a table without marks") }
        var index = 0
        while index < count {
            igloo_mark(marks + Int(buildRows[index]))
            index &+= 1
        }
    }

    /// The rows from `from` on that found a partner, or none, and where to go on.
    func rows(
        matched: Bool, from: Int, countMax: Int
    ) -> (rows: [UInt32], end: Int) {
        guard let marks else { preconditionFailure("a table without marks") }
        var rows: [UInt32] = []
        var row = from
        while row < rowCount && rows.count < countMax {
            if (igloo_is_marked(marks + row) != 0) == matched { rows.append(UInt32(row)) }
            row += 1
        }
        return (rows, row)
    }
}
