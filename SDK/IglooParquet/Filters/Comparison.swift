// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Compares the values of an array, which begins at its buffers' beginning, with literals.
///
/// Nulls are not looked at: what stands in their place is compared.
enum Comparison {
    static func compare(
        _ array: ArrayData, _ count: Int, _ operation: FilterOperation, _ value: FilterValue,
        _ mask: UnsafeMutablePointer<UInt8>
    ) throws(IglooError) {
        switch (array.type, value) {
        case (.bool, .integer(let value)): bools(array, count, operation, value != 0, mask)
        case (.int8, .integer(let value)): integers(Int8.self, array, count, operation, value, mask)
        case (.int16, .integer(let value)):
            integers(Int16.self, array, count, operation, value, mask)
        case (.int32, .integer(let value)), (.date32, .integer(let value)),
            (.time32, .integer(let value)):
            integers(Int32.self, array, count, operation, value, mask)
        case (.int64, .integer(let value)), (.time64, .integer(let value)),
            (.timestamp, .integer(let value)), (.decimal64, .integer(let value)):
            integers(Int64.self, array, count, operation, value, mask)
        case (.uint8, .integer(let value)):
            integers(UInt8.self, array, count, operation, value, mask)
        case (.uint16, .integer(let value)):
            integers(UInt16.self, array, count, operation, value, mask)
        case (.uint32, .integer(let value)):
            integers(UInt32.self, array, count, operation, value, mask)
        case (.uint64, .integer(let value)):
            integers(UInt64.self, array, count, operation, value, mask)
        case (.decimal128, .integer(let value)):
            integers(Int128.self, array, count, operation, value, mask)
        case (.float32, .float(let value)):
            let key = FloatOrder.key(Float(value))
            let values = array.values(as: Float.self)
            loop(count, operation, key, mask) { FloatOrder.key(values[$0]) }
        case (.float64, .float(let value)):
            let key = FloatOrder.key(value)
            let values = array.values(as: Double.self)
            loop(count, operation, key, mask) { FloatOrder.key(values[$0]) }
        case (.utf8View, .bytes(let value)), (.binaryView, .bytes(let value)):
            ViewComparison(array).compare(count, operation, value, mask)
        default:
            throw IglooError(.internalError, "a filter compares \(array.type) with \(value)")
        }
    }

    @inline(__always)
    private static func integers<Element: FixedWidthInteger & BitwiseCopyable>(
        _ type: Element.Type, _ array: ArrayData, _ count: Int, _ operation: FilterOperation,
        _ value: Int128, _ mask: UnsafeMutablePointer<UInt8>
    ) {
        guard let literal = Element(exactly: value) else {
            // Beyond the type's range every value is less, or every one greater.
            let isLess = value > 0
            let isTrue: Bool =
                switch operation {
                case .equal: false
                case .notEqual: true
                case .less, .lessOrEqual: isLess
                case .greater, .greaterOrEqual: !isLess
                }
            mask.update(repeating: isTrue ? 1 : 0, count: count)
            return
        }
        let values = array.values(as: Element.self)
        loop(count, operation, literal, mask) { values[$0] }
    }

    /// One tight loop an operation, so that the compiler makes vectors of it.
    @inline(__always)
    private static func loop<Element: Comparable & BitwiseCopyable>(
        _ count: Int, _ operation: FilterOperation, _ literal: Element,
        _ mask: UnsafeMutablePointer<UInt8>, _ value: (Int) -> Element
    ) {
        var index = 0
        switch operation {
        case .equal:
            while index < count {
                mask[index] = value(index) == literal ? 1 : 0
                index &+= 1
            }
        case .notEqual:
            while index < count {
                mask[index] = value(index) != literal ? 1 : 0
                index &+= 1
            }
        case .less:
            while index < count {
                mask[index] = value(index) < literal ? 1 : 0
                index &+= 1
            }
        case .lessOrEqual:
            while index < count {
                mask[index] = value(index) <= literal ? 1 : 0
                index &+= 1
            }
        case .greater:
            while index < count {
                mask[index] = value(index) > literal ? 1 : 0
                index &+= 1
            }
        case .greaterOrEqual:
            while index < count {
                mask[index] = value(index) >= literal ? 1 : 0
                index &+= 1
            }
        }
    }

