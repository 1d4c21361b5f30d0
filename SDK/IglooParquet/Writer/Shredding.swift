// SPDX-License-Identifier: MIT

import IglooArrow

/// The entries of one column for some rows: levels, and where the values stand in an array.
///
/// - Shape: three lists of one length. An index of -1 is an entry without a value.
struct ShreddedEntries {
    var definitions: [UInt8]
    var repetitions: [UInt8]
    var indexes: [Int32]

    /// One entry a row, each there.
    init(rowCount: Int) {
        definitions = Array(repeating: 0, count: rowCount)
        repetitions = definitions
        indexes = (0..<Int32(rowCount)).map { $0 }
    }
}

/// Takes arrays apart into entries of their leaves.
///
/// - Source: S. Melnik et al., "Dremel: Interactive Analysis of Web-Scale Datasets", VLDB 2010.
struct Shredder {
    /// What a leaf gets: its array, and the entries over it.
    typealias Emit = (_ leaf: Int, _ array: ArrayData, _ entries: ShreddedEntries)
        throws(ArrowError) -> Void

    let emit: Emit

    /// - Throws: `invalid` for a null in a column that has none by its schema.
    func shred(
        _ node: WriterNode, _ array: ArrayData, _ entries: ShreddedEntries
    ) throws(ArrowError) {
        var entries = entries
        switch node.kind {
        case .encoded(let inner): return try decode(inner, node.isOptional, array, entries)
        default: break
        }
        if node.isOptional {
            raise(&entries, array)
        } else if array.nullCount > 0,
            entries.indexes.contains(where: { $0 >= 0 && array.isNull(Int($0)) })
        {
            throw ArrowError(.invalid, "a null in a column that is declared to have none")
        }
        switch node.kind {
        case .leaf(let leaf): try emit(leaf, array, entries)
        case .structure(let children):
            // Children are sliced by the parent's offset, too.
            for (child, values) in zip(children, array.children) {
                try shred(child, values.slice(array.offset, count: array.count), entries)
            }
        case .list(let element, let level):
            try shred(element, array.children[0], elements(of: array, entries, level))
        case .encoded: break
        }
    }

    /// Optional: entries that are not null are one level deeper.
    private func raise(_ entries: inout ShreddedEntries, _ array: ArrayData) {
        if array.nullCount == 0 && array.type != .null {
            for entry in entries.indexes.indices where entries.indexes[entry] >= 0 {
                entries.definitions[entry] &+= 1
            }
            return
        }
        for entry in entries.indexes.indices where entries.indexes[entry] >= 0 {
            if array.isNull(Int(entries.indexes[entry])) {
                entries.indexes[entry] = -1
            } else {
                entries.definitions[entry] &+= 1
            }
        }
    }

    private func elements(
        of array: ArrayData, _ entries: ShreddedEntries, _ level: UInt8
    ) -> ShreddedEntries {
        var result = ShreddedEntries(rowCount: 0)
        for entry in entries.indexes.indices {
            let index = Int(entries.indexes[entry])
            let range = index < 0 ? 0..<0 : array.listRange(at: index)
            if range.isEmpty {
                result.definitions.append(entries.definitions[entry])
                result.repetitions.append(entries.repetitions[entry])
                result.indexes.append(-1)
            }
            for element in range {
                result.definitions.append(entries.definitions[entry] &+ 1)
                result.repetitions.append(
                    element == range.lowerBound ? entries.repetitions[entry] : level)
                result.indexes.append(Int32(element))
            }
        }
        return result
    }

    /// Entries over the values that indexes or runs stand for.
    private func decode(
        _ inner: WriterNode, _ isOptional: Bool, _ array: ArrayData, _ entries: ShreddedEntries
    ) throws(ArrowError) {
        var entries = entries
        let isRuns = array.dictionary == nil
        let values = array.dictionary ?? array.children[1]
        for entry in entries.indexes.indices where entries.indexes[entry] >= 0 {
            let index = Int(entries.indexes[entry])
            let isNull = !isRuns && array.isNull(index)
            let place =
                isNull ? 0 : isRuns ? array.runIndex(at: index) : array.dictionaryIndex(at: index)
            if isNull || values.isNull(place) {
                guard isOptional else {
                    throw ArrowError(.invalid, "a null in a column that is declared to have none")
                }
                entries.indexes[entry] = -1
            } else {
                entries.indexes[entry] = Int32(place)
                if isOptional { entries.definitions[entry] &+= 1 }
            }
        }
        // The values' own nulls were seen to; below, none is met.
        try shred(inner, values, entries)
    }
}
