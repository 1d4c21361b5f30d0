// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Tells of a value that it is none of a column of a join's build side: as a bitmap where the
/// values lie close together, otherwise as a Bloom filter.
///
/// - Source: F. Putze, P. Sanders, J. Singler, "Cache-, Hash- and Space-Efficient Bloom Filters",
///   2007: the blocked kind, with a block of one word.
/// - Threads: immutable.
final class KeyFilter: @unchecked Sendable {
    // SAFETY: written by init alone.
    private enum Form {
        case bitmap(least: UInt64, count: UInt64)
        case bloom(shift: UInt64)
    }

    let layout: KeyLayout
    private let form: Form
    private let words: UnsafeMutablePointer<UInt64>
    private let memory: any MemoryAccount
    private let reserved: Int

    /// A bitmap may have so many bits a value: it is as quick as a Bloom filter and tells more.
    private static let bitsPerValueMax = 64
    private static let bloomBitsPerValue = 16

    init(
        _ arrays: [ArrayData], type: DataType, reserve memory: any MemoryAccount
    ) throws(IglooError) {
        layout = try KeyLayout([type])
        self.memory = memory
        let rowCount = arrays.reduce(0) { $0 + $1.count }
        let batch = KeyBatch(layout)
        let range = layout.isWord ? try Self.range(arrays, batch) : nil
        let wordCount: Int
        if let range, range.count <= UInt64(max(rowCount * Self.bitsPerValueMax, 1 << 16)) {
            form = .bitmap(least: range.least, count: range.count)
            wordCount = Int(range.count + 63) / 64
        } else {
            var count = 64
            while count * 64 < rowCount * Self.bloomBitsPerValue { count *= 2 }
            form = .bloom(shift: UInt64(64 - count.trailingZeroBitCount))
            wordCount = count
        }
        reserved = wordCount * 8
        try memory.reserve(reserved)
        words = RawMemory.resized(nil, to: reserved).assumingMemoryBound(to: UInt64.self)
        words.initialize(repeating: 0, count: wordCount)
        try Self.eachPiece(arrays, batch) { array, start, count in
            add(batch, array, start, count)
        }
    }

    deinit {
        RawMemory.release(words)
        try? memory.reserve(-reserved)
    }

    private static func eachPiece(
        _ arrays: [ArrayData], _ batch: KeyBatch, _ body: (ArrayData, Int, Int) -> Void
    ) throws(IglooError) {
        for array in arrays {
            var start = 0
            while start < array.count {
                let count = min(array.count - start, KeyBatch.rowCountMax)
                try batch.encode([array], start, count: count)
                body(array, start, count)
                start += count
            }
        }
    }

    /// The least word and how many there are up to the greatest; `nil` when they are too many.
    private static func range(
        _ arrays: [ArrayData], _ batch: KeyBatch
    ) throws(IglooError) -> (least: UInt64, count: UInt64)? {
        var (least, greatest) = (Int64.max, Int64.min)
        try eachPiece(arrays, batch) { array, start, count in
            for row in 0..<count where array.nullCount == 0 || !array.isNull(start + row) {
                least = min(least, Int64(bitPattern: batch.words[row]))
                greatest = max(greatest, Int64(bitPattern: batch.words[row]))
            }
        }
        if least > greatest { return (0, 0) }
        let (width, overflow) = greatest.subtractingReportingOverflow(least)
        if overflow || width == .max { return nil }
        return (UInt64(bitPattern: least), UInt64(width) + 1)
    }

    private func add(_ batch: KeyBatch, _ array: ArrayData, _ start: Int, _ count: Int) {
        for row in 0..<count where array.nullCount == 0 || !array.isNull(start + row) {
            switch form {
            case .bitmap(let least, _):
                let bit = batch.words[row] &- least
                words[Int(bit >> 6)] |= 1 &<< (bit & 63)
            case .bloom(let shift):
                let hash = batch.hashes[row]
                words[Int(hash >> shift)] |= Self.bits(hash)
            }
        }
    }

    @inline(__always)
    private static func bits(_ hash: UInt64) -> UInt64 {
        1 &<< (hash & 63) | 1 &<< (hash &>> 6 & 63) | 1 &<< (hash &>> 12 & 63)
    }

    /// Writes those of the rows (`nil` = all of them) whose values may be there, and gives their
    /// number. The batch holds the column's keys, made by this filter's layout.
    func select(
        _ batch: KeyBatch, _ column: ArrayData, rows: UnsafeMutablePointer<UInt32>,
        count: Int, isAll: Bool
    ) -> Int {
        if column.type == .null { return 0 }
        let validity = column.validity?.pointer(as: UInt8.self)
        let offset = column.offset
        @inline(__always)
        func isValid(_ row: Int) -> Bool {
            guard let validity else { return true }
            return Bitmap.isSet(validity, offset &+ row)
        }
        let (filter, keys, hashes) = (words, batch.words, batch.hashes)
        switch form {
        case .bitmap(let least, let wordCount):
            return Self.select(rows, count, isAll) { row in
                let bit = keys[row] &- least
                return bit < wordCount && isValid(row)
                    && filter[Int(truncatingIfNeeded: bit &>> 6)] &>> (bit & 63) & 1 != 0
            }
        case .bloom(let shift):
            return Self.select(rows, count, isAll) { row in
                let bits = Self.bits(hashes[row])
                let block = filter[Int(truncatingIfNeeded: hashes[row] &>> shift)]
                return block & bits == bits && isValid(row)
            }
        }
    }

    @inline(__always)
    private static func select(
        _ rows: UnsafeMutablePointer<UInt32>, _ count: Int, _ isAll: Bool,
        _ isWanted: (Int) -> Bool
    ) -> Int {
        var kept = 0
        var index = 0
        while index < count {
            let row = isAll ? UInt32(truncatingIfNeeded: index) : rows[index]
            rows[kept] = row
            kept &+= isWanted(Int(row)) ? 1 : 0
            index &+= 1
        }
        return kept
    }
}
