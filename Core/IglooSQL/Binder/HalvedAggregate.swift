// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooPlan

/// An aggregate taken in two steps: over the rows of small groups, then over those groups.
struct HalvedAggregate {
    /// Over the rows.
    private(set) var partials: [AggregateColumn] = []
    /// Over the groups of the first step: one for each of `partials`, which is its one argument.
    private(set) var merges: [AggregateColumn] = []
    /// The aggregate's value, over the columns of `merges`.
    private(set) var result: Expression

    /// `nil` for aggregates whose value does not follow from those of parts of their rows.
    init?(_ call: AggregateColumn, _ newColumn: (String, DataType) -> PlanColumn) {
        let original = call.call
        guard !original.isDistinct, original.order.isEmpty else { return nil }
        result = call.column.reference
        func add(_ function: String, type: DataType, mergedBy merge: String) -> PlanColumn {
            var partial = original
            partial.function = function
            partial.type = type
            let part = newColumn(function, type)
            let whole = newColumn(merge, type)
            partials.append(AggregateColumn(column: part, call: partial))
            merges.append(
                AggregateColumn(
                    column: whole, call: AggregateCall(merge, [part.reference], type: type)))
            return whole
        }
        switch original.function {
        case "sum", "min", "max", "bool_and", "bool_or", "bit_and", "bit_or", "bit_xor", "product":
            let function = original.function
            result = add(function, type: original.type, mergedBy: function).reference
        case "count":
            let count = add("count", type: .int64, mergedBy: "sum")
            // No group at all has a count, too.
            result = .call("coalesce", [count.reference, .literal(.int(0), .int64)], .int64)
        case "avg" where original.type == .float64:
            guard
                let sum = FunctionTable.resolve("sum", original.arguments.map(\.type))?.result
            else { return nil }
            let total = add("sum", type: sum, mergedBy: "sum")
            let count = add("count", type: .int64, mergedBy: "sum")
            func double(_ column: PlanColumn) -> Expression {
                column.type == .float64
                    ? column.reference : .cast(column.reference, .float64, isTry: false)
            }
            result = .call("/", [double(total), double(count)], .float64)
        default: return nil
        }
    }
}