    private static func bools(
        _ array: ArrayData, _ count: Int, _ operation: FilterOperation, _ literal: Bool,
        _ mask: UnsafeMutablePointer<UInt8>
    ) {
        let bits = array.buffers[0].pointer(as: UInt8.self)
        let key: UInt8 = literal ? 1 : 0
        loop(count, operation, key, mask) { index in
            bits[index &>> 3] &>> UInt8(truncatingIfNeeded: index & 7) & 1
        }
    }

    // MARK: - Several literals

    static func isIn(
        _ array: ArrayData, _ count: Int, _ values: [FilterValue], _ isNegated: Bool,
        _ mask: UnsafeMutablePointer<UInt8>
    ) throws(IglooError) {
        if array.type.isText || array.type.isBinary {
            ViewComparison(array).isIn(count, values, mask)
        } else if values.count <= 8 {
            try anyOf(array, count, values, mask)
        } else {
            try search(array, count, values, mask)
        }
        guard isNegated else { return }
        var index = 0
        while index < count {
            mask[index] ^= 1
            index &+= 1
        }
    }

    private static func anyOf(
        _ array: ArrayData, _ count: Int, _ values: [FilterValue],
        _ mask: UnsafeMutablePointer<UInt8>
    ) throws(IglooError) {
        mask.update(repeating: 0, count: count)
        let scratch = try PooledMemory(byteCapacity: count)
        let other = scratch.base.assumingMemoryBound(to: UInt8.self)
        for value in values {
            try compare(array, count, .equal, value, other)
            var index = 0
            while index < count {
                mask[index] |= other[index]
                index &+= 1
            }
        }
    }

    /// Binary search in the sorted literals.
    private static func search(
        _ array: ArrayData, _ count: Int, _ values: [FilterValue],
        _ mask: UnsafeMutablePointer<UInt8>
    ) throws(IglooError) {
        var keys: [Int128] = []
        for value in values {
            switch value {
            case .integer(let value): keys.append(value)
            case .float(let value):
                keys.append(
                    array.type == .float32
                        ? Int128(FloatOrder.key(Float(value))) : Int128(FloatOrder.key(value)))
            case .bytes: break
            }
        }
        keys.sort()
        for index in 0..<count {
            mask[index] = contains(keys, try key(array, index)) ? 1 : 0
        }
    }

    private static func contains(_ keys: [Int128], _ key: Int128) -> Bool {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low < keys.count && keys[low] == key
    }

    private static func key(_ array: ArrayData, _ index: Int) throws(IglooError) -> Int128 {
        switch array.type {
        case .bool: Bitmap.isSet(array.buffers[0].pointer(), index) ? 1 : 0
        case .int8: Int128(array.values(as: Int8.self)[index])
        case .int16: Int128(array.values(as: Int16.self)[index])
        case .int32, .date32, .time32: Int128(array.values(as: Int32.self)[index])
        case .int64, .time64, .timestamp, .decimal64: Int128(array.values(as: Int64.self)[index])
        case .uint8: Int128(array.values(as: UInt8.self)[index])
        case .uint16: Int128(array.values(as: UInt16.self)[index])
        case .uint32: Int128(array.values(as: UInt32.self)[index])
        case .uint64: Int128(array.values(as: UInt64.self)[index])
        case .decimal128: array.values(as: Int128.self)[index]
        case .float32: Int128(FloatOrder.key(array.values(as: Float.self)[index]))
        case .float64: Int128(FloatOrder.key(array.values(as: Double.self)[index]))
        default: throw IglooError(.internalError, "a filter searches in \(array.type)")
        }
    }

    static func hasPrefix(
        _ array: ArrayData, _ count: Int, _ prefix: [UInt8], _ isNegated: Bool,
        _ mask: UnsafeMutablePointer<UInt8>
    ) {
        ViewComparison(array).hasPrefix(count, prefix, isNegated, mask)
    }
}
