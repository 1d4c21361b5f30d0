// SPDX-License-Identifier: MIT

import IglooArrow

extension Expression {
    /// The direct parts of this expression, without the plan of a subquery.
    public var children: [Expression] {
        switch self {
        case .column, .input, .literal, .variable: []
        case .lambda(_, let body): [body]
        case .call(_, let arguments, _), .foreign(_, let arguments): arguments
        case .cast(let operand, _, _): [operand]
        case .conditional(let branches, let otherwise, _):
            branches.flatMap { [$0.condition, $0.result] } + [otherwise]
        case .isIn(let value, let list, _): [value] + list
        case .subquery(let subquery):
            switch subquery.kind {
            case .scalar, .exists: []
            case .any(let values, _), .all(let values, _): values
            }
        }
    }

    /// This expression with each direct part replaced by what `transform` makes of it.
    public func mapChildren<E: Error>(
        _ transform: (Expression) throws(E) -> Expression
    ) throws(E) -> Expression {
        switch self {
        case .column, .input, .literal, .variable:
            return self
        case .lambda(let variables, let body):
            return .lambda(variables, try transform(body))
        case .call(let name, let arguments, let type):
            var new: [Expression] = []
            for argument in arguments { new.append(try transform(argument)) }
            return .call(name, new, type)
        case .foreign(let call, let arguments):
            return .foreign(call, try arguments.mapped(transform))
        case .cast(let operand, let type, let isTry):
            return .cast(try transform(operand), type, isTry: isTry)
        case .conditional(let branches, let otherwise, let type):
            var new: [ConditionalBranch] = []
            for branch in branches {
                new.append(
                    ConditionalBranch(
                        condition: try transform(branch.condition),
                        result: try transform(branch.result)))
            }
            return .conditional(new, otherwise: try transform(otherwise), type)
        case .isIn(let value, let list, let isNegated):
            var new: [Expression] = []
            for element in list { new.append(try transform(element)) }
            return .isIn(try transform(value), new, isNegated: isNegated)
        case .subquery(var subquery):
            switch subquery.kind {
            case .scalar, .exists: break
            case .any(let values, let comparison):
                subquery.kind = .any(try values.mapped(transform), comparison: comparison)
            case .all(let values, let comparison):
                subquery.kind = .all(try values.mapped(transform), comparison: comparison)
            }
            return .subquery(subquery)
        }
    }

    /// Replaces parts from the leaves up.
    public func rewritten<E: Error>(
        _ transform: (Expression) throws(E) -> Expression
    ) throws(E) -> Expression {
        try transform(try mapChildren { (child) throws(E) in try child.rewritten(transform) })
    }

    /// Whether `predicate` holds for this expression or a part of it.
    public func contains(where predicate: (Expression) -> Bool) -> Bool {
        predicate(self) || children.contains { $0.contains(where: predicate) }
    }

    /// Whether it is a call that gives another value each time: `random()`.
    public var isVolatile: Bool {
        switch self {
        case .call(let name, _, _): FunctionTable.entry(name)?.volatility == .volatile
        case .foreign(let call, _): call.isVolatile
        default: false
        }
    }

    /// The columns used, those of subqueries' plans that belong to queries around them included.
    public var referencedColumns: Set<ColumnId> {
        var columns: Set<ColumnId> = []
        collectColumns(into: &columns)
        return columns
    }

    func collectSubqueries(into found: inout [Subquery]) {
        if case .subquery(let subquery) = self { found.append(subquery) }
        for child in children { child.collectSubqueries(into: &found) }
    }

    func collectColumns(into columns: inout Set<ColumnId>) {
        if case .column(let id, _) = self { columns.insert(id) }
        if case .subquery(let subquery) = self { columns.formUnion(subquery.plan.freeColumns) }
        for child in children { child.collectColumns(into: &columns) }
    }

    /// The conditions that all must hold for this one to hold.
    public var conjuncts: [Expression] {
        if case .call("and", let arguments, _) = self { return arguments.flatMap(\.conjuncts) }
        if self == .trueLiteral { return [] }
        return [self]
    }

    /// One condition out of many; TRUE out of none.
    public static func conjunction(_ conjuncts: [Expression]) -> Expression {
        guard let first = conjuncts.first else { return .trueLiteral }
        return conjuncts.count == 1 ? first : .call("and", conjuncts, .bool)
    }
}
