// SPDX-License-Identifier: MIT

/// The records of a piece that are to be read, and where their first fields are.
///
/// - Threads: one at a time.
final class CSVRows {
    /// Indexes into the field ends of each record's first field.
    private(set) var first: UnsafeMutablePointer<UInt32>
    private(set) var count = 0
    private var capacity = 0
    /// Number of fields, only for records that have fewer than they should (policy null).
    private(set) var shortCounts: [Int: Int] = [:]

    init() { first = .allocate(capacity: 1) }
    deinit { first.deallocate() }

    func clear(capacity: Int) {
        count = 0
        shortCounts.removeAll(keepingCapacity: true)
        guard capacity > self.capacity else { return }
        first.deallocate()
        first = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    @inline(__always)
    func append(_ field: UInt32) {
        first[count] = field
        count &+= 1
    }

    func append(_ field: UInt32, shortCount: Int) {
        shortCounts[count] = shortCount
        append(field)
    }

    /// Takes the given rows out of `range`, moving the others of the range to its beginning.
    ///
    /// - Returns: how many remain in the range.
    func remove(_ rows: Set<Int>, from range: Range<Int>) -> Int {
        var kept = range.lowerBound
        for row in range where !rows.contains(row) {
            first[kept] = first[row]
            shortCounts[kept] = shortCounts[row]
            kept += 1
        }
        return kept - range.lowerBound
    }
}
