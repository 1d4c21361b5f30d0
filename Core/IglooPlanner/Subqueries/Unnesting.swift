// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Turns subqueries in expressions, and dependent joins, into plain joins.
///
/// Correlated conditions are pulled up out of the subquery into the join's condition; grouping
/// in between gains the columns they compare as keys.
///
/// - Source: W. Kim, "On Optimizing an SQL-like Nested Query", 1982, with the corrections for
///   COUNT of Ganski and Wong, 1987.
struct Unnesting {
    private let planner: Planner

    init(_ planner: Planner) { self.planner = planner }

    func rewrite(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan {
        let plan = try plan.mapInputs { (input) throws(IglooError) in try rewrite(input) }
        if case .join(let join) = plan, join.isDependent { return try dependent(join) }
        guard plan.expressions.contains(where: \.hasSubquery) else { return plan }
        let outputs = plan.columns
        switch plan {
        case .filter(let input, let predicate):
            return restricted(try filter(input, predicate), to: outputs)
        case .join(let join) where join.kind == .inner:
            let product = LogicalPlan.join(
                Join(.inner, join.left, join.right, on: .trueLiteral))
            return restricted(try filter(product, join.condition), to: outputs)
        case .join(let join):
            throw unsupported("a subquery in the condition of a \(join.kind.rawValue) join")
        case .values(let rows, let columns):
            return try values(rows, columns)
        case .scan, .limit, .setOperation:
            return plan
        case .project, .aggregate, .sort, .distinct, .window:
            var input = plan.inputs[0]
            let mapped = try plan.mapExpressions { (expression) throws(IglooError) in
                try replaceSubqueries(in: expression, over: &input)
            }
            let widened = mapped.mapInputs { _ in input }
            return restricted(widened, to: outputs)
        }
    }

    /// A VALUES row with subqueries is a projection over no table.
    private func values(
        _ rows: [[Expression]], _ columns: [PlanColumn]
    ) throws(IglooError) -> LogicalPlan {
        var parts: [LogicalPlan] = []
        for row in rows {
            var input = LogicalPlan.values([[]], columns: [])
            var projections: [Projection] = []
            for (column, cell) in zip(columns, row) {
                let expression = try replaceSubqueries(in: cell, over: &input)
                let fresh =
                    rows.count == 1 ? column : planner.newColumn(column.name, column.type)
                projections.append(Projection(column: fresh, expression: expression))
            }
            parts.append(.project(input, projections))
        }
        guard var plan = parts.first else { return .values(rows, columns: columns) }
        for (index, part) in parts.enumerated().dropFirst() {
            let isLast = index == parts.count - 1
            let outputs =
                isLast ? columns : columns.map { planner.newColumn($0.name, $0.type) }
            plan = .setOperation(
                SetOperation(.union, keepsDuplicates: true, plan, part, columns: outputs))
        }
        return plan
    }

    private func restricted(_ plan: LogicalPlan, to columns: [PlanColumn]) -> LogicalPlan {
        plan.columns == columns
            ? plan
            : .project(plan, columns.map { Projection(column: $0, expression: $0.reference) })
    }

    private func filter(
        _ input: LogicalPlan, _ predicate: Expression
    ) throws(IglooError) -> LogicalPlan {
        var plan = input
        var rest: [Expression] = []
        for conjunct in predicate.conjuncts {
            if let joined = try semiJoin(conjunct, over: plan) {
                plan = joined
            } else {
                rest.append(try replaceSubqueries(in: conjunct, over: &plan))
            }
        }
        return rest.isEmpty ? plan : .filter(plan, .conjunction(rest))
    }

    // MARK: - Conditions that are subqueries

    /// EXISTS and IN (and their negations) that stand alone as a condition.
    private func semiJoin(
        _ conjunct: Expression, over input: LogicalPlan
    ) throws(IglooError) -> LogicalPlan? {
        var isNegated = false
        var expression = conjunct
        while case .call("not", let arguments, _) = expression {
            isNegated.toggle()
            expression = arguments[0]
        }
        guard case .subquery(let subquery) = expression else { return nil }
        let inner = try rewrite(subquery.plan)
        switch subquery.kind {
        case .scalar: return nil
        case .exists(let isExistsNegated):
            return try join(
                isNegated != isExistsNegated ? .anti : .semi, input, inner, value: nil,
                isExists: true)
        case .any(let values, let comparison):
            guard !values.contains(where: \.hasSubquery) else { return nil }
            return try join(
                isNegated ? .nullAwareAnti : .semi, input, inner,
                value: RowComparison.condition(values, comparison, inner), isExists: false)
        case .all(let values, let comparison):
            guard !values.contains(where: \.hasSubquery), !isNegated else { return nil }
            return try join(
                .nullAwareAnti, input, inner,
                value: RowComparison.condition(
                    values, RowComparison.opposite(comparison), inner), isExists: false)
        }
    }

    private func join(
        _ kind: Join.Kind, _ left: LogicalPlan, _ inner: LogicalPlan, value: Expression?,
        isExists: Bool
    ) throws(IglooError) -> LogicalPlan {
        var pulled = PulledConditions(planner, outer: Set(left.columns.map(\.id)))
        let right = try pulled.pull(isExists ? Self.withoutOrder(inner) : inner)
        let correlations =
            kind == .nullAwareAnti ? Self.decided(pulled.conditions) : pulled.conditions
        let conditions = correlations + (value.map { [$0] } ?? [])
        return .join(Join(kind, left, right, on: .conjunction(conditions)))
    }

    /// The conditions without an unknown outcome. What a correlated condition leaves open is no row
    /// of the subquery; that NOT IN and ANY are unknown may come of the compared values alone.
    private static func decided(_ conditions: [Expression]) -> [Expression] {
        conditions.map { .call("coalesce", [$0, .falseLiteral], .bool) }
    }

    /// Whether rows exist depends neither on their order nor on a limit above zero.
    private static func withoutOrder(_ plan: LogicalPlan) -> LogicalPlan {
        switch plan {
        case .sort(let input, _): withoutOrder(input)
        case .limit(let input, let count, 0) where count ?? 1 > 0: withoutOrder(input)
        case .project(let input, let projections):
            .project(withoutOrder(input), projections)
        default: plan
        }
    }

    // MARK: - Subqueries within expressions

    /// Joins each subquery's value to `input` and puts the column in its place.
    private func replaceSubqueries(
        in expression: Expression, over input: inout LogicalPlan
    ) throws(IglooError) -> Expression {
        guard expression.hasSubquery else { return expression }
        let mapped = try expression.mapChildren { (child) throws(IglooError) in
            try replaceSubqueries(in: child, over: &input)
        }
        guard case .subquery(let subquery) = mapped else { return mapped }
        let inner = try rewrite(subquery.plan)
        switch subquery.kind {
        case .scalar: return try scalar(inner, over: &input)
        case .exists(let isNegated):
            let mark = try mark(inner, condition: nil, over: &input)
            return isNegated ? .call("not", [mark], .bool) : mark
        case .any(let values, let comparison):
            return try mark(
                inner, condition: RowComparison.condition(values, comparison, inner), over: &input)
        case .all(let values, let comparison):
            let condition = RowComparison.condition(
                values, RowComparison.opposite(comparison), inner)
            return .call("not", [try mark(inner, condition: condition, over: &input)], .bool)
        }
    }

    private func mark(
        _ inner: LogicalPlan, condition: Expression?, over input: inout LogicalPlan
    ) throws(IglooError) -> Expression {
        var pulled = PulledConditions(planner, outer: Set(input.columns.map(\.id)))
        let right = try pulled.pull(condition == nil ? Self.withoutOrder(inner) : inner)
        let conditions = Self.decided(pulled.conditions) + (condition.map { [$0] } ?? [])
        let column = planner.newColumn("mark", .bool)
        let mark = LogicalPlan.join(
            Join(.mark, input, right, on: .conjunction(conditions), markColumn: column))
        input = mark
        return column.reference
    }

    private func scalar(
        _ inner: LogicalPlan, over input: inout LogicalPlan
    ) throws(IglooError) -> Expression {
        let value = inner.columns[0]
        let outer = Set(input.columns.map(\.id))
        if inner.freeColumns.isDisjoint(with: outer) {
            let kind: Join.Kind = inner.isSingleRow ? .inner : .single
            input = .join(Join(kind, input, inner, on: .trueLiteral))
            return value.reference
        }
        guard let empty = inner.valueOfNoRows else {
            var pulled = PulledConditions(planner, outer: outer)
            let right = try pulled.pull(inner)
            input = .join(Join(.single, input, right, on: .conjunction(pulled.conditions)))
            return value.reference
        }
        var pulled = PulledConditions(planner, outer: outer)
        let grouped = try pulled.pull(inner)
        let present = planner.newColumn("present", .bool)
        let right = LogicalPlan.project(
            grouped,
            grouped.columns.map { Projection(column: $0, expression: $0.reference) }
                + [Projection(column: present, expression: .trueLiteral)])
        let kind: Join.Kind = pulled.isGrouped ? .left : .single
        input = .join(Join(kind, input, right, on: .conjunction(pulled.conditions)))
        if case .literal(.null, _) = empty { return value.reference }
        let isPresent = Expression.call("is_not_null", [present.reference], .bool)
        return .conditional(
            [ConditionalBranch(condition: isPresent, result: value.reference)],
            otherwise: empty, value.type)
    }

    /// LATERAL: the right side's correlated conditions become the join's.
    private func dependent(_ join: Join) throws(IglooError) -> LogicalPlan {
        var join = join
        guard join.kind == .inner || join.kind == .left else {
            throw unsupported("LATERAL on the right of a \(join.kind.rawValue) join")
        }
        let columns = join.columns
        var pulled = PulledConditions(planner, outer: Set(join.left.columns.map(\.id)))
        if join.right.valueOfNoRows != nil
            && !join.right.freeColumns.isDisjoint(with: Set(join.left.columns.map(\.id)))
        {
            throw unsupported("LATERAL over an aggregate without GROUP BY")
        }
        join.right = try pulled.pull(join.right)
        join.condition = .conjunction(join.condition.conjuncts + pulled.conditions)
        join.isDependent = false
        return restricted(.join(join), to: columns)
    }

    private func unsupported(_ what: String) -> IglooError {
        IglooError(.unsupported, "\(what) is not supported")
    }
}

extension Expression {
    var hasSubquery: Bool {
        contains { if case .subquery = $0 { true } else { false } }
    }
}

extension LogicalPlan {
    /// Exactly one row, whatever the tables hold.
    var isSingleRow: Bool {
        switch self {
        case .project(let input, _), .sort(let input, _): input.isSingleRow
        case .window(let window): window.input.isSingleRow
        case .aggregate(_, let keys, _): keys.isEmpty
        case .values(let rows, _): rows.count == 1
        default: false
        }
    }

    /// For an aggregate without keys, under projections alone: the first column's value over no
    /// rows. `nil` for all other plans.
    var valueOfNoRows: Expression? {
        columns.first.flatMap { emptyValues?[$0.id] }
    }

    private var emptyValues: [ColumnId: Expression]? {
        switch self {
        case .aggregate(_, let keys, let calls) where keys.isEmpty:
            return Dictionary(
                uniqueKeysWithValues: calls.map { call in
                    let value: Expression =
                        call.call.function == "count"
                        ? .literal(.int(0), .int64) : .null(call.column.type)
                    return (call.column.id, value)
                })
        case .project(let input, let projections):
            guard let below = input.emptyValues else { return nil }
            var values: [ColumnId: Expression] = [:]
            for projection in projections {
                let value = projection.expression.rewritten { expression in
                    if case .column(let id, _) = expression { return below[id] ?? expression }
                    return expression
                }
                values[projection.column.id] = value
            }
            return values
        default: return nil
        }
    }
}
