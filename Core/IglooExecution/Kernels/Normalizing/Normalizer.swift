// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
import IglooPlan

/// Turns what sources deliver into the engine's layouts; what is in order already is shared.
public enum Normalizer {
    /// The same values in the type that `EngineType.canonical` names; text with a dictionary stays
    /// encoded, with int32 indexes.
    ///
    /// - Parameter array: valid, as `ArrayData.validate` says.
    /// - Throws: `unsupported` for types the engine lacks; `outOfRange` for values that do not fit.
    public static func canonical(_ array: ArrayData) throws(IglooError) -> ArrayData {
        switch array.type {
        case .dictionary: return try DictionaryNormalizer.canonical(array)
        case .runEndEncoded: return try runs(array)
        default: return try flat(array)
        }
    }

    /// The same values in the storage of `type`, the plan's type of the column.
    static func stored(_ array: ArrayData, as type: DataType) throws(IglooError) -> ArrayData {
        guard type.hasLogicalType else { return try canonical(array) }
        if array.type.hasLogicalType { return array.stored }
        let plain = try canonical(array)
        // Whoever declares JSON is believed; functions that read it check it anyway.
        if type.isJSON && (plain.type == .utf8View || plain.dictionary != nil) { return plain }
        let flat = try flattened(plain)
        guard let kernel = try Casts.kernel(from: flat.type, to: type, EvaluationContext()) else {
            throw IglooError(.unsupported, "columns of \(array.type) cannot be read as \(type)")
        }
        return try kernel(KernelCall([Vector(flat)], count: flat.count))
    }

    /// Without a dictionary.
    static func flat(_ array: ArrayData) throws(IglooError) -> ArrayData {
        guard let type = EngineType.canonical(array.type) else {
            throw IglooError(
                .unsupported, "columns of type \(array.type) are not supported")
        }
        switch array.type {
        case .utf8, .binary: return try TextNormalizer.views(array, type, Int32.self)
        case .largeUtf8, .largeBinary: return try TextNormalizer.views(array, type, Int64.self)
        case .fixedSizeBinary(let width): return TextNormalizer.fixed(array, width)
        case .list, .largeList, .listView, .largeListView, .fixedSizeList, .structure, .map:
            return try NestedNormalizer.canonical(array, type)
        case .dictionary, .runEndEncoded: return try flattened(canonical(array))
        case .null, .bool, .utf8View, .binaryView: return array
        default:
            if type == array.type { return aligned(array) }
            return try NumberNormalizer.canonical(array, type)
        }
    }

    /// Wide values are loaded with instructions that want them aligned.
    private static func aligned(_ array: ArrayData) -> ArrayData {
        let width = array.type.fixedByteWidth ?? 1
        let first = array.buffers[0].aligned(to: width)
        if first.baseAddress == array.buffers[0].baseAddress { return array }
        return ArrayData(
            type: array.type, count: array.count, offset: array.offset,
            nullCount: array.nullCount, validity: array.validity, buffers: [first])
    }

    private static func runs(_ array: ArrayData) throws(IglooError) -> ArrayData {
        if array.count == 0 { return try flat(array.children[1].slice(0, count: 0)) }
        let values = try flattened(canonical(array.children[1]))
        var indexes: [UInt32] = []
        indexes.reserveCapacity(array.count)
        for row in 0..<array.count { indexes.append(UInt32(array.runIndex(at: row))) }
        return try gather(values, indexes: indexes)
    }
}
