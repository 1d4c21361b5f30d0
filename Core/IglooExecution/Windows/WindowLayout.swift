// SPDX-License-Identifier: MIT

import IglooArrow
import IglooPlan

/// Where the values that window functions need stand among a row's columns: the input's columns
/// first, then what is computed from them.
struct WindowLayout: Sendable {
    let inputCount: Int
    /// Computed for each batch and carried along with its rows.
    private(set) var computed: [Expression] = []
    let partition: [Int]
    let order: [SortOrder]
    let orderColumns: [Int]
    let calls: [Call]

    /// A call with its expressions as columns.
    struct Call: Sendable {
        var call: WindowCall
        var arguments: [Int]
        var filter: Int?
        var argumentOrder: [Int]
        var start: Int?
        var end: Int?
        var rangeKey: Int?
    }

    init(
        inputCount: Int, partition: [Expression], order: [SortKey], calls: [WindowCall]
    ) {
        self.inputCount = inputCount
        var computed: [Expression] = []
        func place(_ expression: Expression) -> Int {
            if case .input(let index, _) = expression { return index }
            if let known = computed.firstIndex(of: expression) { return inputCount + known }
            computed.append(expression)
            return inputCount + computed.count - 1
        }
        self.partition = partition.map(place)
        orderColumns = order.map { place($0.expression) }
        self.order =
            partition.map { SortOrder(type: $0.storedType) }
            + order.map {
                SortOrder(
                    type: $0.expression.storedType, isDescending: $0.isDescending,
                    nullsFirst: $0.nullsFirst)
            }
        self.calls = calls.map { call in
            Call(
                call: call, arguments: call.function.arguments.map(place),
                filter: call.function.filter.map(place),
                argumentOrder: call.function.order.map { place($0.expression) },
                start: call.frame.start.distance.map(place),
                end: call.frame.end.distance.map(place),
                rangeKey: call.frame.rangeKey.map { place($0.expression) })
        }
        self.computed = computed
    }

    /// Partitions, then the order within them.
    var sortColumns: [Int] { partition + orderColumns }
}
