// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Dictionaries: text keeps its codes, all else is expanded.
enum DictionaryNormalizer {
    static func canonical(_ array: ArrayData) throws(IglooError) -> ArrayData {
        guard case .dictionary(let index, _, _) = array.type, let dictionary = array.dictionary
        else { throw IglooError(.invalidData, "a dictionary-encoded column has no dictionary") }
        let values = try flattened(Normalizer.canonical(dictionary))
        let codes = try codes(array, index, limit: values.count)
        let encoded = ArrayData(
            type: .dictionary(index: .int32, value: values.type, isOrdered: false),
            count: array.count, validity: Bits.validity(of: array), buffers: [codes],
            dictionary: values)
        let isText = values.type == .utf8View && values.nullCount == 0
        return isText ? encoded : try decoded(encoded, values)
    }

    /// As int32, from the first row on, 0 under nulls.
    private static func codes(
        _ array: ArrayData, _ index: DataType, limit: Int
    ) throws(IglooError) -> Buffer {
        guard limit <= Int(Int32.max) else {
            throw IglooError(.unsupported, "a dictionary of \(limit) values is too large")
        }
        if index == .int32 && array.nullCount == 0 { return try shared(array, limit) }
        switch index {
        case .int8: return try codes(array, Int8.self, limit)
        case .int16: return try codes(array, Int16.self, limit)
        case .int32: return try codes(array, Int32.self, limit)
        case .int64: return try codes(array, Int64.self, limit)
        case .uint8: return try codes(array, UInt8.self, limit)
        case .uint16: return try codes(array, UInt16.self, limit)
        case .uint32: return try codes(array, UInt32.self, limit)
        case .uint64: return try codes(array, UInt64.self, limit)
        default: throw IglooError(.invalidData, "\(index) cannot index a dictionary")
        }
    }

    /// The codes themselves, once it is clear that all are within the limit.
    private static func shared(_ array: ArrayData, _ limit: Int) throws(IglooError) -> Buffer {
        let codes = array.values(as: UInt32.self)
        var greatest: UInt32 = 0
        var i = 0
        while i < array.count {
            greatest = max(greatest, codes[i])
            i &+= 1
        }
        if array.count > 0 && Int(greatest) >= limit { throw beyond() }
        return array.buffers[0].slice(array.offset * 4..<(array.offset + array.count) * 4)
    }

    private static func beyond() -> IglooError {
        IglooError(.invalidData, "an index lies outside of its dictionary")
    }

    private static func codes<T: IntegerValue>(
        _ array: ArrayData, _ t: T.Type, _ limit: Int
    ) throws(IglooError) -> Buffer {
        let from = array.values(as: T.self)
        var builder = BufferBuilder(byteCapacity: array.count * 4)
        let to = builder.pointer(as: Int32.self)
        let isNullable = array.nullCount > 0
        var isBeyond = false
        var i = 0
        while i < array.count {
            let isNull = isNullable && array.isNull(i)
            let code = isNull ? 0 : Int64(truncatingIfNeeded: from[i])
            isBeyond = isBeyond || !isNull && (code < 0 || code >= Int64(limit))
            to[i] = Int32(truncatingIfNeeded: code)
            i &+= 1
        }
        if isBeyond { throw beyond() }
        builder.setByteCount(array.count * 4)
        return builder.finish()
    }
}
