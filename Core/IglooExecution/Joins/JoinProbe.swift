// SPDX-License-Identifier: MIT

import CIglooKernels
import IglooArrow
import IglooContracts

/// The lookups of one batch after the other, read in pieces: one key may have any number of
/// partners.
///
/// - Threads: one at a time.
final class JoinProbe {
    let table: JoinTable
    private let batch: KeyBatch
    private var keys: [ArrayData] = []
    private var rowCount = 0
    /// The build row + 1 to look at next, for each row; 0 = no more.
    private var heads = GroupValues<UInt32>()
    private var row = 0
    /// Beyond so many rows a table no longer fits the cache.
    private static let cachedRowCountMax = 1 << 14

    init(_ table: JoinTable) {
        self.table = table
        batch = KeyBatch(table.layout)
    }

    /// The bit that stands for a hash beside the head of its chain.
    @inline(__always)
    static func bit(_ hash: UInt64) -> UInt64 { 1 &<< (32 &+ (hash & 31)) }

    /// Begins with another batch of at most `KeyBatch.rowCountMax` rows.
    func begin(keys: [ArrayData], rowCount: Int) throws(IglooError) {
        self.rowCount = rowCount
        row = 0
        heads.resize(rowCount, filling: 0)
        guard table.rowCount > 0 else {
            self.rowCount = 0
            return
        }
        // Long texts are compared where they are.
        self.keys = keys
        try batch.encode(keys, 0, count: rowCount)
        switch table.places {
        case .direct(let places, let least, let count): find(places, least, count)
        case .hashed(let places, let shift): find(places, shift)
        }
        if table.nullsMatch { return }
        for key in keys where key.nullCount > 0 || key.type == .null {
            for row in 0..<rowCount where key.isNull(row) { heads[row] = 0 }
        }
    }

    private func find(_ places: UnsafePointer<UInt32>, _ least: UInt64, _ count: UInt64) {
        let (heads, words, rowCount) = (heads.base, batch.words, rowCount)
        var row = 0
        while row < rowCount {
            let place = words[row] &- least
            heads[row] = place < count ? places[Int(truncatingIfNeeded: place)] : 0
            row &+= 1
        }
    }

    private func find(_ places: UnsafePointer<UInt64>, _ shift: UInt64) {
        let (heads, hashes, rowCount) = (heads.base, batch.hashes, rowCount)
        let entries = table.entries
        let isLarge = table.rowCount > Self.cachedRowCountMax
        let isWord = table.layout.isWord
        var row = 0
        if isLarge {
            while row < rowCount {
                igloo_prefetch(places + Int(truncatingIfNeeded: hashes[row] &>> shift))
                row &+= 1
            }
            row = 0
        }
        while row < rowCount {
            let hash = hashes[row]
            let head = places[Int(truncatingIfNeeded: hash &>> shift)]
            let first = head & Self.bit(hash) == 0 ? 0 : UInt32(truncatingIfNeeded: head)
            heads[row] = first
            if isLarge {
                igloo_prefetch(entries + (Int(first) - 1))
                if !isWord { igloo_prefetch(table.key(Int(first) - 1)) }
            }
            row &+= 1
        }
    }

    // MARK: - Pairs

    /// Writes pairs of matching rows and gives their number; 0 at the end. The rows come in their
    /// order, and so do the partners of each.
    ///
    /// - Parameter firstOnly: of each row's partners only the first one.
    func next(
        pairCountMax: Int, probeRows: UnsafeMutablePointer<UInt32>,
        buildRows: UnsafeMutablePointer<UInt32>, firstOnly: Bool = false
    ) -> Int {
        if case .direct = table.places {
            return table.isUnique || firstOnly
                ? single(pairCountMax, probeRows, buildRows)
                : walk(pairCountMax, probeRows, buildRows, false) { _, _ in true }
        }
        let entries = table.entries
        let layout = table.layout
        if layout.isWord {
            let words = batch.words
            return walk(pairCountMax, probeRows, buildRows, firstOnly) {
                entries[$0].word == words[$1]
            }
        }
        let (words, hashes) = (UnsafePointer(batch.words), batch.hashes)
        let table = table
        return walk(pairCountMax, probeRows, buildRows, firstOnly) {
            entries[$0].word == hashes[$1] && table.isEqual($0, words + $1 &* layout.stride)
        }
    }

    /// Every row has one partner at most, and it needs no look.
    private func single(
        _ pairCountMax: Int, _ probeRows: UnsafeMutablePointer<UInt32>,
        _ buildRows: UnsafeMutablePointer<UInt32>
    ) -> Int {
        let heads = heads.base
        var row = row
        var count = 0
        // The place past the last pair is written, too.
        while row < rowCount && count < pairCountMax {
            let head = heads[row]
            probeRows[count] = UInt32(truncatingIfNeeded: row)
            buildRows[count] = head &- 1
            count &+= head == 0 ? 0 : 1
            row &+= 1
        }
        self.row = row
        return count
    }

    @inline(__always)
    private func walk(
        _ pairCountMax: Int, _ probeRows: UnsafeMutablePointer<UInt32>,
        _ buildRows: UnsafeMutablePointer<UInt32>, _ firstOnly: Bool,
        _ isMatch: (_ buildRow: Int, _ row: Int) -> Bool
    ) -> Int {
        let (heads, entries, rowCount) = (heads.base, table.entries, rowCount)
        var count = 0
        while row < rowCount {
            var head = heads[row]
            while head != 0 {
                if count == pairCountMax {
                    heads[row] = head
                    return count
                }
                let buildRow = Int(truncatingIfNeeded: head) &- 1
                head = entries[buildRow].next
                if isMatch(buildRow, row) {
                    probeRows[count] = UInt32(truncatingIfNeeded: row)
                    buildRows[count] = UInt32(truncatingIfNeeded: buildRow)
                    count &+= 1
                    if firstOnly { break }
                }
            }
            row &+= 1
        }
        return count
    }

    /// Whether any row of the batch may have a partner.
    var mayMatch: Bool {
        var any: UInt32 = 0
        for row in 0..<rowCount { any |= heads[row] }
        return any != 0
    }
}
