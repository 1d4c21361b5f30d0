// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Lists taken as sets. Items are found by their normalised keys.
enum ListSets {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        let type = call.result
        switch call.name {
        case "list_has_any":
            return { (call) throws(IglooError) in
                try test(call) { left, right in !left.isDisjoint(with: right) }
            }
        case "list_has_all":
            return { (call) throws(IglooError) in
                try test(call) { left, right in left.isSuperset(of: right) }
            }
        case "list_intersect":
            return { (call) throws(IglooError) in
                let (left, right) = (ListReader(call.arguments[0]), ListReader(call.arguments[1]))
                let (keys, start) = try pooled(left, right)
                return try call.lists(type, of: left.items, validity: call.validity) { list, row in
                    let wanted = keys.set(moved(right[row], by: start))
                    keys.eachDistinct(left[row]) { place, key in
                        if wanted.contains(key) { list.add(place) }
                    }
                }
            }
        case "list_distinct":
            return { (call) throws(IglooError) in
                let lists = ListReader(call.arguments[0])
                let keys = try ItemKeys(lists.items)
                return try call.lists(type, of: lists.items, validity: call.validity) { list, row in
                    keys.eachDistinct(lists[row]) { place, _ in list.add(place) }
                }
            }
        case "list_unique":
            return { (call) throws(IglooError) in
                let lists = ListReader(call.arguments[0])
                let keys = try ItemKeys(lists.items)
                return TextFunctions.numbers(call, .int64) { row -> Int64 in
                    var count: Int64 = 0
                    keys.eachDistinct(lists[row]) { _, _ in count += 1 }
                    return count
                }
            }
        default: return nil
        }
    }

    private static func test(
        _ call: KernelCall, _ body: (Set<Int>, Set<Int>) -> Bool
    ) throws(IglooError) -> ArrayData {
        let (left, right) = (ListReader(call.arguments[0]), ListReader(call.arguments[1]))
        let (keys, start) = try pooled(left, right)
        return call.bits(
            Bits.make(call.count) { row in
                guard call.isValid(row) else { return false }
                return body(keys.set(left[row]), keys.set(moved(right[row], by: start)))
            })
    }

    /// The items of both numbered together, and where the right ones begin.
    private static func pooled(
        _ left: ListReader, _ right: ListReader
    ) throws(IglooError) -> (ItemKeys, start: Int) {
        let both = try concatenate([try flattened(left.items), try flattened(right.items)])
        return (try ItemKeys(both), left.items.count)
    }

    private static func moved(_ range: Range<Int>, by start: Int) -> Range<Int> {
        range.lowerBound + start..<range.upperBound + start
    }
}

/// Numbers equal items alike, NULLs aside.
private struct ItemKeys {
    private let items: ArrayData
    private let numbers: [Int]

    init(_ items: ArrayData) throws(IglooError) {
        self.items = items
        let flat = try flattened(items)
        let table = try GroupTable(keyTypes: [flat.type], reserve: UnlimitedMemory())
        var groups = [UInt32](repeating: 0, count: flat.count)
        if flat.count > 0 {
            try table.findOrInsert(keys: [flat], rowCount: flat.count, groups: &groups)
        }
        numbers = groups.map { Int($0) }
    }

    func set(_ range: Range<Int>) -> Set<Int> {
        var result: Set<Int> = []
        for place in range where !items.isNull(place) { result.insert(numbers[place]) }
        return result
    }

    func eachDistinct(_ range: Range<Int>, _ body: (Int, Int) -> Void) {
        var seen: Set<Int> = []
        for place in range where !items.isNull(place) {
            if seen.insert(numbers[place]).inserted { body(place, numbers[place]) }
        }
    }
}
