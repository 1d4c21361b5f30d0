// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Structures and maps.
enum Structures {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        let type = call.result
        switch call.name {
        case "struct_pack":
            return { (call) throws(IglooError) in
                var children: [ArrayData] = []
                for argument in call.arguments {
                    children.append(try flattened(argument.expanded(to: call.count)))
                }
                return ArrayData(type: type, count: call.count, nullCount: 0, children: children)
            }
        case "struct_extract":
            guard case .int(let index)? = call.constants[1]?.scalar(at: 0) else { return nil }
            return { (call) throws(IglooError) in try field(call, Int(index)) }
        case "map":
            return { (call) throws(IglooError) in try map(call, type) }
        case "map_from_entries":
            return { (call) throws(IglooError) in
                let lists = ListReader(call.arguments[0])
                let pairs = try dense(lists.items)
                return try map(call, type, lists, lists, pairs.children[0], pairs.children[1])
            }
        case "map_keys", "map_values", "map_entries":
            let name = call.name
            return { (call) throws(IglooError) in
                let maps = ListReader(call.arguments[0])
                let pairs = try dense(maps.items)
                let items: ArrayData =
                    switch name {
                    case "map_keys": pairs.children[0]
                    case "map_values": pairs.children[1]
                    default: retyped(pairs, type.listElement ?? pairs.type)
                    }
                return try call.lists(type, of: items, validity: call.validity) { list, row in
                    list.add(maps[row])
                }
            }
        case "map_element":
            return { (call) throws(IglooError) in
                let maps = ListReader(call.arguments[0])
                let pairs = try dense(maps.items)
                let places = find(call, maps, pairs.children[0]).map {
                    $0 < 0 ? missingIndex : UInt32($0)
                }
                return try gatherOrNull(pairs.children[1], indexes: places, count: call.count)
            }
        case "map_contains":
            return { (call) throws(IglooError) in
                let maps = ListReader(call.arguments[0])
                let places = find(call, maps, try dense(maps.items).children[0])
                return call.bits(Bits.make(call.count) { places[$0] >= 0 })
            }
        default: return nil
        }
    }

    /// A structure array whose children begin where it does.
    private static func dense(_ array: ArrayData) throws(IglooError) -> ArrayData {
        var children: [ArrayData] = []
        for child in array.children {
            children.append(try flattened(child.slice(array.offset, count: array.count)))
        }
        return ArrayData(
            type: array.type, count: array.count, validity: Bits.validity(of: array),
            children: children)
    }

    private static func retyped(_ array: ArrayData, _ type: DataType) -> ArrayData {
        ArrayData(
            type: type, count: array.count, offset: array.offset, validity: array.validity,
            children: array.children)
    }

    private static func field(_ call: KernelCall, _ index: Int) throws(IglooError) -> ArrayData {
        let array = try call.arguments[0].expanded(to: call.count)
        let child = try flattened(array.children[index].slice(array.offset, count: array.count))
        guard let validity = Bits.validity(of: array), child.type != .null else { return child }
        return child.withValidity(
            Bits.and(validity, Bits.validity(of: child), count: call.count))
    }

    // MARK: - Maps

    private static func map(_ call: KernelCall, _ type: DataType) throws(IglooError) -> ArrayData {
        let (keys, values) = (ListReader(call.arguments[0]), ListReader(call.arguments[1]))
        return try map(
            call, type, keys, values, try flattened(keys.items), try flattened(values.items))
    }

    private static func map(
        _ call: KernelCall, _ type: DataType, _ keyLists: ListReader, _ valueLists: ListReader,
        _ keys: ArrayData, _ values: ArrayData
    ) throws(IglooError) -> ArrayData {
        var keyPlaces: [UInt32] = []
        var valuePlaces: [UInt32] = []
        var counts: [Int] = []
        for row in 0..<call.count {
            let (left, right) =
                call.isValid(row) ? (keyLists[row], valueLists[row]) : (0..<0, 0..<0)
            guard left.count == right.count else {
                throw Faults.invalid(
                    "a map needs as many keys as values: \(left.count) keys, \(right.count) values")
            }
            try checkKeys(keys, left)
            for (key, value) in zip(left, right) {
                keyPlaces.append(UInt32(key))
                valuePlaces.append(UInt32(value))
            }
            counts.append(left.count)
        }
        return try ListLayout.map(
            type, counts: counts, validity: call.validity,
            [try gather(keys, indexes: keyPlaces), try gather(values, indexes: valuePlaces)])
    }

    private static func checkKeys(_ keys: ArrayData, _ range: Range<Int>) throws(IglooError) {
        let sorted = range.sorted { ElementOrder.compare(keys, $0, keys, $1) < 0 }
        for (place, next) in zip(sorted, sorted.dropFirst())
        where ElementOrder.compare(keys, place, keys, next) == 0 {
            throw Faults.invalid("a map cannot have the same key twice")
        }
        for place in range where keys.isNull(place) {
            throw Faults.invalid("a map cannot have NULL as a key")
        }
    }

    /// Where each row's key stands among the pairs, or -1.
    private static func find(_ call: KernelCall, _ maps: ListReader, _ keys: ArrayData) -> [Int] {
        let (wanted, step) = (call.arguments[1].array, call.arguments[1].step)
        return (0..<call.count).map { row in
            guard call.isValid(row) else { return -1 }
            return maps[row].first { ElementOrder.compare(keys, $0, wanted, row * step) == 0 } ?? -1
        }
    }
}
