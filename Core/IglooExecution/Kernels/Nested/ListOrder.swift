// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Lists in another order.
enum ListOrder {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        let type = call.result
        switch call.name {
        case "list_reverse":
            return { (call) throws(IglooError) in
                let lists = ListReader(call.arguments[0])
                return try call.lists(type, of: lists.items, validity: call.validity) { list, row in
                    for place in lists[row].reversed() { list.add(place) }
                }
            }
        case "list_reverse_sort":
            return { (call) throws(IglooError) in
                try sorted(call, type, isDescending: true, nullsFirst: true)
            }
        case "list_sort":
            let order = call.parameters.count > 1 ? call.constantText(1) : "asc"
            guard let order, let isDescending = direction(order) else {
                throw Faults.invalid("the order of list_sort is 'asc' or 'desc', as a constant")
            }
            let nulls = call.parameters.count > 2 ? call.constantText(2)?.lowercased() : nil
            guard
                nulls == nil && call.parameters.count < 3 || nulls == "nulls first"
                    || nulls == "nulls last"
            else {
                throw Faults.invalid("list_sort takes 'nulls first' or 'nulls last', as a constant")
            }
            let nullsFirst = nulls.map { $0 == "nulls first" } ?? isDescending
            return { (call) throws(IglooError) in
                try sorted(call, type, isDescending: isDescending, nullsFirst: nullsFirst)
            }
        default: return nil
        }
    }

    private static func direction(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "asc": false
        case "desc": true
        default: nil
        }
    }

    private static func sorted(
        _ call: KernelCall, _ type: DataType, isDescending: Bool, nullsFirst: Bool
    ) throws(IglooError) -> ArrayData {
        let lists = ListReader(call.arguments[0])
        let items = try flattened(lists.items)
        return try call.lists(type, of: items, validity: call.validity) { list, row in
            let places = lists[row].sorted { left, right in
                let (isLeftNull, isRightNull) = (items.isNull(left), items.isNull(right))
                if isLeftNull != isRightNull { return isLeftNull == nullsFirst }
                let order = ElementOrder.compare(items, left, items, right)
                if order == 0 { return left < right }
                return isDescending ? order > 0 : order < 0
            }
            for place in places { list.add(place) }
        }
    }
}
