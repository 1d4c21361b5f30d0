// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The rows of a batch that a filter let through.
struct RowSelection {
    /// Indexes of the rows, ascending.
    let indexes: PooledMemory
    let count: Int
    /// Runs of neighbouring rows.
    let rangeCount: Int
    let rowCount: Int

    var base: UnsafePointer<UInt32> {
        UnsafePointer(indexes.base.assumingMemoryBound(to: UInt32.self))
    }

    /// - Parameter indexes: memory for `rowCount` of them.
    init(_ mask: UnsafePointer<UInt8>, rowCount: Int, indexes: PooledMemory) {
        let target = indexes.base.assumingMemoryBound(to: UInt32.self)
        var count = 0
        var ranges = 0
        var before: UInt8 = 0
        var index = 0
        while index < rowCount {
            let bit = mask[index] & 1
            target[count] = UInt32(truncatingIfNeeded: index)
            count &+= Int(bit)
            ranges &+= Int(bit & ~before)
            before = bit
            index &+= 1
        }
        self.indexes = indexes
        self.count = count
        self.rowCount = rowCount
        rangeCount = ranges
    }

    /// All rows of a batch; nobody asks which they are.
    init(all rowCount: Int) throws(IglooError) {
        self.init(
            indexes: try PooledMemory(byteCapacity: 4), count: rowCount, rangeCount: 1,
            rowCount: rowCount)
    }

    var isAll: Bool { count == rowCount }

    /// The runs, moved by `start`.
    func ranges(from start: Int64) -> [Range<Int64>] { ranges(from: start, gapMin: 1) }

    /// The runs with those joined between which fewer than `gapMin` rows are left out.
    private func ranges(from start: Int64, gapMin: UInt32) -> [Range<Int64>] {
        var ranges: [Range<Int64>] = []
        let rows = base
        var index = 0
        while index < count {
            let first = rows[index]
            while index + 1 < count && rows[index + 1] - rows[index] <= gapMin { index += 1 }
            ranges.append(start + Int64(first)..<start + Int64(rows[index]) + 1)
            index += 1
        }
        return ranges
    }

    /// What to read when flat columns are read in few long runs and chosen from afterwards.
    ///
    /// Passing over a page is worth a run of its own, passing over a few rows is not.
    struct Coarse {
        var ranges: [Range<Int64>]
        var rowCount: Int
        /// The wanted rows among those that are read; `nil` = all of them.
        var selection: RowSelection?
    }

    func coarse(from start: Int64) throws(IglooError) -> Coarse {
        // With most rows wanted there is little to pass over.
        if count > rowCount / 2 {
            return Coarse(
                ranges: [start..<start + Int64(rowCount)], rowCount: rowCount, selection: self)
        }
        let ranges = ranges(from: start, gapMin: 1024)
        let rowCount = ranges.reduce(0) { $0 + $1.count }
        if rowCount == count { return Coarse(ranges: ranges, rowCount: rowCount) }
        let memory = try PooledMemory(byteCapacity: count * 4)
        let target = memory.base.assumingMemoryBound(to: UInt32.self)
        var index = 0
        var before = 0
        for range in ranges {
            // From the batch's rows to those of the joined runs.
            let shift = Int(range.lowerBound - start) - before
            let end = Int(range.upperBound - start)
            while index < count && Int(base[index]) < end {
                target[index] = UInt32(truncatingIfNeeded: Int(base[index]) &- shift)
                index &+= 1
            }
            before += range.count
        }
        let selection = RowSelection(
            indexes: memory, count: count, rangeCount: rangeCount, rowCount: rowCount)
        return Coarse(ranges: ranges, rowCount: rowCount, selection: selection)
    }

    /// The rows that `other`, over those selected here, selects of them.
    func selecting(_ other: RowSelection) throws(IglooError) -> RowSelection {
        if isAll { return other }
        let memory = try PooledMemory(byteCapacity: other.count * 4)
        let target = memory.base.assumingMemoryBound(to: UInt32.self)
        var ranges = 0
        var index = 0
        while index < other.count {
            target[index] = base[Int(truncatingIfNeeded: other.base[index])]
            if index == 0 || target[index] != target[index - 1] &+ 1 { ranges &+= 1 }
            index &+= 1
        }
        return RowSelection(
            indexes: memory, count: other.count, rangeCount: ranges, rowCount: rowCount)
    }

    private init(indexes: PooledMemory, count: Int, rangeCount: Int, rowCount: Int) {
        self.indexes = indexes
        self.count = count
        self.rangeCount = rangeCount
        self.rowCount = rowCount
    }
}
