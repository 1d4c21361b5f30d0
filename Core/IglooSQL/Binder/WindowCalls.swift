// SPDX-License-Identifier: MIT

internal import IglooContracts
internal import IglooPlan

/// The window functions of one SELECT, gathered by their windows.
final class WindowCalls {
    /// Calls over one partitioning and order.
    struct Group {
        var partition: [Expression]
        var order: [SortKey]
        var calls: [WindowColumn]
    }

    /// WINDOW name AS (...), by name.
    private let named: [NamedWindow]
    private(set) var groups: [Group] = []

    init(_ named: [NamedWindow]) { self.named = named }

    func definition(_ name: Identifier) -> WindowDefinition? {
        named.first { Identifier.folded($0.name.name) == Identifier.folded(name.name) }?.definition
    }

    var names: [String] { named.map(\.name.written) }

    /// The column of a call; calls that say the same are one.
    func column(
        _ call: WindowCall, partition: [Expression], order: [SortKey],
        make: () -> PlanColumn
    ) -> PlanColumn {
        let place = groups.firstIndex { $0.partition == partition && $0.order == order }
        if let place, let same = groups[place].calls.first(where: { $0.call == call }) {
            return same.column
        }
        let column = make()
        if let place {
            groups[place].calls.append(WindowColumn(column: column, call: call))
        } else {
            groups.append(
                Group(
                    partition: partition, order: order,
                    calls: [WindowColumn(column: column, call: call)]))
        }
        return column
    }

    /// Whether `expression` uses one of the calls.
    func isUsed(in expression: Expression) -> Bool {
        let columns = Set(groups.flatMap(\.calls).map(\.column.id))
        return expression.contains {
            if case .column(let id, _) = $0 { columns.contains(id) } else { false }
        }
    }

    func mapExpressions(
        _ transform: (Expression) throws(IglooError) -> Expression
    ) throws(IglooError) {
        for index in groups.indices {
            groups[index].partition = try groups[index].partition.mapped(transform)
            groups[index].order = try groups[index].order.mapped(transform)
            for place in groups[index].calls.indices {
                groups[index].calls[place].call =
                    try groups[index].calls[place].call.mapExpressions(transform)
            }
        }
    }

    /// The plan with a column for every call.
    func applied(to plan: LogicalPlan) -> LogicalPlan {
        groups.reduce(plan) { input, group in
            .window(
                Window(
                    input, partition: group.partition, order: group.order, calls: group.calls))
        }
    }
}
