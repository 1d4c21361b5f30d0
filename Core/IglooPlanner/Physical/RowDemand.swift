// SPDX-License-Identifier: MIT

import IglooPlan

/// What is wanted of an operator's rows: all of them, or the first ones in an order. It is a leave
/// to do less, not a duty: whoever states it sorts and counts himself.
struct RowDemand {
    /// Over the columns of the operator's output; empty = no order matters.
    var order: [SortKey] = []
    /// `nil` = all rows.
    var limit: Int64?

    static let all = RowDemand()

    /// The same demand below a projection.
    func below(_ projections: [Projection]) -> RowDemand {
        let expressions = Dictionary(
            projections.map { ($0.column.id, $0.expression) }, uniquingKeysWith: { a, _ in a })
        var demand = self
        demand.order = order.mapped { $0.substituting(expressions) }
        return demand
    }
}

/// GROUP BY over a scan's columns.
struct Grouping {
    var keys: [Projection]
    var calls: [AggregateColumn]
}
