// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Flattens AND and OR, drops constants in them, and takes conditions common to all branches of an
/// OR out of it: `(a AND b) OR (a AND c)` is `a AND (b OR c)`.
struct BooleanSimplification: PlannerRule {
    let name = "boolean_simplification"

    func rewrite(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan {
        let plan = try plan.mapInputs { (input) throws(IglooError) in try rewrite(input) }
        switch plan {
        case .filter(let input, let predicate):
            return .filter(input, Self.simplified(predicate))
        case .join(var join):
            join.condition = Self.simplified(join.condition)
            return .join(join)
        default: return plan
        }
    }

    static func simplified(_ expression: Expression) -> Expression {
        let expression = expression.mapChildren { simplified($0) }
        switch expression {
        case .call("and", let arguments, _): return and(arguments)
        case .call("or", let arguments, _): return or(arguments)
        default: return expression
        }
    }

    private static func and(_ arguments: [Expression]) -> Expression {
        var conjuncts: [Expression] = []
        for conjunct in arguments.flatMap(\.conjuncts) where !conjuncts.contains(conjunct) {
            if conjunct == .falseLiteral { return .falseLiteral }
            conjuncts.append(conjunct)
        }
        return .conjunction(conjuncts)
    }

    private static func or(_ arguments: [Expression]) -> Expression {
        var branches: [Expression] = []
        for branch in arguments.flatMap(\.disjuncts) where !branches.contains(branch) {
            if branch == .trueLiteral { return .trueLiteral }
            if branch != .falseLiteral { branches.append(branch) }
        }
        guard let first = branches.first else { return .falseLiteral }
        let common = first.conjuncts.filter { conjunct in
            branches.allSatisfy { $0.conjuncts.contains(conjunct) }
        }
        if common.isEmpty { return .disjunction(branches) }
        var rests: [Expression] = []
        for branch in branches {
            let rest = branch.conjuncts.filter { !common.contains($0) }
            if rest.isEmpty { return .conjunction(common) }
            rests.append(.conjunction(rest))
        }
        return .conjunction(common + [.disjunction(rests)])
    }
}

extension Expression {
    /// The conditions of which one suffices.
    var disjuncts: [Expression] {
        if case .call("or", let arguments, _) = self { return arguments.flatMap(\.disjuncts) }
        return [self]
    }

    static func disjunction(_ disjuncts: [Expression]) -> Expression {
        disjuncts.count == 1 ? disjuncts[0] : .call("or", disjuncts, .bool)
    }

    func substituting(_ replacements: [ColumnId: Expression]) -> Expression {
        rewritten { expression in
            if case .column(let id, _) = expression { return replacements[id] ?? expression }
            return expression
        }
    }
}
