// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Lists, structures and maps, their children included.
enum NestedNormalizer {
    static func canonical(_ array: ArrayData, _ type: DataType) throws(IglooError) -> ArrayData {
        switch array.type {
        case .structure:
            var children: [ArrayData] = []
            for child in array.children {
                children.append(
                    try Normalizer.flat(child.slice(array.offset, count: array.count)))
            }
            return ArrayData(
                type: type, count: array.count, validity: Bits.validity(of: array),
                children: children)
        case .list, .map:
            let child = try Normalizer.flat(array.children[0])
            return ArrayData(
                type: type, count: array.count, offset: array.offset, nullCount: array.nullCount,
                validity: array.validity, buffers: array.buffers, children: [child])
        default: return try lists(array, type)
        }
    }

    /// Lists of other layouts: the elements one list after the other.
    private static func lists(_ array: ArrayData, _ type: DataType) throws(IglooError) -> ArrayData
    {
        var indexes: [UInt32] = []
        var offsets = BufferBuilder(byteCapacity: (array.count + 1) * 4)
        offsets.append(Int32(0))
        for row in 0..<array.count {
            if !array.isNull(row) {
                for index in array.listRange(at: row) {
                    guard let place = UInt32(exactly: index), place < missingIndex else {
                        throw IglooError(.unsupported, "lists of more than 2^32 values in a batch")
                    }
                    indexes.append(place)
                }
            }
            guard let end = Int32(exactly: indexes.count) else {
                throw IglooError(.unsupported, "lists of more than 2^31 values in a batch")
            }
            offsets.append(end)
        }
        let child = try gather(Normalizer.flat(array.children[0]), indexes: indexes)
        return ArrayData(
            type: type, count: array.count, validity: Bits.validity(of: array),
            buffers: [offsets.finish()], children: [child])
    }
}
