// SPDX-License-Identifier: MIT

import IglooArrow

/// Comparison of rows: from the first value on, until one decides.
///
/// - Source: SQL:2016, 8.2, "comparison predicate".
public enum RowComparison {
    /// `values comparison (the plan's first columns)`
    public static func condition(
        _ values: [Expression], _ comparison: String, _ plan: LogicalPlan
    ) -> Expression {
        condition(zip(values, plan.columns).map { ($0, $1.reference) }, comparison)
    }

    /// Of pairs of alike types.
    public static func condition(
        _ pairs: [(left: Expression, right: Expression)], _ comparison: String
    ) -> Expression {
        func compare(_ pair: (left: Expression, right: Expression), _ sign: String) -> Expression {
            .call(sign, [pair.left, pair.right], .bool)
        }
        guard pairs.count > 1 else {
            return pairs.first.map { compare($0, comparison) } ?? .trueLiteral
        }
        switch comparison {
        case "=": return .call("and", pairs.map { compare($0, "=") }, .bool)
        case "<>": return .call("or", pairs.map { compare($0, "<>") }, .bool)
        default: break
        }
        let strict = String(comparison.prefix(1))
        let rest = condition(Array(pairs.dropFirst()), comparison)
        let tied = Expression.call("and", [compare(pairs[0], "="), rest], .bool)
        return .call("or", [compare(pairs[0], strict), tied], .bool)
    }

    /// The comparison that holds where this one does not.
    public static func opposite(_ comparison: String) -> String {
        switch comparison {
        case "=": "<>"
        case "<>": "="
        case "<": ">="
        case "<=": ">"
        case ">": "<="
        default: "<"
        }
    }
}
