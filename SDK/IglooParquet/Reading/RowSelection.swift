// SPDX-License-Identifier: MIT

import IglooArrow

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

    var isAll: Bool { count == rowCount }

    /// The runs, moved by `start`.
    func ranges(from start: Int64) -> [Range<Int64>] {
        var ranges: [Range<Int64>] = []
        ranges.reserveCapacity(rangeCount)
        let rows = base
        var index = 0
        while index < count {
            let first = index
            while index + 1 < count && rows[index + 1] == rows[index] + 1 { index += 1 }
            index += 1
            ranges.append(start + Int64(rows[first])..<start + Int64(rows[index - 1]) + 1)
        }
        return ranges
    }
}
