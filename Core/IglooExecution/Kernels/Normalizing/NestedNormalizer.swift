// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Lists, structures and maps, their children included.
enum NestedNormalizer {
    /// - Parameter type: as `EngineType.canonical` names it. Members of logical types keep the type
    ///   they came in, to be read as the logical one where the column's type is known.
    static func canonical(_ array: ArrayData, _ type: DataType) throws(IglooError) -> ArrayData {
        switch array.type {
        case .structure:
            var children: [ArrayData] = []
            for child in array.children {
                children.append(
                    try Normalizer.flat(child.slice(array.offset, count: array.count)))
            }
            return ArrayData(
                type: type.over(children), count: array.count, validity: Bits.validity(of: array),
                children: children)
        case .list, .map:
            let child = try Normalizer.flat(array.children[0])
            return ArrayData(
                type: type.over([child]), count: array.count, offset: array.offset,
                nullCount: array.nullCount,
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
            type: type.over([child]), count: array.count, validity: Bits.validity(of: array),
            buffers: [offsets.finish()], children: [child])
    }
}

extension DataType {
    /// The nested type with members of the types that they have.
    fileprivate func over(_ children: [ArrayData]) -> DataType {
        guard hasLogicalType else { return self }
        func field(_ index: Int, _ field: Field) -> Field {
            var field = field
            field.type = children[index].type
            return field
        }
        switch self {
        case .list(let item): return .list(field(0, item))
        case .map(let entries, let keysSorted):
            return .map(entries: field(0, entries), keysSorted: keysSorted)
        case .structure(let fields):
            return .structure(fields.enumerated().map { field($0, $1) })
        default: return self
        }
    }
}
