// SPDX-License-Identifier: MIT

import IglooArrow
import IglooPlan

/// A join's condition taken apart: equalities between the sides, by which rows are found in a hash
/// table, and the rest.
struct JoinKeys {
    private(set) var left: [Expression] = []
    private(set) var right: [Expression] = []
    private(set) var rest: [Expression] = []
    /// Some keys are compared by IS NOT DISTINCT FROM.
    private(set) var nullsMatch = false
    /// So many keys, the first ones, stand for conditions that are never unknown.
    private(set) var decidedCount = 0

    init(_ condition: Expression, left leftPlan: LogicalPlan, right rightPlan: LogicalPlan) {
        let leftIds = Set(leftPlan.columns.map(\.id))
        let rightIds = Set(rightPlan.columns.map(\.id))
        var strict: [Expression] = []
        for conjunct in condition.conjuncts {
            let equality = Equality(conjunct, leftIds, rightIds)
            guard let equality else {
                rest.append(conjunct)
                continue
            }
            if equality.isDecided {
                left.insert(equality.left, at: decidedCount)
                right.insert(equality.right, at: decidedCount)
                decidedCount += 1
            } else {
                left.append(equality.left)
                right.append(equality.right)
            }
            if equality.nullsMatch { nullsMatch = true } else { strict.append(conjunct) }
        }
        // Where NULLs match in the table, a strict equality is looked at once more.
        if nullsMatch { rest += strict }
    }

    private struct Equality {
        let left: Expression
        let right: Expression
        let nullsMatch: Bool
        let isDecided: Bool

        init?(_ conjunct: Expression, _ leftIds: Set<ColumnId>, _ rightIds: Set<ColumnId>) {
            var conjunct = conjunct
            var isDecided = false
            if case .call("coalesce", let arguments, _) = conjunct, arguments.count == 2,
                arguments[1] == .falseLiteral
            {
                conjunct = arguments[0]
                isDecided = true
            }
            guard case .call(let name, let sides, _) = conjunct,
                name == "=" || name == "is_not_distinct_from"
            else { return nil }
            let (first, second) = (sides[0].referencedColumns, sides[1].referencedColumns)
            guard !first.isEmpty, !second.isEmpty else { return nil }
            if first.isSubset(of: leftIds) && second.isSubset(of: rightIds) {
                (left, right) = (sides[0], sides[1])
            } else if first.isSubset(of: rightIds) && second.isSubset(of: leftIds) {
                (left, right) = (sides[1], sides[0])
            } else {
                return nil
            }
            nullsMatch = name != "="
            self.isDecided = isDecided || nullsMatch
        }
    }
}
