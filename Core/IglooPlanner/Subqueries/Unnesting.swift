// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Turns subqueries in expressions, and dependent joins, into plain joins.
///
/// Correlated conditions are pulled up out of the subquery into the join's condition
/// (`PulledConditions`); where that is not enough the subquery is computed for all outer rows at
/// once (`DependentJoin`). Nothing is ever run row by row.
struct Unnesting {
    private let planner: Planner

    init(_ planner: Planner) { self.planner = planner }

    func rewrite(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan {
        let plan = try plan.mapInputs { (input) throws(IglooError) in try rewrite(input) }
        if case .join(let join) = plan { return try self.join(join) }
        guard plan.expressions.contains(where: \.hasSubquery) else { return plan }
        let outputs = plan.columns
        switch plan {
        case .filter(let input, let predicate):
            return restricted(try filter(input, predicate), to: outputs)
        case .values(let rows, let columns):
            return try values(rows, columns)
        case .scan, .limit, .join, .setOperation, .shared, .sharedRead, .recursion, .operation:
            return plan
        case .project, .aggregate, .sort, .distinct, .window, .unnest:
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
            : .project(plan, columns.identity)
    }

    private func filter(
        _ input: LogicalPlan, _ predicate: Expression
    ) throws(IglooError) -> LogicalPlan {
        // Subqueries are computed for as few rows as possible.
        let plain = predicate.conjuncts.filter { !$0.hasSubquery }
        var plan = plain.isEmpty ? input : .filter(input, .conjunction(plain))
        var rest: [Expression] = []
        for conjunct in predicate.conjuncts where conjunct.hasSubquery {
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
        let inner = isExists ? Self.withoutOrder(inner) : inner
        var pulled = PulledConditions(planner, outer: Set(left.columns.map(\.id)))
        guard let right = try? pulled.pull(inner) else {
            return try DependentJoin(
                planner, Join(kind, left, inner, on: value ?? .trueLiteral)
            ).rewritten()
        }
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
        let inner = condition == nil ? Self.withoutOrder(inner) : inner
        let column = planner.newColumn("mark", .bool)
        var pulled = PulledConditions(planner, outer: Set(input.columns.map(\.id)))
        if let right = try? pulled.pull(inner) {
            let conditions = Self.decided(pulled.conditions) + (condition.map { [$0] } ?? [])
            input = .join(
                Join(.mark, input, right, on: .conjunction(conditions), markColumn: column))
        } else {
            let mark = Join(
                .mark, input, inner, on: condition ?? .trueLiteral, markColumn: column)
            input = try DependentJoin(planner, mark).rewritten()
        }
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
        var pulled = PulledConditions(
            planner, outer: outer, restoresEmptyGroup: inner.valueOfNoRows != nil)
        let isKnownWhenEmpty = inner.valueOfNoRows != nil || !inner.isSingleRow
        guard isKnownWhenEmpty, let grouped = try? pulled.pull(inner) else {
            let join = Join(.single, input, inner, on: .trueLiteral)
            input = try DependentJoin(planner, join).rewritten()
            return value.reference
        }
        guard let empty = inner.valueOfNoRows else {
            input = .join(Join(.single, input, grouped, on: .conjunction(pulled.conditions)))
            return value.reference
        }
        let present = planner.newColumn("present", .bool)
        let right = LogicalPlan.project(
            grouped,
            grouped.columns.identity + [Projection(column: present, expression: .trueLiteral)])
        let kind: Join.Kind = pulled.isGrouped ? .left : .single
        input = .join(Join(kind, input, right, on: .conjunction(pulled.conditions)))
        if case .literal(.null, _) = empty { return value.reference }
        let isPresent = Expression.call("is_not_null", [present.reference], .bool)
        return .conditional(
            [ConditionalBranch(condition: isPresent, result: value.reference)],
            otherwise: empty, value.type)
    }

    // MARK: - Joins

    /// LATERAL, and subqueries in the condition of a join.
    private func join(_ join: Join) throws(IglooError) -> LogicalPlan {
        let outputs = join.columns
        let queries = join.condition.conjuncts.filter(\.hasSubquery)
        guard !queries.isEmpty else { return restricted(try dependent(join), to: outputs) }
        if join.kind == .full, queries.contains(where: { usesBothSides($0, of: join) }) {
            return try fullJoin(join)
        }
        var join = join
        join.condition = .conjunction(join.condition.conjuncts.filter { !$0.hasSubquery })
        if join.kind == .inner {
            return restricted(
                try filter(try dependent(join), .conjunction(queries)), to: outputs)
        }
        if join.kind == .right {
            (join.left, join.right, join.kind) = (join.right, join.left, .left)
        }
        for query in queries { try add(query, to: &join) }
        return restricted(try dependent(join), to: outputs)
    }

    /// A condition with a subquery is computed on the one side that it speaks of, or else it
    /// chooses rows of the right side for each row of the left.
    private func add(_ query: Expression, to join: inout Join) throws(IglooError) {
        var condition = query
        let used = query.referencedColumns
        if used.isDisjoint(with: Set(join.right.columns.map(\.id))) {
            condition = try replaceSubqueries(in: query, over: &join.left)
        } else if used.isDisjoint(with: Set(join.left.columns.map(\.id))) {
            condition = try replaceSubqueries(in: query, over: &join.right)
        } else {
            let columns = join.right.columns
            join.right = restricted(try filter(join.right, query), to: columns)
            return
        }
        join.condition = .conjunction(join.condition.conjuncts + [condition])
    }

    private func usesBothSides(_ condition: Expression, of join: Join) -> Bool {
        let used = condition.referencedColumns
        return !used.isDisjoint(with: join.left.columns.map(\.id))
            && !used.isDisjoint(with: join.right.columns.map(\.id))
    }

    /// The left rows with what they find, then the right rows that no left row finds.
    private func fullJoin(_ join: Join) throws(IglooError) -> LogicalPlan {
        let (left, right) = (planner.newTable(), planner.newTable())
        let leftRead = LogicalPlan.sharedRead(
            SharedRead(id: left, name: "left", columns: join.left.columns))
        let rightRead = LogicalPlan.sharedRead(
            SharedRead(id: right, name: "right", columns: join.right.columns))
        let found = try self.join(Join(.left, leftRead, rightRead, on: join.condition))
        let alone = LogicalPlan.join(Join(.anti, rightRead, leftRead, on: join.condition)).copy(
            newColumn: { planner.newColumn($0.name, $0.type) }, newTable: { planner.newTable() }
        ).plan
        guard case .join(let antiJoin) = alone else { return alone }
        let missing = join.left.columns.map {
            Projection(column: planner.newColumn($0.name, $0.type), expression: .null($0.type))
        }
        let rest = LogicalPlan.project(
            try self.join(antiJoin), missing + antiJoin.left.columns.identity)
        let copies = join.columns.map { column in
            Projection(
                column: planner.newColumn(column.name, column.type), expression: column.reference)
        }
        let both = LogicalPlan.setOperation(
            SetOperation(
                .union, keepsDuplicates: true, .project(found, copies), rest,
                columns: join.columns))
        return .shared(
            SharedTable(
                id: left, name: "left", isMaterialized: true, definition: join.left,
                body: .shared(
                    SharedTable(
                        id: right, name: "right", isMaterialized: true, definition: join.right,
                        body: both))))
    }

    private func dependent(_ join: Join) throws(IglooError) -> LogicalPlan {
        let left = Set(join.left.columns.map(\.id))
        guard !join.right.freeColumns.isDisjoint(with: left) else {
            var join = join
            join.isDependent = false
            return .join(join)
        }
        if join.kind == .inner || join.kind == .left, !join.right.isSingleRow {
            var pulled = PulledConditions(planner, outer: left)
            if let right = try? pulled.pull(join.right) {
                return .join(
                    Join(
                        join.kind, join.left, right,
                        on: .conjunction(join.condition.conjuncts + pulled.conditions)))
            }
        }
        return try DependentJoin(planner, join).rewritten()
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
        case .aggregate(_, let keys, let calls)
        where keys.isEmpty && calls.allSatisfy({ $0.call.isPlain }):
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

extension AggregateCall {
    /// NULL over no rows, or, for `count`, 0.
    fileprivate var isPlain: Bool {
        [
            "count", "sum", "avg", "min", "max", "any_value", "first", "last", "string_agg",
            "array_agg", "bool_and", "bool_or",
        ].contains(function)
    }
}
