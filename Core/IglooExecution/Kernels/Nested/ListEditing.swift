// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Lists made of lists: joined, longer by an item, without items, flattened.
enum ListEditing {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        let type = call.result
        switch call.name {
        case "list_concat", "||":
            guard type.isList else { return nil }
            return { (call) throws(IglooError) in try concatenate(call, type) }
        case "list_append":
            return { (call) throws(IglooError) in try add(call, type, list: 0, item: 1) }
        case "list_prepend":
            return { (call) throws(IglooError) in try add(call, type, list: 1, item: 0) }
        case "array_remove":
            return { (call) throws(IglooError) in try remove(call, type) }
        case "array_replace":
            return { (call) throws(IglooError) in try replace(call, type) }
        case "flatten":
            return { (call) throws(IglooError) in
                let lists = ListReader(call.arguments[0])
                let inner = ListReader(Vector(lists.items))
                return try call.lists(type, of: inner.items, validity: call.validity) {
                    list, row in
                    for place in lists[row] { list.add(inner[place]) }
                }
            }
        default: return nil
        }
    }

    /// The items of several arrays one after the other, and where those of each begin.
    private static func pooled(
        _ parts: [ArrayData]
    ) throws(IglooError) -> (items: ArrayData, starts: [Int]) {
        var starts: [Int] = []
        var count = 0
        var flat: [ArrayData] = []
        for part in parts {
            starts.append(count)
            count += part.count
            flat.append(try flattened(part))
        }
        return (try IglooExecution.concatenate(flat), starts)
    }

    private static func concatenate(
        _ call: KernelCall, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let lists = call.arguments.map { ListReader($0) }
        let (items, starts) = try pooled(lists.map(\.items))
        let validity = Bits.make(call.count) { row in lists.contains { !$0.isNull(row) } }
        return try call.lists(type, of: items, validity: validity) { list, row in
            for (reader, start) in zip(lists, starts) {
                for place in reader[row] { list.add(start + place) }
            }
        }
    }

    private static func add(
        _ call: KernelCall, _ type: DataType, list: Int, item: Int
    ) throws(IglooError) -> ArrayData {
        let lists = ListReader(call.arguments[list])
        let (items, starts) = try pooled([lists.items, call.arguments[item].array])
        let step = call.arguments[item].step
        return try call.lists(type, of: items, validity: nil) { result, row in
            let place = starts[1] + row * step
            if item < list { result.add(place) }
            result.add(lists[row])
            if item > list { result.add(place) }
        }
    }

    private static func remove(
        _ call: KernelCall, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let lists = ListReader(call.arguments[0])
        let (item, step) = (call.arguments[1].array, call.arguments[1].step)
        let validity = Bits.make(call.count) { !lists.isNull($0) }
        return try call.lists(type, of: lists.items, validity: validity) { list, row in
            for place in lists[row]
            where ElementOrder.compare(lists.items, place, item, row * step) != 0 {
                list.add(place)
            }
        }
    }

    private static func replace(
        _ call: KernelCall, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let lists = ListReader(call.arguments[0])
        let (old, new) = (call.arguments[1], call.arguments[2])
        let (items, starts) = try pooled([lists.items, new.array])
        let validity = Bits.make(call.count) { !lists.isNull($0) }
        return try call.lists(type, of: items, validity: validity) { list, row in
            for place in lists[row] {
                let isOld =
                    ElementOrder.compare(lists.items, place, old.array, row * old.step) == 0
                list.add(isOld ? starts[1] + row * new.step : place)
            }
        }
    }
}
