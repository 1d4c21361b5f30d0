// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Orders inner joins so that intermediate results stay small, with the smaller side on the right,
/// where the table is built.
///
/// Dynamic programming over connected subsets up to ten inputs, greedy beyond.
///
/// - Source: G. Moerkotte, T. Neumann, "Dynamic Programming Strikes Back", 2008.
struct JoinOrdering: PlannerRule {
    let name = "join_ordering"
    private let planner: Planner
    private static let exhaustiveCountMax = 10

    init(_ planner: Planner) { self.planner = planner }

    func rewrite(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan { ordered(plan) }

    private func ordered(_ plan: LogicalPlan) -> LogicalPlan {
        guard case .join(let join) = plan, join.kind == .inner, !join.isDependent else {
            // What is shared has a size before it is joined.
            if case .shared(let shared) = plan {
                planner.statistics.sharedRowCounts[shared.id] =
                    Estimator(planner.statistics).rowCount(shared.definition)
            }
            return plan.mapInputs { ordered($0) }
        }
        var inputs: [LogicalPlan] = []
        var conjuncts: [Expression] = []
        collect(plan, &inputs, &conjuncts)
        inputs = inputs.map { ordered($0) }
        guard inputs.count <= 60, conjuncts.allSatisfy(\.isMovable) else {
            return plan.mapInputs { ordered($0) }
        }
        let region = JoinRegion(
            inputs, conjuncts, Estimator(planner.statistics),
            asksSources: planner.settings.pushdown)
        let tree =
            inputs.count <= Self.exhaustiveCountMax ? region.exhaustive() : region.greedy()
        let columns = plan.columns
        return tree.columns == columns
            ? tree
            : .project(tree, columns.map { Projection(column: $0, expression: $0.reference) })
    }

    private func collect(
        _ plan: LogicalPlan, _ inputs: inout [LogicalPlan], _ conjuncts: inout [Expression]
    ) {
        if case .join(let join) = plan, join.kind == .inner, !join.isDependent {
            collect(join.left, &inputs, &conjuncts)
            collect(join.right, &inputs, &conjuncts)
            conjuncts += join.condition.conjuncts
        } else {
            inputs.append(plan)
        }
    }
}

/// Inputs that are joined with each other, and the conditions between them.
private struct JoinRegion {
    /// A join of some inputs: `members` has a bit for each.
    struct Tree {
        var members: UInt64
        var plan: LogicalPlan
        var rowCount: Double
        /// Rows of all intermediate results.
        var cost: Double
        /// The source that may make all of it.
        var source: ObjectIdentifier?
    }

    private struct Member {
        let leaf: UInt64
        let column: Expression
    }

    private let leaves: [Tree]
    /// Columns that become equal, and the inputs that have one.
    private let classes: [(members: UInt64, columns: [Member])]
    private let conditions: [(members: UInt64, expression: Expression)]
    private let estimator: Estimator

    init(
        _ inputs: [LogicalPlan], _ conjuncts: [Expression], _ estimator: Estimator,
        asksSources: Bool
    ) {
        self.estimator = estimator
        var owner: [ColumnId: UInt64] = [:]
        for (index, input) in inputs.enumerated() {
            for column in input.columns { owner[column.id] = 1 << UInt64(index) }
        }
        var conjuncts = conjuncts
        let equivalence = ColumnEquivalence(taking: &conjuncts, among: Set(owner.keys))
        let equal = equivalence.classes.map { columns in
            columns.map { column in
                Member(leaf: column.columnId.flatMap { owner[$0] } ?? 0, column: column)
            }
        }
        leaves = inputs.enumerated().map { index, input in
            let leaf: UInt64 = 1 << UInt64(index)
            // What is equal to the same column elsewhere is equal here.
            let own = equal.flatMap { members in
                let here = members.filter { $0.leaf == leaf }
                return here.dropFirst().map {
                    Expression.call("=", [here[0].column, $0.column], .bool)
                }
            }
            let plan = own.isEmpty ? input : .filter(input, .conjunction(own))
            return Tree(
                members: leaf, plan: plan, rowCount: estimator.rowCount(plan), cost: 0,
                source: asksSources ? plan.joiningSource : nil)
        }
        // Of an input's columns of a class, the one with the fewest values tells most.
        classes = equal.map { members in
            (
                members.reduce(0) { $0 | $1.leaf },
                members.sorted {
                    estimator.distinctCount($0.column) ?? .infinity < estimator.distinctCount(
                        $1.column) ?? .infinity
                }
            )
        }
        conditions = conjuncts.map { conjunct in
            (conjunct.referencedColumns.reduce(0) { $0 | (owner[$1] ?? 0) }, conjunct)
        }
    }

