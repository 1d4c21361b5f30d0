// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The index that `gatherOrNull` answers with null.
let missingIndex = UInt32.max

func gather(_ array: ArrayData, indexes: [UInt32]) throws(IglooError) -> ArrayData {
    let result = indexes.withUnsafeBufferPointer { buffer in
        Result { () throws(IglooError) in
            guard let base = buffer.baseAddress else { return array.slice(0, count: 0) }
            return try gather(array, indexes: base, count: buffer.count)
        }
    }
    return try result.get()
}

/// The elements of an array of an engine type at `indexes`, all of them below the array's count.
///
/// Data buffers of views and dictionaries are shared.
func gather(
    _ array: ArrayData, indexes: UnsafePointer<UInt32>, count: Int
) throws(IglooError) -> ArrayData {
    if count == 0 { return array.slice(0, count: 0) }
    switch array.type {
    case .null: return ArrayData(type: .null, count: count)
    case .bool:
        return gathered(
            array, [gatherBits(array.buffers[0], array.offset, indexes, count)], indexes, count)
    case .list, .structure, .map: return try takeNested(array, indexes, count)
    default:
        let values = gatherWords(array, indexes, count)
        return gathered(array, [values] + array.buffers.dropFirst(), indexes, count)
    }
}

/// As `gather`; `missingIndex` stands for null.
func gatherOrNull(
    _ array: ArrayData, indexes: UnsafePointer<UInt32>, count: Int
) throws(IglooError) -> ArrayData {
    var isMissing = false
    var i = 0
    while i < count {
        isMissing = isMissing || indexes[i] == missingIndex
        i &+= 1
    }
    if !isMissing { return try gather(array, indexes: indexes, count: count) }
    switch array.type {
    case .list, .structure, .map, .null, .bool:
        return try takeNested(array, indexes, count)
    default: break
    }
    if array.count == 0 {
        if array.dictionary == nil { return try .nulls(array.type, count: count) }
        return try takeNested(array, indexes, count)
    }
    // Null rows read element 0, and the bitmap hides it.
    var safe = [UInt32](repeating: 0, count: count)
    i = 0
    while i < count {
        safe[i] = indexes[i] == missingIndex ? 0 : indexes[i]
        i &+= 1
    }
    let found = try gather(array, indexes: safe)
    let present = Bits.make(count) { indexes[$0] != missingIndex }
    let validity = Bits.and(Bits.validity(of: found), present, count: count)
    return found.withValidity(validity)
}

private func takeNested(
    _ array: ArrayData, _ indexes: UnsafePointer<UInt32>, _ count: Int
) throws(IglooError) -> ArrayData {
    var places = [Int](repeating: 0, count: count)
    var i = 0
    while i < count {
        places[i] = indexes[i] == missingIndex ? -1 : Int(indexes[i])
        i &+= 1
    }
    return try arrow { () throws(ArrowError) in try array.take(places) }
}

private func gathered(
    _ array: ArrayData, _ buffers: [Buffer], _ indexes: UnsafePointer<UInt32>, _ count: Int
) -> ArrayData {
    ArrayData(
        type: array.type, count: count, nullCount: array.validity == nil ? 0 : nil,
        validity: array.validity.map { gatherBits($0, array.offset, indexes, count) },
        buffers: buffers, dictionary: array.dictionary)
}

func gatherBits(
    _ source: Buffer, _ offset: Int, _ indexes: UnsafePointer<UInt32>, _ count: Int
) -> Buffer {
    let bits = source.pointer(as: UInt8.self)
    return Bits.make(count) { Bitmap.isSet(bits, offset &+ Int(indexes[$0])) }
}

private func gatherWords(
    _ array: ArrayData, _ indexes: UnsafePointer<UInt32>, _ count: Int
) -> Buffer {
    let isView = array.type == .utf8View || array.type == .binaryView
    switch isView ? 16 : array.type.fixedByteWidth ?? 0 {
    case 1: return gatherWords(array.values(as: UInt8.self), indexes, count)
    case 2: return gatherWords(array.values(as: UInt16.self), indexes, count)
    case 4: return gatherWords(array.values(as: UInt32.self), indexes, count)
    case 8: return gatherWords(array.values(as: UInt64.self), indexes, count)
    default: return gatherWords(array.values(as: BinaryView.self), indexes, count)
    }
}

@inline(__always)
private func gatherWords<Word: BitwiseCopyable>(
    _ from: UnsafePointer<Word>, _ indexes: UnsafePointer<UInt32>, _ count: Int
) -> Buffer {
    var builder = BufferBuilder(byteCapacity: count * MemoryLayout<Word>.stride)
    let to = builder.pointer(as: Word.self)
    var i = 0
    while i < count {
        to[i] = from[Int(truncatingIfNeeded: indexes[i])]
        i &+= 1
    }
    builder.setByteCount(count * MemoryLayout<Word>.stride)
    return builder.finish()
}
