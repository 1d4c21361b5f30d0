// SPDX-License-Identifier: MIT

import CIglooKernels
import IglooArrow

/// The order of single elements of any engine type: for what has no kernel of its own.
enum ElementOrder {
    /// Less than, equal to or greater than zero. Nulls are alike and greater than all else.
    static func compare(_ left: ArrayData, _ i: Int, _ right: ArrayData, _ j: Int) -> Int {
        let (isLeftNull, isRightNull) = (left.isNull(i), right.isNull(j))
        if isLeftNull || isRightNull { return isLeftNull ? (isRightNull ? 0 : 1) : -1 }
        switch left.type {
        case .null: return 0
        case .bool:
            return order(
                Bitmap.isSet(left.buffers[0].pointer(), left.offset + i) ? 1 : 0,
                Bitmap.isSet(right.buffers[0].pointer(), right.offset + j) ? 1 : 0)
        case .int8: return order(left.values(as: Int8.self)[i], right.values(as: Int8.self)[j])
        case .int16: return order(left.values(as: Int16.self)[i], right.values(as: Int16.self)[j])
        case .int32, .date32:
            return order(left.values(as: Int32.self)[i], right.values(as: Int32.self)[j])
        case .int64, .decimal64, .time64, .timestamp:
            return order(left.values(as: Int64.self)[i], right.values(as: Int64.self)[j])
        case .uint8: return order(left.values(as: UInt8.self)[i], right.values(as: UInt8.self)[j])
        case .uint16:
            return order(left.values(as: UInt16.self)[i], right.values(as: UInt16.self)[j])
        case .uint32:
            return order(left.values(as: UInt32.self)[i], right.values(as: UInt32.self)[j])
        case .uint64:
            return order(left.values(as: UInt64.self)[i], right.values(as: UInt64.self)[j])
        case .decimal128:
            return order(left.values(as: Int128.self)[i], right.values(as: Int128.self)[j])
        case .float32:
            return floats(
                Double(left.values(as: Float.self)[i]), Double(right.values(as: Float.self)[j]))
        case .float64:
            return floats(left.values(as: Double.self)[i], right.values(as: Double.self)[j])
        case .interval:
            return order(
                IntervalValue.length(left.values(as: MonthDayNanoInterval.self)[i]),
                IntervalValue.length(right.values(as: MonthDayNanoInterval.self)[j]))
        case .utf8View, .binaryView: return bytes(left.bytes(at: i), right.bytes(at: j))
        case .structure: return structures(left, i, right, j)
        case .list, .map: return lists(left, i, right, j)
        case .dictionary:
            guard let a = left.dictionary, let b = right.dictionary else { return 0 }
            return compare(a, left.dictionaryIndex(at: i), b, right.dictionaryIndex(at: j))
        default: preconditionFailure("\(left.type) is no engine type")
        }
    }

    @inline(__always)
    static func order<T: Comparable>(_ x: T, _ y: T) -> Int { x < y ? -1 : x == y ? 0 : 1 }

    static func floats(_ x: Double, _ y: Double) -> Int {
        if x.isNaN || y.isNaN { return x.isNaN ? (y.isNaN ? 0 : 1) : -1 }
        return order(x, y)
    }

    static func bytes(_ x: UnsafeRawBufferPointer, _ y: UnsafeRawBufferPointer) -> Int {
        let common = min(x.count, y.count)
        if common > 0, let a = x.baseAddress, let b = y.baseAddress {
            let difference = igloo_compare(a, b, common)
            if difference != 0 { return Int(difference) }
        }
        return x.count - y.count
    }

    private static func structures(
        _ left: ArrayData, _ i: Int, _ right: ArrayData, _ j: Int
    ) -> Int {
        for (a, b) in zip(left.children, right.children) {
            let order = compare(a, left.offset + i, b, right.offset + j)
            if order != 0 { return order }
        }
        return 0
    }

    private static func lists(_ left: ArrayData, _ i: Int, _ right: ArrayData, _ j: Int) -> Int {
        let (a, b) = (left.listRange(at: i), right.listRange(at: j))
        for (x, y) in zip(a, b) {
            let order = compare(left.children[0], x, right.children[0], y)
            if order != 0 { return order }
        }
        return a.count - b.count
    }
}
