// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// The last of the first rows of an order, as far as they are found: sources may leave out rows
/// whose first key is beyond its.
///
/// - Threads: any.
final class OrderBound: Sendable {
    /// The position of the first key among the sorted rows' columns.
    let column: Int
    private let type: DataType
    let isDescending: Bool
    private let nullsFirst: Bool
    private let value = Locked<Scalar?>(nil)
    private let versionCell = Atomic<Int>(0)

    /// - Returns: `nil` when the first key is no column of a type that sources can be told of.
    init?(_ keys: [SortKey]) {
        guard let key = keys.first, let position = key.expression.position,
            SourceFilter.canTell(key.expression.type) || key.expression.type.isFloat,
            key.expression.type != .utf8View
        else { return nil }
        column = position
        type = key.expression.type
        isDescending = key.isDescending
        nullsFirst = key.nullsFirst
    }

    /// Whether a source's column may be told of it: NULLs that come first must not be left out.
    func holds(for field: Field, neverNull: Bool) -> Bool {
        field.type == type && (neverNull || !nullsFirst || !field.isNullable)
    }

    /// Grows with each better bound; 0 = there is none yet.
    var version: Int { versionCell.load(ordering: .acquiring) }

    /// Says that there are as many rows as are wanted, of which this is the last.
    func improve(_ columns: [ArrayData], row: Int) {
        let new = columns[column].scalar(at: row)
        value.withLock { value in
            guard Self.isBefore(new, value, isDescending) else { return }
            value = new
            versionCell.wrappingAdd(1, ordering: .releasing)
        }
    }

    private static func isBefore(_ new: Scalar, _ old: Scalar?, _ isDescending: Bool) -> Bool {
        switch (new, old) {
        case (.int, nil), (.uint, nil): return true
        // NaN is greater than all.
        case (.float(let new), nil): return !new.isNaN
        case (.int(let new), .int(let old)): return isDescending ? new > old : new < old
        case (.uint(let new), .uint(let old)): return isDescending ? new > old : new < old
        case (.float(let new), .float(let old)): return isDescending ? new > old : new < old
        default: return false
        }
    }

    /// The first key of a row, where it is an integer.
    func word(_ columns: [ArrayData], row: Int) -> Int64? {
        let array = columns[column]
        if type.isFloat || type == .uint64 || array.type != type || array.isNull(row) { return nil }
        return WideReader(array).int64(row)
    }

    /// The rows that are not beyond a word by a column of their first keys; `nil` = it cannot tell.
    func rows(_ keys: ArrayData, upTo word: Int64) -> [UInt32]? {
        guard keys.type == type else { return nil }
        let reader = WideReader(keys)
        let hasNulls = keys.nullCount > 0
        return [UInt32](unsafeUninitializedCapacity: keys.count) { rows, count in
            var row = 0
            while row < keys.count {
                let key = reader.int64(row)
                var isWanted = isDescending ? key >= word : key <= word
                if hasNulls && keys.isNull(row) { isWanted = nullsFirst }
                rows[count] = UInt32(truncatingIfNeeded: row)
                count &+= isWanted ? 1 : 0
                row &+= 1
            }
        }
    }

    /// What a reader is told of the column.
    func filter(of column: Int) -> RuntimeFilter? {
        value.withLock { $0 }.map { value in
            RuntimeFilter(
                column: column, type: type, minimum: isDescending ? value : nil,
                maximum: isDescending ? nil : value)
        }
    }
}
