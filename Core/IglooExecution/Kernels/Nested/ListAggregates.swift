// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `list_sum` and its kin: each row is a group of the aggregate.
enum ListAggregates {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        guard call.name.hasPrefix("list_"), let element = call.parameters.first?.listElement else {
            return nil
        }
        let name = String(call.name.dropFirst("list_".count))
        guard let entry = FunctionTable.entry(name), entry.kind == .aggregate else { return nil }
        var arguments: [Expression] = [.input(0, element)]
        if name == "string_agg" { arguments.append(.literal(.text(","), .utf8View)) }
        let aggregate = AggregateCall(name, arguments, type: call.result)
        return { (call) throws(IglooError) in try evaluate(call, aggregate) }
    }

    private static func evaluate(
        _ call: KernelCall, _ aggregate: AggregateCall
    ) throws(IglooError) -> ArrayData {
        let lists = ListReader(call.arguments[0])
        let items = try flattened(lists.items)
        let takesNull = ["first", "last"].contains(aggregate.function)
        var places: [UInt32] = []
        var groups: [UInt32] = []
        for row in 0..<call.count where call.isValid(row) {
            for place in lists[row] where takesNull || !items.isNull(place) {
                places.append(UInt32(place))
                groups.append(UInt32(row))
            }
        }
        let state = try AggregateState.make(aggregate, CallContext())
        state.resize(call.count)
        if !places.isEmpty {
            var columns = [try gather(items, indexes: places)]
            if aggregate.arguments.count > 1 {
                let comma = try ArrayData.single(.text(","), .utf8View)
                columns.append(try .repeating(comma, count: places.count))
            }
            try state.update(groups, columns, groups.count)
        }
        let result = try state.finish(0..<call.count)
        guard let validity = call.validity else { return result }
        return result.withValidity(
            Bits.and(validity, Bits.validity(of: result), count: call.count))
    }
}
