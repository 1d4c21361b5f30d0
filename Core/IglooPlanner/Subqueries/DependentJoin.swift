// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// A join whose right side uses columns of the left, made into one whose sides are apart.
struct DependentJoin {
    private let planner: Planner
    private let join: Join

    /// - Parameter join: what its condition says of the right side's rows may stay in it.
    init(_ planner: Planner, _ join: Join) {
        self.planner = planner
        self.join = join
    }

    func rewritten() throws(IglooError) -> LogicalPlan {
        let free = join.right.freeColumns
        let outer = join.left.columns.filter { free.contains($0.id) }
        if outer.isEmpty {
            var join = join
            join.isDependent = false
            return .join(join)
        }
        if let joined = rowByRow() { return joined }
        return try overDomain(outer)
    }

    /// A right side that computes with the left row alone needs no join: it is computed over it.
    private func rowByRow() -> LogicalPlan? {
        if join.kind == .left, join.condition == .trueLiteral,
            case .unnest(var unnest) = join.right,
            unnest.ordinality == nil, case .values(let rows, let columns) = unnest.input,
            rows.count == 1, columns.isEmpty
        {
            unnest.input = join.left
            unnest.keepsEmpty = true
            return .unnest(unnest)
        }
        guard join.kind == .inner, let joined = computed(join.right) else { return nil }
        return join.condition == .trueLiteral ? joined : .filter(joined, join.condition)
    }

    /// The plan over the left side's rows in place of its own single row.
    private func computed(_ plan: LogicalPlan) -> LogicalPlan? {
        switch plan {
        case .values(let rows, let columns) where rows.count == 1:
            let cells = zip(columns, rows[0]).map { Projection(column: $0, expression: $1) }
            return cells.isEmpty
                ? join.left : .project(join.left, join.left.columns.identity + cells)
        case .project(let input, let projections):
            return computed(input).map { .project($0, join.left.columns.identity + projections) }
        case .filter(let input, _):
            return computed(input).map { input in plan.mapInputs { _ in input } }
        case .unnest(let unnest) where !unnest.keepsEmpty:
            return computed(unnest.input).map { input in plan.mapInputs { _ in input } }
        default: return nil
        }
    }

    private func overDomain(_ outer: [PlanColumn]) throws(IglooError) -> LogicalPlan {
        let (rows, domain) = (planner.newTable(), planner.newTable())
        var pushing = DomainPushing(planner, domainTable: domain, outer: outer)
        let right = try pushing.push(join.right)
        var result = join
        result.left = .sharedRead(SharedRead(id: rows, name: "outer", columns: join.left.columns))
        result.right = right.plan
        result.condition = .conjunction(
            join.condition.conjuncts + DomainPushing.matching(outer, right.domain))
        result.isDependent = false
        if join.kind == .single, join.right.isSingleRow { result.kind = .inner }
        let copies = join.left.columns.map { planner.newColumn($0.name, $0.type) }
        let used = Set(outer.map(\.id))
        let values = zip(join.left.columns, copies).filter { used.contains($0.0.id) }.map {
            Projection(column: planner.newColumn($0.name, $0.type), expression: $1.reference)
        }
        let read = SharedRead(id: rows, name: "outer", columns: copies)
        return .shared(
            SharedTable(
                id: rows, name: "outer", isMaterialized: true, definition: join.left,
                body: .shared(
                    SharedTable(
                        id: domain, name: "domain",
                        definition: .distinct(
                            .project(.sharedRead(read), values), on: [], order: []),
                        body: .join(result)))))
    }
}
