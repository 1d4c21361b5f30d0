// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Pulls the conditions on outer columns up to the top of a subquery's plan.
///
/// What the conditions need of the plan's own columns is passed up beside its output. Most
/// subqueries become plain joins this way; for all others there is `DependentJoin`.
///
/// - Source: W. Kim, "On Optimizing an SQL-like Nested Query", 1982, with the corrections for
///   COUNT of Ganski and Wong, 1987.
struct PulledConditions {
    /// The plan uses outer columns elsewhere than in conditions that can be pulled.
    struct NotPullable: Error {}

    private let planner: Planner
    private let outer: Set<ColumnId>
    /// The conditions, over outer columns and columns of the plan that `pull` returned.
    private(set) var conditions: [Expression] = []
    /// Some grouping got the compared columns as keys: each combination occurs at most once.
    private(set) var isGrouped = false
    /// An aggregate without keys has one row over no rows, too. With the compared columns as keys it
    /// has none: only who puts that row in its place may have the topmost one changed so.
    private var restoresEmptyGroup: Bool

    init(_ planner: Planner, outer: Set<ColumnId>, restoresEmptyGroup: Bool = false) {
        self.planner = planner
        self.outer = outer
        self.restoresEmptyGroup = restoresEmptyGroup
    }

    private func isCorrelated(_ plan: LogicalPlan) -> Bool {
        !plan.freeColumns.isDisjoint(with: outer)
    }

    private func isCorrelated(_ expression: Expression) -> Bool {
        !expression.referencedColumns.isDisjoint(with: outer)
    }

    mutating func pull(_ plan: LogicalPlan) throws(NotPullable) -> LogicalPlan {
        guard isCorrelated(plan) else { return plan }
        switch plan {
        case .filter(let input, let predicate):
            let below = try pull(input)
            let own = predicate.conjuncts
            conditions += own.filter { isCorrelated($0) }
            let rest = own.filter { !isCorrelated($0) }
            return rest.isEmpty ? below : .filter(below, .conjunction(rest))
        case .project(let input, let projections):
            return try project(input, projections)
        case .aggregate(let input, let keys, let calls):
            return try aggregate(input, keys, calls)
        case .join(let join): return try self.join(join)
        case .sort(let input, let keys) where !keys.contains(where: { isCorrelated($0.expression) }):
            return .sort(try pull(input), keys)
        case .distinct(let input, let on, let order) where on.isEmpty:
            let before = conditions.count
            let below = try pull(input)
            // Rows that differ in the compared columns alone must not meet the same outer row.
            let areTied = conditions[before...].allSatisfy {
                equality($0)?.inner.columnId != nil
            }
            guard areTied else { throw NotPullable() }
            return .distinct(below, on: on, order: order)
        default: throw NotPullable()
        }
    }

    private mutating func project(
        _ input: LogicalPlan, _ projections: [Projection]
    ) throws(NotPullable) -> LogicalPlan {
        let below = try pull(input)
        if projections.contains(where: { isCorrelated($0.expression) }) {
            throw NotPullable()
        }
        let passed = neededColumns(of: below).filter { column in
            !projections.contains { $0.column.id == column.id }
        }
        return .project(
            below,
            projections + passed.map { Projection(column: $0, expression: $0.reference) })
    }

    /// The columns of a plan that the conditions use.
    private func neededColumns(of plan: LogicalPlan) -> [PlanColumn] {
        let used = conditions.reduce(into: Set<ColumnId>()) {
            $0.formUnion($1.referencedColumns)
        }
        return plan.columns.filter { used.contains($0.id) }
    }

    /// Rows that compare equal with different outer rows fall into different groups.
    private mutating func aggregate(
        _ input: LogicalPlan, _ keys: [Projection], _ calls: [AggregateColumn]
    ) throws(NotPullable) -> LogicalPlan {
        if (keys.map(\.expression) + calls.flatMap(\.call.expressions))
            .contains(where: { isCorrelated($0) })
        {
            throw NotPullable()
        }
        guard !keys.isEmpty || restoresEmptyGroup else { throw NotPullable() }
        restoresEmptyGroup = false
        let earlier = conditions
        conditions = []
        let below = try pull(input)
        var allKeys = keys
        var raised: [Expression] = []
        for condition in conditions {
            guard let (inner, outerSide) = equality(condition) else {
                throw NotPullable()
            }
            let key = planner.newColumn("key", inner.type)
            allKeys.append(Projection(column: key, expression: inner))
            raised.append(.call("=", [key.reference, outerSide], .bool))
        }
        isGrouped = true
        conditions = earlier + raised
        return .aggregate(below, keys: allKeys, calls: calls)
    }

    /// The sides of `inner = outer`, whichever way round.
    private func equality(_ condition: Expression) -> (inner: Expression, outer: Expression)? {
        guard case .call("=", let sides, _) = condition else { return nil }
        let isOuter = sides.map { side in
            let used = side.referencedColumns
            return !used.isEmpty && used.isSubset(of: outer)
        }
        let isInner = sides.map { !isCorrelated($0) }
        if isInner[0] && isOuter[1] { return (sides[0], sides[1]) }
        if isOuter[0] && isInner[1] { return (sides[1], sides[0]) }
        return nil
    }

    private mutating func join(_ join: Join) throws(NotPullable) -> LogicalPlan {
        // Without its partner a row of the right side stays, and must not be gone with the pair.
        let keepsRight = join.kind == .right || join.kind == .full
        if keepsRight && isCorrelated(join.left) { throw NotPullable() }
        var join = join
        join.left = try pull(join.left)
        switch join.kind {
        case .inner:
            join.right = try pull(join.right)
            let own = join.condition.conjuncts
            conditions += own.filter { isCorrelated($0) }
            join.condition = .conjunction(own.filter { !isCorrelated($0) })
        default:
            if isCorrelated(join.right) || isCorrelated(join.condition) {
                throw NotPullable()
            }
        }
        return .join(join)
    }
}
