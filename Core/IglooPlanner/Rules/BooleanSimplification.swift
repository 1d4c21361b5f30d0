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

    /// May raise an error for some row, or give another result each time: not to be moved to
    /// where it sees other rows.
    var isPinned: Bool {
        contains { part in
            switch part {
            case .call(let name, let arguments, _):
                if Self.cannotFail(name, arguments) { return false }
                guard let entry = FunctionTable.entry(name) else { return true }
                return entry.volatility == .volatile || entry.canFail
            case .cast(let operand, let type, isTry: false):
                return !Coercion.isImplicit(from: operand.type, to: type)
            case .subquery: return true
            default: return false
            }
        }
    }

    /// Calls of functions that fail for some arguments only, with arguments that are none of them.
    private static func cannotFail(_ name: String, _ arguments: [Expression]) -> Bool {
        switch name {
        case "like", "ilike":
            guard arguments.count == 2, case .literal(.text(let pattern), _) = arguments[1] else {
                return false
            }
            return !pattern.contains("\\")
        case "substring":
            guard arguments.count == 3 else { return true }
            guard case .literal(.int(let count), _) = arguments[2] else { return false }
            return count >= 0
        case "date_part":
            if case .literal = arguments[0] { return true }
            return false
        default: return false
        }
    }

    func substituting(_ replacements: [ColumnId: Expression]) -> Expression {
        rewritten { expression in
            if case .column(let id, _) = expression { return replacements[id] ?? expression }
            return expression
        }
    }
}
