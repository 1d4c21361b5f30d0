// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Reads the items of a list or map vector row by row; a NULL has none.
struct ListReader {
    /// The items of all rows, or the pairs of a map.
    let items: ArrayData
    private let array: ArrayData
    private let step: Int

    init(_ vector: Vector) {
        array = vector.array
        items = vector.array.children[0]
        step = vector.step
    }

    @inline(__always)
    func isNull(_ row: Int) -> Bool { array.isNull(row &* step) }

    /// Where the row's items stand.
    @inline(__always)
    subscript(row: Int) -> Range<Int> {
        let place = row &* step
        return array.isNull(place) ? 0..<0 : array.listRange(at: place)
    }
}

/// Gathers lists out of the places of items.
struct ListAssembly {
    private var places: [UInt32] = []
    private var counts: [Int] = []

    init(rowCount: Int) { counts.reserveCapacity(rowCount) }

    var itemCount: Int { places.count }

    /// One more item of the open list.
    @inline(__always)
    mutating func add(_ place: Int) { places.append(UInt32(truncatingIfNeeded: place)) }

    mutating func add(_ range: Range<Int>) {
        var place = range.lowerBound
        while place < range.upperBound {
            add(place)
            place &+= 1
        }
    }

    /// Ends the open list, which began when there were `start` items.
    @inline(__always)
    mutating func close(from start: Int) { counts.append(places.count &- start) }

    func finish(
        _ type: DataType, _ items: ArrayData, validity: Buffer?
    ) throws(IglooError) -> ArrayData {
        try ListLayout.list(
            type, counts: counts, validity: validity,
            items: try gather(items, indexes: places))
    }

    /// As `finish`, for a map of which `items` are the pairs.
    func finishMap(
        _ type: DataType, keys: ArrayData, values: ArrayData, validity: Buffer?
    ) throws(IglooError) -> ArrayData {
        try ListLayout.map(
            type, counts: counts, validity: validity,
            [try gather(keys, indexes: places), try gather(values, indexes: places)])
    }
}

extension KernelCall {
    /// A list a row: `body` adds the places of its items.
    func lists(
        _ type: DataType, of items: ArrayData, validity: Buffer?,
        _ body: (inout ListAssembly, Int) -> Void
    ) throws(IglooError) -> ArrayData {
        var assembly = ListAssembly(rowCount: count)
        var row = 0
        while row < count {
            let start = assembly.itemCount
            if validity == nil || isSet(validity, row) { body(&assembly, row) }
            assembly.close(from: start)
            row &+= 1
        }
        return try assembly.finish(type, items, validity: validity)
    }

    private func isSet(_ bits: Buffer?, _ row: Int) -> Bool {
        guard let bits else { return true }
        return Bitmap.isSet(bits.pointer(), row)
    }

    /// Whether argument `index` of a row is null.
    @inline(__always)
    func isNull(_ index: Int, _ row: Int) -> Bool {
        arguments[index].array.isNull(row &* arguments[index].step)
    }
}
