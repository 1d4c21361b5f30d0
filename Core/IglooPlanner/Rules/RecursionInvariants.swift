// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlan

/// Computes once what is the same in every round of a recursion, so that tables are read once.
struct RecursionInvariants: PlannerRule {
    let name = "recursion_invariants"
    private let planner: Planner
    /// What is larger is read anew in every round rather than kept in memory.
    private static let rowCountMax = 20_000_000.0

    init(_ planner: Planner) { self.planner = planner }

    func rewrite(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan { rewritten(plan) }

    private func rewritten(_ plan: LogicalPlan) -> LogicalPlan {
        let plan = plan.mapInputs { rewritten($0) }
        guard case .recursion(var recursion) = plan else { return plan }
        var hoisting = Hoisting(planner: planner, varying: [recursion.id])
        recursion.step = hoisting.hoisted(recursion.step)
        return hoisting.invariants.reversed().reduce(.recursion(recursion)) { body, invariant in
            .shared(
                SharedTable(
                    id: invariant.id, name: invariant.name, isMaterialized: true,
                    definition: invariant.plan, body: body))
        }
    }

    private struct Hoisting {
        let planner: Planner
        /// The tables whose rows change from round to round.
        var varying: Set<Int>
        var invariants: [(id: Int, name: String, plan: LogicalPlan)] = []

        mutating func hoisted(_ plan: LogicalPlan) -> LogicalPlan {
            if plan.readCount(of: varying) == 0 { return isWorthIt(plan) ? read(plan) : plan }
            if case .shared(var shared) = plan {
                if shared.definition.readCount(of: varying) == 0, !shared.definition.isVolatile {
                    invariants.append((shared.id, shared.name, shared.definition))
                    return hoisted(shared.body)
                }
                shared.definition = hoisted(shared.definition)
                varying.insert(shared.id)
                shared.body = hoisted(shared.body)
                return .shared(shared)
            }
            // A recursion within finds other rows in each round, too.
            if case .recursion(let inner) = plan { varying.insert(inner.id) }
            var hoisting = self
            defer { self = hoisting }
            return plan.mapInputs { hoisting.hoisted($0) }
        }

        private func isWorthIt(_ plan: LogicalPlan) -> Bool {
            switch plan {
            case .values, .sharedRead: return false
            case .project(let input, _): if !isWorthIt(input) { return false }
            default: break
            }
            return !plan.isVolatile
                && Estimator(planner.statistics).rowCount(plan) <= RecursionInvariants.rowCountMax
        }

        private mutating func read(_ plan: LogicalPlan) -> LogicalPlan {
            let id = planner.newTable()
            let name = "invariant_\(invariants.count + 1)"
            // The read has the columns' names, the definition copies of them.
            let source = plan.copy(
                newColumn: { planner.newColumn($0.name, $0.type) },
                newTable: { planner.newTable() })
            invariants.append((id, name, source.plan))
            return .sharedRead(SharedRead(id: id, name: name, columns: plan.columns))
        }
    }
}
