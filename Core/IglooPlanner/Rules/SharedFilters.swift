// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Leaves out of a shared table what no read of it wants: where every read has conditions of its
/// own, one of them has to hold.
struct SharedFilters: PlannerRule {
    let name = "shared_filters"
    private let planner: Planner
    /// Reads whose conditions are taken together; each row is checked by all of them.
    private static let readCountMax = 16

    init(_ planner: Planner) { self.planner = planner }

    func rewrite(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan {
        guard case .shared(var shared) = plan else {
            return try plan.mapInputs { (input) throws(IglooError) in try rewrite(input) }
        }
        // The body's own tables first: their definitions may read this one.
        shared.body = try rewrite(shared.body)
        if shared.isMaterialized != true, !shared.definition.isVolatile,
            let wanted = wanted(shared)
        {
            shared.definition = try filtered(shared.definition, wanted)
        }
        shared.definition = try rewrite(shared.definition)
        return .shared(shared)
    }

    /// What a row has to meet for some read.
    private func wanted(_ shared: SharedTable) -> Expression? {
        var reads: [Expression] = []
        guard collect(shared.body, shared, &reads), (1...Self.readCountMax).contains(reads.count)
        else { return nil }
        return BooleanSimplification.simplified(.disjunction(reads))
    }

    /// - Returns: false where some read wants all rows.
    private func collect(
        _ plan: LogicalPlan, _ shared: SharedTable, _ reads: inout [Expression]
    ) -> Bool {
        if case .sharedRead(let read) = plan, read.id == shared.id { return false }
        if case .filter(.sharedRead(let read), let predicate) = plan, read.id == shared.id {
            let columns = shared.definition.columns
            let replacements = Dictionary(
                zip(read.columns.map(\.id), read.positions.map { columns[$0].reference }),
                uniquingKeysWith: { a, _ in a })
            let own = predicate.conjuncts.filter(\.isMovable)
            guard !own.isEmpty else { return false }
            reads.append(Expression.conjunction(own).substituting(replacements))
            return true
        }
        for input in plan.inputs where !collect(input, shared, &reads) { return false }
        return true
    }

    /// Constants in branches of a union decide which of the conditions are left there.
    private func filtered(
        _ definition: LogicalPlan, _ wanted: Expression
    ) throws(IglooError) -> LogicalPlan {
        let pushdown = PredicatePushdown()
        var plan = pushdown.rewrite(.filter(definition, wanted))
        plan = try ConstantFolding(planner).rewrite(plan)
        plan = try BooleanSimplification().rewrite(plan)
        return pushdown.rewrite(plan)
    }
}
