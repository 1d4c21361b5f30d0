// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// A column of an expression's evaluation: as many values as rows, or one for all of them.
struct Vector {
    /// One element when `isConstant`.
    let array: ArrayData
    let isConstant: Bool

    init(_ array: ArrayData) {
        self.array = array
        isConstant = false
    }

    init(constant array: ArrayData) {
        assert(array.count == 1, "a constant is one value")
        self.array = array
        isConstant = true
    }

    var isNullConstant: Bool { isConstant && array.isNull(0) }

    /// How far the next row's value stands from one row's.
    var step: Int { isConstant ? 0 : 1 }

    var isDictionary: Bool {
        if case .dictionary = array.type { true } else { false }
    }

    /// The values, one a row.
    func expanded(to count: Int) throws(IglooError) -> ArrayData {
        isConstant ? try ArrayData.repeating(array, count: count) : array
    }
}

extension ArrayData {
    /// The one element of `value`, `count` times.
    static func repeating(_ value: ArrayData, count: Int) throws(IglooError) -> ArrayData {
        if value.isNull(0) { return try nulls(value.type, count: count) }
        switch value.type {
        case .bool:
            let bit = Bitmap.isSet(value.buffers[0].pointer(), value.offset)
            var builder = BufferBuilder(byteCapacity: Bitmap.byteCount(forBits: count))
            builder.baseAddress.initializeMemory(
                as: UInt8.self, repeating: bit ? 0xFF : 0,
                count: Bitmap.byteCount(forBits: count))
            builder.setByteCount(Bitmap.byteCount(forBits: count))
            return ArrayData(type: .bool, count: count, buffers: [builder.finish()])
        case .list, .structure, .map, .null:
            return try arrow { () throws(ArrowError) in
                try value.take([Int](repeating: 0, count: count))
            }
        default: break
        }
        let width =
            value.type == .utf8View || value.type == .binaryView
            ? 16 : value.type.fixedByteWidth ?? 0
        let filled: Buffer =
            switch width {
            case 1: filled(value.values(as: UInt8.self).pointee, count)
            case 2: filled(value.values(as: UInt16.self).pointee, count)
            case 4: filled(value.values(as: UInt32.self).pointee, count)
            case 8: filled(value.values(as: UInt64.self).pointee, count)
            default: filled(value.values(as: BinaryView.self).pointee, count)
            }
        return ArrayData(
            type: value.type, count: count, buffers: [filled] + value.buffers.dropFirst(),
            dictionary: value.dictionary)
    }

    private static func filled<Word: BitwiseCopyable>(_ word: Word, _ count: Int) -> Buffer {
        var builder = BufferBuilder(byteCapacity: count * MemoryLayout<Word>.stride)
        let to = builder.pointer(as: Word.self)
        var i = 0
        while i < count {
            to[i] = word
            i &+= 1
        }
        builder.setByteCount(count * MemoryLayout<Word>.stride)
        return builder.finish()
    }

    /// `count` nulls of an engine type.
    static func nulls(_ type: DataType, count: Int) throws(IglooError) -> ArrayData {
        switch type {
        case .null: return ArrayData(type: .null, count: count)
        case .list, .structure, .map, .dictionary:
            return try arrow { () throws(ArrowError) in
                try ArrayBuilder(type).finish().take([Int](repeating: -1, count: count))
            }
        default: break
        }
        let byteCount =
            type == .bool
            ? Bitmap.byteCount(forBits: count)
            : count * (type == .utf8View || type == .binaryView ? 16 : type.fixedByteWidth ?? 0)
        var values = BufferBuilder(zeroed: byteCount)
        var bits = BufferBuilder(zeroed: Bitmap.byteCount(forBits: count))
        return ArrayData(
            type: type, count: count, nullCount: count, validity: bits.finish(),
            buffers: [values.finish()])
    }

    /// One value as an array of one element.
    static func single(_ value: Scalar, _ type: DataType) throws(IglooError) -> ArrayData {
        try arrow { () throws(ArrowError) in
            let builder = ArrayBuilder(type)
            try builder.append(value)
            return builder.finish()
        }
    }

    /// The same values with another bitmap, which starts at this array's first element.
    func withValidity(_ bits: Buffer?) -> ArrayData {
        guard offset != 0, let bits else {
            return ArrayData(
                type: type, count: count, offset: offset, nullCount: bits == nil ? 0 : nil,
                validity: bits, buffers: buffers, children: children, dictionary: dictionary)
        }
        // An array has one offset for values and bitmap.
        var shifted = BufferBuilder(zeroed: Bitmap.byteCount(forBits: offset + count))
        let to = shifted.pointer(as: UInt8.self)
        let from = bits.pointer(as: UInt8.self)
        var i = 0
        while i < count {
            if Bitmap.isSet(from, i) { Bitmap.set(to, offset &+ i) }
            i &+= 1
        }
        return ArrayData(
            type: type, count: count, offset: offset, validity: shifted.finish(),
            buffers: buffers, children: children, dictionary: dictionary)
    }
}

/// Runs what throws Arrow's errors where the engine's are thrown.
@inline(__always)
func arrow<Value>(_ body: () throws(ArrowError) -> Value) throws(IglooError) -> Value {
    do throws(ArrowError) { return try body() } catch { throw IglooError(error) }
}
