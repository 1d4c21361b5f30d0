// SPDX-License-Identifier: MIT

import IglooArrow

/// Sorts keys by eight of their bytes, one byte after the other from the last on, and those that
/// are alike in them by comparing.
///
/// - Source: radix sort from the least significant digit, D. Knuth, TAOCP 3, 5.2.5.
enum PrefixSort {
    /// The rows in the order of their keys; equal ones in their own order.
    ///
    /// - Parameter start: how many bytes all keys begin with alike, where that is known.
    static func sorted(
        _ keys: borrowing NormalizedKeys, from start: Int? = nil
    ) -> [SortRun.Entry] {
        let rowCount = keys.rowCount
        if rowCount == 0 { return [] }
        let start = start ?? commonByteCount(keys)
        var isWhole = true
        var entries: [SortRun.Entry] = []
        entries.reserveCapacity(rowCount)
        var row = 0
        while row < rowCount {
            let key = keys.key(row)
            isWhole = isWhole && key.count <= start &+ 8
            entries.append(
                SortRun.Entry(prefix: prefix(key, start), row: UInt32(truncatingIfNeeded: row)))
            row &+= 1
        }
        if rowCount < 64 {
            entries.sort { $0.prefix < $1.prefix }
        } else {
            sort(&entries)
        }
        // Equal prefixes of whole keys of different lengths differ by zeros.
        if !isWhole || !keys.hasOneByteCount { sortAlike(&entries, keys) }
        return entries
    }

    /// How many bytes the keys from `row` on begin with that the first one begins with, too; at
    /// most `limit`.
    static func commonByteCount(
        _ keys: borrowing NormalizedKeys, from row: Int = 1, limit: Int = .max
    ) -> Int {
        if keys.rowCount == 0 { return limit }
        let first = keys.key(0)
        var count = min(limit, first.count)
        var row = row
        while row < keys.rowCount && count > 0 {
            count = commonByteCount(first, keys.key(row), limit: count)
            row &+= 1
        }
        return count
    }

    @inline(__always)
    static func commonByteCount(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, limit: Int
    ) -> Int {
        let count = min(limit, left.count, right.count)
        var index = 0
        while index < count && left[index] == right[index] { index &+= 1 }
        return index
    }

    /// Eight bytes as a number that compares alike, zeros behind short keys.
    @inline(__always)
    private static func prefix(_ key: UnsafeRawBufferPointer, _ start: Int) -> UInt64 {
        if key.count &- start >= 8 {
            let bytes = key.baseAddress.unsafelyUnwrapped
                .loadUnaligned(fromByteOffset: start, as: UInt64.self)
            return UInt64(bigEndian: bytes)
        }
        var value: UInt64 = 0
        var index = start
        while index < key.count {
            value |= UInt64(key[index]) &<< UInt64(56 &- (index &- start) &* 8)
            index &+= 1
        }
        return value
    }

    private static func sort(_ entries: inout [SortRun.Entry]) {
        var other = entries
        for byte in 0..<8 {
            let isMoved = entries.withUnsafeBufferPointer { from in
                other.withUnsafeMutableBufferPointer { to in
                    distribute(
                        from.baseAddress.unsafelyUnwrapped, to.baseAddress.unsafelyUnwrapped,
                        from.count, shift: UInt64(byte * 8))
                }
            }
            if isMoved { swap(&entries, &other) }
        }
    }

    /// By one byte; false when all have the same.
    private static func distribute(
        _ from: UnsafePointer<SortRun.Entry>, _ to: UnsafeMutablePointer<SortRun.Entry>,
        _ count: Int, shift: UInt64
    ) -> Bool {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { places in
            places.initialize(repeating: 0)
            var index = 0
            while index < count {
                places[Int(truncatingIfNeeded: from[index].prefix &>> shift & 0xFF)] &+= 1
                index &+= 1
            }
            if places[Int(from[0].prefix >> shift & 0xFF)] == count { return false }
            var sum = 0
            for digit in 0..<256 {
                let next = sum + places[digit]
                places[digit] = sum
                sum = next
            }
            index = 0
            while index < count {
                let digit = Int(truncatingIfNeeded: from[index].prefix &>> shift & 0xFF)
                to[places[digit]] = from[index]
                places[digit] &+= 1
                index &+= 1
            }
            return true
        }
    }

    /// Puts entries of one prefix in order.
    private static func sortAlike(
        _ entries: inout [SortRun.Entry], _ keys: borrowing NormalizedKeys
    ) {
        var start = 0
        while start < entries.count {
            var end = start + 1
            while end < entries.count && entries[end].prefix == entries[start].prefix { end += 1 }
            if end - start > 1 {
                let alike = entries[start..<end].map(\.row)
                let rows = sorted(alike, keys)
                for (index, row) in rows.enumerated() { entries[start + index].row = row }
            }
            start = end
        }
    }

    /// Merge sort, since a closure cannot hold on to the keys.
    private static func sorted(
        _ rows: [UInt32], _ keys: borrowing NormalizedKeys
    ) -> [UInt32] {
        var rows = rows
        var merged = rows
        var width = 1
        while width < rows.count {
            var start = 0
            while start < rows.count {
                let middle = min(start + width, rows.count)
                let end = min(start + 2 * width, rows.count)
                var (left, right) = (start, middle)
                for index in start..<end {
                    let takesLeft =
                        left < middle
                        && (right >= end
                            || SortRun.compare(
                                keys.key(Int(rows[left])), keys.key(Int(rows[right]))) <= 0)
                    merged[index] = rows[takesLeft ? left : right]
                    if takesLeft { left += 1 } else { right += 1 }
                }
                start = end
            }
            swap(&rows, &merged)
            width *= 2
        }
        return rows
    }
}
