// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Drops columns nobody uses, down to the scans.
struct ProjectionPruning: PlannerRule {
    let name = "projection_pruning"

    func rewrite(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan {
        prune(plan, Set(plan.columns.map(\.id)))
    }

    /// The plan with at least the `wanted` columns of its output.
    private func prune(_ plan: LogicalPlan, _ wanted: Set<ColumnId>) -> LogicalPlan {
        switch plan {
        case .scan(var scan):
            let kept = scan.columns.indices.filter { wanted.contains(scan.columns[$0].id) }
            scan.tableColumns = kept.map { scan.tableColumns[$0] }
            scan.columns = kept.map { scan.columns[$0] }
            return .scan(scan)
        case .values: return plan
        case .project(let input, let projections):
            let kept = projections.filter {
                wanted.contains($0.column.id) || $0.expression.isPinned
            }
            return .project(prune(input, used(by: kept.map(\.expression))), kept)
        case .aggregate(let input, let keys, let calls):
            let kept = calls.filter { wanted.contains($0.column.id) || keys.isEmpty }
            let needed = used(by: keys.map(\.expression) + kept.flatMap(\.call.expressions))
            return .aggregate(prune(input, needed), keys: keys, calls: kept)
        case .window(var window):
            window.calls = window.calls.filter { wanted.contains($0.column.id) }
            if window.calls.isEmpty { return prune(window.input, wanted) }
            let needed = wanted.union(used(by: LogicalPlan.window(window).expressions))
            window.input = prune(window.input, needed)
            return narrowed(.window(window), wanted)
        case .unnest(var unnest):
            let needed = wanted.union(used(by: plan.expressions))
            unnest.input = prune(unnest.input, needed)
            return narrowed(.unnest(unnest), wanted)
        case .shared(let shared): return self.shared(shared, wanted)
        case .sharedRead(var read):
            let kept = read.columns.indices.filter { wanted.contains(read.columns[$0].id) }
            read.positions = kept.map { read.positions[$0] }
            read.columns = kept.map { read.columns[$0] }
            return .sharedRead(read)
        case .recursion: return whole(plan)
        case .filter, .sort, .limit:
            let pruned = plan.mapInputs { prune($0, wanted.union(used(by: plan.expressions))) }
            // What only a condition uses goes no further: the source may even keep it.
            if case .filter = plan { return narrowed(pruned, wanted) }
            return pruned
        case .distinct(let input, let on, _):
            let all = Set(input.columns.map(\.id))
            let needed = on.isEmpty ? all : wanted.union(used(by: plan.expressions))
            return plan.mapInputs { prune($0, needed) }
        case .join(var join):
            let needed = wanted.union(join.condition.referencedColumns)
            join.left = prune(join.left, needed)
            join.right = prune(join.right, needed)
            return narrowed(.join(join), wanted)
        case .setOperation, .operation: return whole(plan)
        }
    }

    /// Columns that nobody needs any more are not carried along.
    private func narrowed(_ plan: LogicalPlan, _ wanted: Set<ColumnId>) -> LogicalPlan {
        let kept = plan.columns.filter { wanted.contains($0.id) }
        return kept.count == plan.columns.count
            ? plan
            : .project(plan, kept.map { Projection(column: $0, expression: $0.reference) })
    }

    private func used(by expressions: [Expression]) -> Set<ColumnId> {
        expressions.reduce(into: []) { $0.formUnion($1.referencedColumns) }
    }

    /// The definition keeps what its reads use.
    private func shared(_ shared: SharedTable, _ wanted: Set<ColumnId>) -> LogicalPlan {
        var shared = shared
        shared.body = prune(shared.body, wanted)
        let used = Self.positions(of: shared.id, in: shared.body).sorted()
        let columns = used.map { shared.definition.columns[$0] }
        let pruned = prune(shared.definition, Set(columns.map(\.id)))
        shared.definition =
            pruned.columns == columns
            ? pruned
            : .project(pruned, columns.map { Projection(column: $0, expression: $0.reference) })
        let places = Dictionary(
            used.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        shared.body = Self.moved(shared.body, shared.id, places)
        return .shared(shared)
    }

    /// The columns of a shared table that are read.
    private static func positions(of id: Int, in plan: LogicalPlan) -> Set<Int> {
        if case .sharedRead(let read) = plan, read.id == id { return Set(read.positions) }
        return plan.inputs.reduce(into: []) { $0.formUnion(positions(of: id, in: $1)) }
    }

    private static func moved(
        _ plan: LogicalPlan, _ id: Int, _ places: [Int: Int]
    ) -> LogicalPlan {
        if case .sharedRead(var read) = plan, read.id == id {
            read.positions = read.positions.compactMap { places[$0] }
            return .sharedRead(read)
        }
        return plan.mapInputs { moved($0, id, places) }
    }

    /// Positions matter: all columns stay, those of the sides put in order again.
    private func whole(_ plan: LogicalPlan) -> LogicalPlan {
        plan.mapInputs { side in
            let pruned = prune(side, Set(side.columns.map(\.id)))
            return pruned.columns == side.columns
                ? pruned
                : .project(
                    pruned, side.columns.map { Projection(column: $0, expression: $0.reference) })
        }
    }
}
