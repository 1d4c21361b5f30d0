// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

extension Binder {
    /// Fills the grouping's keys.
    func bindGroupBy(
        _ select: Select, _ items: [OutputItem], _ context: ExpressionContext,
        _ grouping: Grouping, _ windows: WindowCalls
    ) throws(IglooError) {
        switch select.groupBy {
        case nil: return
        case .all:
            grouping.isGrouped = true
            let calls = Set(grouping.calls.map(\.column.id))
            for item in items {
                let value = item.value.expression
                let isAggregate = value.contains {
                    if case .column(let id, _) = $0 { calls.contains(id) } else { false }
                }
                let isConstant = if case .literal = value { true } else { false }
                if !isAggregate, !isConstant, !windows.isUsed(in: value) {
                    addKey(value, item.name, grouping)
                }
            }
        case .elements(let elements)?:
            grouping.isGrouped = true
            for element in elements {
                try bindElement(element, select, items, context, grouping)
            }
        }
    }

    private func addKey(_ value: Expression, _ name: String, _ grouping: Grouping) {
        guard !grouping.keys.contains(where: { $0.expression == value }) else { return }
        grouping.keys.append(Projection(column: newColumn(name, value.type), expression: value))
    }

    private func bindElement(
        _ element: GroupingElement, _ select: Select, _ items: [OutputItem],
        _ context: ExpressionContext, _ grouping: Grouping
    ) throws(IglooError) {
        switch element {
        case .empty: return
        case .rollup(_, let range): throw unsupported("ROLLUP is", range)
        case .cube(_, let range): throw unsupported("CUBE is", range)
        case .sets(_, let range): throw unsupported("GROUPING SETS is", range)
        case .expression(let expression):
            if let ordinal = try ordinal(expression, items.count, "GROUP BY") {
                let value = items[ordinal].value
                try requireNoAggregate(value, grouping, expression.range)
                addKey(value.expression, items[ordinal].name, grouping)
                return
            }
            if case .row(let values) = expression.kind {
                for value in values {
                    try bindElement(.expression(value), select, items, context, grouping)
                }
                return
            }
            let value = try bind(expression, context)
            addKey(value.expression, columnName(expression, value.expression), grouping)
        }
    }

    /// Rows that are grouped by come before the groups.
    func requireNoAggregate(
        in rows: RowCalls, _ grouping: Grouping, _ range: SourceRange
    ) throws(IglooError) {
        for generator in rows.generators {
            for expression in generator.source.expressions {
                try requireNoAggregate(BoundExpression(expression, range), grouping, range)
            }
        }
    }

    private func requireNoAggregate(
        _ value: BoundExpression, _ grouping: Grouping, _ range: SourceRange
    ) throws(IglooError) {
        let calls = Set(grouping.calls.map(\.column.id))
        let isAggregate = value.expression.contains {
            if case .column(let id, _) = $0 { calls.contains(id) } else { false }
        }
        guard !isAggregate else {
            throw error(
                .groupingError, "aggregate functions are not allowed in GROUP BY", range)
        }
    }
}

/// Turns expressions over the rows into expressions over the groups: each group key becomes its
/// column, and what is neither key nor aggregate is an error.
struct GroupedRewriter {
    private let grouping: Grouping
    private let binder: Binder
    /// The columns that are gone once rows are grouped.
    private let inputs: Set<ColumnId>

    init(_ grouping: Grouping, from plan: LogicalPlan, binder: Binder) {
        self.grouping = grouping
        self.binder = binder
        inputs = Set(plan.columns.map(\.id))
    }

    func rewrite(_ expression: inout Expression) throws(IglooError) {
        expression = try rewritten(expression)
    }

    private func rewritten(_ expression: Expression) throws(IglooError) -> Expression {
        if let key = grouping.keys.first(where: { $0.expression == expression }) {
            return key.column.reference
        }
        switch expression {
        case .column(let id, _):
            guard inputs.contains(id) else { return expression }
            throw ungrouped(
                id, "must appear in the GROUP BY clause or be used in an aggregate function")
        case .subquery(var subquery):
            subquery.plan = try rewritten(subquery.plan)
            return try Expression.subquery(subquery).mapChildren { (child) throws(IglooError) in
                try rewritten(child)
            }
        default:
            return try expression.mapChildren { (child) throws(IglooError) in
                try rewritten(child)
            }
        }
    }

    /// A correlated subquery's plan: its outer columns are those of the groups.
    private func rewritten(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan {
        guard !plan.freeColumns.isDisjoint(with: inputs) else { return plan }
        let inner = try plan.mapInputs { (input) throws(IglooError) in try rewritten(input) }
        return try inner.mapExpressions { (expression) throws(IglooError) in
            try rewritten(expression)
        }
    }

    private func ungrouped(_ id: ColumnId, _ rule: String) -> IglooError {
        let place = grouping.references.first { $0.id == id }
        return binder.error(
            .groupingError, "column \"\(place?.name ?? "?")\" \(rule)",
            place?.range ?? SourceRange(0, 0))
    }
}
