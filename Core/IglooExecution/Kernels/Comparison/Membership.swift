// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Membership in a list of constants: binary search in the sorted list.
enum Membership {
    /// - Parameter list: constants of the value's type, nulls left out.
    static func kernel(
        _ type: DataType, _ list: [ArrayData], hasNull: Bool, isNegated: Bool
    ) throws(IglooError) -> Kernel {
        guard let first = list.first else {
            return { (call) throws(IglooError) in
                finish(call, Bits.filled(false, count: call.count), hasNull, isNegated)
            }
        }
        let values = list.count == 1 ? first : try concatenate(list)
        let search: (KernelCall) -> Buffer =
            switch type {
            case .int8: integers(values, Int8.self)
            case .int16: integers(values, Int16.self)
            case .int32, .date32: integers(values, Int32.self)
            case .int64, .decimal64, .time64, .timestamp: integers(values, Int64.self)
            case .uint8: integers(values, UInt8.self)
            case .uint16: integers(values, UInt16.self)
            case .uint32: integers(values, UInt32.self)
            case .uint64: integers(values, UInt64.self)
            case .decimal128: integers(values, Int128.self)
            case .utf8View, .binaryView: texts(values)
            default: general(values)
            }
        return { (call) throws(IglooError) in finish(call, search(call), hasNull, isNegated) }
    }

    /// With a null in the list, "not found" is unknown.
    private static func finish(
        _ call: KernelCall, _ found: Buffer, _ hasNull: Bool, _ isNegated: Bool
    ) -> ArrayData {
        let count = call.count
        let validity = hasNull ? Bits.and(call.validity, found, count: count) : call.validity
        return call.result(
            .bool, [isNegated ? Bits.not(found, count: count) : found], validity: validity)
    }

    private static func integers<T: IntegerValue>(
        _ values: ArrayData, _ t: T.Type
    ) -> (KernelCall) -> Buffer {
        let pointer = values.values(as: T.self)
        let sorted = (0..<values.count).map { pointer[$0] }.sorted()
        return { call in
            let x = call.arguments[0].array.values(as: T.self)
            return sorted.withUnsafeBufferPointer { list in
                if list.count <= 8 {
                    return Bits.make(call.count) { row in
                        let value = x[row]
                        var isFound = false
                        var i = 0
                        while i < list.count {
                            isFound = isFound || list[i] == value
                            i &+= 1
                        }
                        return isFound
                    }
                }
                return Bits.make(call.count) { row in
                    let value = x[row]
                    var (low, high) = (0, list.count)
                    while low < high {
                        let middle = (low &+ high) &>> 1
                        if list[middle] < value { low = middle &+ 1 } else { high = middle }
                    }
                    return low < list.count && list[low] == value
                }
            }
        }
    }

    /// Sorted by count and prefix first, which settles most comparisons.
    private static func texts(_ values: ArrayData) -> (KernelCall) -> Buffer {
        let views = values.values(as: BinaryView.self)
        let order = (0..<values.count).sorted { i, j in
            views[i].low != views[j].low
                ? views[i].low < views[j].low
                : ElementOrder.bytes(values.bytes(at: i), values.bytes(at: j)) < 0
        }
        return { call in
            let reader = ViewReader(call.arguments[0])
            return Bits.make(call.count) { row in
                if !call.isValid(row) { return false }
                let word = reader.view(row).low
                var (low, high) = (0, order.count)
                while low < high {
                    let middle = (low &+ high) &>> 1
                    let entry = order[middle]
                    let isBelow =
                        views[entry].low != word
                        ? views[entry].low < word
                        : ElementOrder.bytes(values.bytes(at: entry), reader[row]) < 0
                    if isBelow { low = middle &+ 1 } else { high = middle }
                }
                return low < order.count && views[order[low]].low == word
                    && ElementOrder.bytes(values.bytes(at: order[low]), reader[row]) == 0
            }
        }
    }

    private static func general(_ values: ArrayData) -> (KernelCall) -> Buffer {
        { call in
            Bits.make(call.count) { row in
                guard call.isValid(row) else { return false }
                return (0..<values.count).contains {
                    ElementOrder.compare(call.arguments[0].array, row, values, $0) == 0
                }
            }
        }
    }
}
