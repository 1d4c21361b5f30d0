// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Decides a filter for the rows of a batch: a byte a row, 1 where the filter is TRUE.
struct FilterEvaluator {
    /// The filter's columns.
    let columns: [Int: ArrayData]
    let rowCount: Int

    func evaluate(
        _ filter: RowFilter, into mask: UnsafeMutablePointer<UInt8>
    ) throws(IglooError) {
        switch filter {
        case .constant(let value): mask.update(repeating: value ? 1 : 0, count: rowCount)
        case .all(let filters): try combine(filters, into: mask, isAll: true)
        case .any(let filters): try combine(filters, into: mask, isAll: false)
        case .isNull(let column, let isNegated):
            Self.nulls(columns[column]!, rowCount, isNegated, mask)
        case .compare(let column, let operation, let value):
            try decide(columns[column]!, mask) { array, count, mask throws(IglooError) in
                try Comparison.compare(array, count, operation, value, mask)
            }
        case .isIn(let column, let values, let isNegated):
            try decide(columns[column]!, mask) { array, count, mask throws(IglooError) in
                try Comparison.isIn(array, count, values, isNegated, mask)
            }
        case .hasPrefix(let column, let prefix, let isNegated):
            try decide(columns[column]!, mask) { array, count, mask throws(IglooError) in
                Comparison.hasPrefix(array, count, prefix, isNegated, mask)
            }
        case .like(let column, let pieces, let isNegated):
            try decide(columns[column]!, mask) { array, count, mask throws(IglooError) in
                ViewComparison(array).like(count, pieces, isNegated, mask)
            }
        case .isNeeded(let column, let test):
            try decide(columns[column]!, mask) { array, count, mask throws(IglooError) in
                try test.evaluate(array, count, mask)
            }
        }
    }

    private func combine(
        _ filters: [RowFilter], into mask: UnsafeMutablePointer<UInt8>, isAll: Bool
    ) throws(IglooError) {
        mask.update(repeating: isAll ? 1 : 0, count: rowCount)
        let scratch = try PooledMemory(byteCapacity: rowCount)
        let other = scratch.base.assumingMemoryBound(to: UInt8.self)
        for filter in filters {
            try evaluate(filter, into: other)
            var index = 0
            if isAll {
                while index < rowCount {
                    mask[index] &= other[index]
                    index &+= 1
                }
            } else {
                while index < rowCount {
                    mask[index] |= other[index]
                    index &+= 1
                }
            }
        }
    }

    /// Decides for the values of an array, or for those of its dictionary, once each; nulls are
    /// never TRUE.
    private func decide(
        _ array: ArrayData, _ mask: UnsafeMutablePointer<UInt8>,
        _ body: (ArrayData, Int, UnsafeMutablePointer<UInt8>) throws(IglooError) -> Void
    ) throws(IglooError) {
        if let dictionary = array.dictionary {
            let table = try PooledMemory(byteCapacity: max(1, dictionary.count))
            let verdicts = table.base.assumingMemoryBound(to: UInt8.self)
            verdicts[0] = 0
            try body(dictionary, dictionary.count, verdicts)
            let indexes = array.values(as: UInt32.self)
            var index = 0
            while index < rowCount {
                mask[index] = verdicts[Int(truncatingIfNeeded: indexes[index])]
                index &+= 1
            }
        } else {
            try body(array, rowCount, mask)
        }
        Self.clearNulls(array, rowCount, mask)
    }

    private static func clearNulls(
        _ array: ArrayData, _ count: Int, _ mask: UnsafeMutablePointer<UInt8>
    ) {
        if array.type == .null {
            mask.update(repeating: 0, count: count)
            return
        }
        guard let validity = array.validity else { return }
        let bits = validity.pointer(as: UInt8.self)
        var index = 0
        while index < count {
            mask[index] &= bits[index &>> 3] &>> UInt8(truncatingIfNeeded: index & 7)
            index &+= 1
        }
    }

    private static func nulls(
        _ array: ArrayData, _ count: Int, _ isNegated: Bool, _ mask: UnsafeMutablePointer<UInt8>
    ) {
        mask.update(repeating: 1, count: count)
        clearNulls(array, count, mask)
        if isNegated { return }
        var index = 0
        while index < count {
            mask[index] ^= 1
            index &+= 1
        }
    }
}