    /// The conditions that can be checked once both sides are there, and not before.
    private func between(_ left: UInt64, _ right: UInt64) -> [Expression] {
        let all = left | right
        var result: [Expression] = []
        for (members, columns) in classes where members & left != 0 && members & right != 0 {
            guard let first = columns.first(where: { $0.leaf & left != 0 }),
                let second = columns.first(where: { $0.leaf & right != 0 })
            else { continue }
            result.append(.call("=", [first.column, second.column], .bool))
        }
        for (members, expression) in conditions
        where members & ~all == 0 && members & ~left != 0 && members & ~right != 0 {
            result.append(expression)
        }
        return result
    }

    private func isConnected(_ left: UInt64, _ right: UInt64) -> Bool {
        classes.contains { $0.members & left != 0 && $0.members & right != 0 }
            || conditions.contains { condition in
                condition.members & left != 0 && condition.members & right != 0
                    && condition.members & ~(left | right) == 0
            }
    }

    private func joined(_ first: Tree, _ second: Tree) -> Tree {
        let (left, right) =
            first.rowCount >= second.rowCount ? (first, second) : (second, first)
        let own = between(left.members, right.members)
        let rows = estimator.joined(left.rowCount, right.rowCount, own)
        let source = left.source == right.source ? left.source : nil
        return Tree(
            members: left.members | right.members,
            plan: .join(Join(.inner, left.plan, right.plan, on: .conjunction(own))),
            rowCount: rows,
            // Building costs more than probing; what the sides' source does costs nothing here.
            cost: left.cost + right.cost + rows
                + (source == nil ? right.rowCount * 2 + left.rowCount * 0.2 : 0),
            source: source)
    }

    /// Conditions that speak of one input or of none stand on top.
    private func finished(_ tree: Tree) -> LogicalPlan {
        let rest = conditions.filter { $0.members.nonzeroBitCount <= 1 }.map(\.expression)
        return rest.isEmpty ? tree.plan : .filter(tree.plan, .conjunction(rest))
    }

    func exhaustive() -> LogicalPlan {
        var best: [UInt64: Tree] = [:]
        for leaf in leaves { best[leaf.members] = leaf }
        let all: UInt64 = (1 << UInt64(leaves.count)) - 1
        var set: UInt64 = 1
        while set <= all {
            if set.nonzeroBitCount > 1 { best[set] = bestTree(of: set, best) }
            set += 1
        }
        guard let tree = best[all] else { return greedy() }
        return finished(tree)
    }

    private func bestTree(of set: UInt64, _ best: [UInt64: Tree]) -> Tree? {
        var result: Tree?
        var part = (set - 1) & set
        while part > 0 {
            let other = set & ~part
            if part > other, let left = best[part], let right = best[other],
                isConnected(part, other)
            {
                let tree = joined(left, right)
                if result.map({ tree.cost < $0.cost }) ?? true { result = tree }
            }
            part = (part - 1) & set
        }
        return result
    }

    /// Joins the two that give the fewest rows, again and again; products only when nothing else
    /// is left.
    func greedy() -> LogicalPlan {
        var trees = leaves
        while trees.count > 1 {
            var choice: (Int, Int, Tree)?
            for connectedOnly in [true, false] where choice == nil {
                for first in trees.indices {
                    for second in trees.indices where second > first {
                        if connectedOnly
                            && !isConnected(trees[first].members, trees[second].members)
                        {
                            continue
                        }
                        let tree = joined(trees[first], trees[second])
                        if choice.map({ tree.rowCount < $0.2.rowCount }) ?? true {
                            choice = (first, second, tree)
                        }
                    }
                }
            }
            guard let (first, second, tree) = choice else { break }
            trees.remove(at: second)
            trees[first] = tree
        }
        return finished(trees[0])
    }
}

extension LogicalPlan {
    /// The source of this table, possibly filtered, if it joins its tables.
    fileprivate var joiningSource: ObjectIdentifier? {
        switch self {
        case .scan(let scan):
            scan.table.connector.joining == nil
                ? nil : ObjectIdentifier(scan.table.connector as AnyObject)
        case .filter(let input, _), .project(let input, _): input.joiningSource
        default: nil
        }
    }
}
