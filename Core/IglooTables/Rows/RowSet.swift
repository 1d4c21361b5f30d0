// SPDX-License-Identifier: MIT

/// A set of row numbers, kept as bits by blocks: cheap to share, to change and to compare.
///
/// - Complexity: of all operations on two sets, the number of their blocks.
public struct RowSet: Hashable, Sendable {
    /// Rows a block has bits for.
    static let blockRowCount: Int64 = 4_096
    private static let wordCount = 64

    /// By row number / 4,096.
    private var blocks: [Int64: [UInt64]] = [:]
    public private(set) var count = 0

    public init() {}

    public var isEmpty: Bool { count == 0 }

    public func contains(_ row: Int64) -> Bool {
        guard count > 0, let block = blocks[row >> 12] else { return false }
        return block[Int(row & 4_095) >> 6] & Self.bit(row) != 0
    }

    private static func bit(_ row: Int64) -> UInt64 { 1 << UInt64(row & 63) }

    /// False when the row was in the set already.
    public mutating func insert(_ row: Int64) -> Bool {
        let word = Int(row & 4_095) >> 6
        let bit = Self.bit(row)
        let isNew = Self.mark(&blocks[row >> 12, default: Self.emptyBlock], word, bit)
        if isNew { count += 1 }
        return isNew
    }

    private static let emptyBlock = [UInt64](repeating: 0, count: wordCount)

    private static func mark(_ block: inout [UInt64], _ word: Int, _ bit: UInt64) -> Bool {
        let isNew = block[word] & bit == 0
        block[word] |= bit
        return isNew
    }

    public mutating func formUnion(_ other: RowSet) {
        for (key, block) in other.blocks { merge(key, block) { $0 | $1 } }
    }

    public func subtracting(_ other: RowSet) -> RowSet {
        var result = self
        for (key, block) in other.blocks where blocks[key] != nil {
            result.merge(key, block) { $0 & ~$1 }
        }
        return result
    }

    private mutating func merge(
        _ key: Int64, _ other: [UInt64], _ body: (UInt64, UInt64) -> UInt64
    ) {
        var block = blocks[key] ?? Self.emptyBlock
        for index in block.indices {
            count -= block[index].nonzeroBitCount
            block[index] = body(block[index], other[index])
            count += block[index].nonzeroBitCount
        }
        blocks[key] = block.allSatisfy { $0 == 0 } ? nil : block
    }

    /// The rows whose numbers are less than `limit`.
    func below(_ limit: Int64) -> RowSet {
        var result = RowSet()
        for (key, block) in blocks {
            let rest = limit - key << 12
            if rest <= 0 { continue }
            var kept = block
            if rest < Self.blockRowCount {
                let word = Int(rest) >> 6
                kept[word] &= Self.bit(rest) - 1
                for index in kept.indices where index > word { kept[index] = 0 }
            }
            let ones = kept.reduce(0) { $0 + $1.nonzeroBitCount }
            if ones == 0 { continue }
            result.blocks[key] = kept
            result.count += ones
        }
        return result
    }

    public func intersects(_ other: RowSet) -> Bool {
        if count == 0 || other.count == 0 { return false }
        let (small, large) = blocks.count < other.blocks.count ? (self, other) : (other, self)
        return small.blocks.contains { key, block in
            guard let peer = large.blocks[key] else { return false }
            return zip(block, peer).contains { $0 & $1 != 0 }
        }
    }

    /// The rows in `range`, ascending.
    public func rows(in range: Range<Int64>) -> [Int64] {
        if count == 0 || range.isEmpty { return [] }
        var rows: [Int64] = []
        for key in (range.lowerBound >> 12)...((range.upperBound - 1) >> 12) {
            guard let block = blocks[key] else { continue }
            for (index, word) in block.enumerated() where word != 0 {
                var rest = word
                while rest != 0 {
                    let row = key << 12 + Int64(index << 6 + rest.trailingZeroBitCount)
                    if range.contains(row) { rows.append(row) }
                    rest &= rest - 1
                }
            }
        }
        return rows
    }

    /// Whether no row of `range` is in the set; may say false where blocks are shared.
    func isSurelyClear(of range: Range<Int64>) -> Bool {
        if count == 0 || range.isEmpty { return true }
        return !((range.lowerBound >> 12)...((range.upperBound - 1) >> 12)).contains {
            blocks[$0] != nil
        }
    }
}
