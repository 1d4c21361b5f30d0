// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Moves conditions towards the tables, and turns outer joins whose missing rows a condition
/// drops anyway into inner ones.
struct PredicatePushdown: PlannerRule {
    let name = "predicate_pushdown"

    func rewrite(_ plan: LogicalPlan) -> LogicalPlan { push([], into: plan) }

    /// The plan with the conditions applied, each as deep as it may stand.
    ///
    /// - Parameter required: conditions that stay above and drop every row that does not meet them.
    private func push(
        _ conjuncts: [Expression], into plan: LogicalPlan, under required: [Expression] = []
    ) -> LogicalPlan {
        switch plan {
        case .filter(let input, let predicate):
            return push(
                (conjuncts + predicate.conjuncts).withoutRepeats, into: input, under: required)
        case .project(let input, let projections):
            return project(conjuncts, input, projections, required)
        case .aggregate(let input, let keys, let calls):
            return aggregate(conjuncts, input, keys, calls)
        case .join(let join): return self.join(conjuncts, join, required)
        case .window(var window):
            // A condition on the partition keeps or drops partitions as wholes.
            let keys = Set(window.partition.compactMap(\.columnId))
            let below = conjuncts.filter {
                let used = $0.referencedColumns
                return $0.isMovable && !used.isEmpty && used.isSubset(of: keys)
            }
            window.input = push(below, into: window.input)
            return filtered(.window(window), conjuncts.filter { !below.contains($0) })
        case .sort(let input, let keys):
            return .sort(push(conjuncts, into: input), keys)
        case .distinct(let input, let on, let order) where on.isEmpty:
            return .distinct(push(conjuncts, into: input), on: on, order: order)
        case .setOperation(let operation): return setOperation(conjuncts, operation)
        case .unnest(var unnest):
            let own = Set(unnest.input.columns.map(\.id))
            let below = conjuncts.filter {
                let used = $0.referencedColumns
                return $0.isMovable && !used.isEmpty && used.isSubset(of: own)
            }
            unnest.input = push(below, into: unnest.input)
            return filtered(.unnest(unnest), conjuncts.filter { !below.contains($0) })
        case .shared(var shared):
            shared.definition = push([], into: shared.definition)
            shared.body = push(conjuncts, into: shared.body)
            return .shared(shared)
        case .scan, .values, .limit, .distinct, .sharedRead, .recursion, .operation:
            return filtered(plan.mapInputs { push([], into: $0) }, conjuncts)
        }
    }

    private func filtered(_ plan: LogicalPlan, _ conjuncts: [Expression]) -> LogicalPlan {
        conjuncts.isEmpty ? plan : .filter(plan, .conjunction(conjuncts))
    }

    private func project(
        _ conjuncts: [Expression], _ input: LogicalPlan, _ projections: [Projection],
        _ required: [Expression]
    ) -> LogicalPlan {
        let expressions = Dictionary(
            projections.map { ($0.column.id, $0.expression) }, uniquingKeysWith: { a, _ in a })
        var below: [Expression] = []
        var above: [Expression] = []
        for conjunct in conjuncts {
            let moved = conjunct.substituting(expressions)
            if !moved.isMovable && conjunct.isMovable {
                above.append(conjunct)
            } else {
                below.append(moved)
            }
        }
        let moved = (required + above).map { $0.substituting(expressions) }
        return filtered(.project(push(below, into: input, under: moved), projections), above)
    }

    private func aggregate(
        _ conjuncts: [Expression], _ input: LogicalPlan, _ keys: [Projection],
        _ calls: [AggregateColumn]
    ) -> LogicalPlan {
        let expressions = Dictionary(
            keys.map { ($0.column.id, $0.expression) }, uniquingKeysWith: { a, _ in a })
        var below: [Expression] = []
        var above: [Expression] = []
        for conjunct in conjuncts {
            let used = conjunct.referencedColumns
            let isOnKeys = !used.isEmpty && used.isSubset(of: Set(expressions.keys))
            let moved = conjunct.substituting(expressions)
            if isOnKeys && moved.isMovable {
                below.append(moved)
                continue
            }
            above.append(conjunct)
            if conjunct.isMovable, let part = conjunct.implied(over: Set(expressions.keys)) {
                let early = part.substituting(expressions)
                if early.isMovable { below.append(early) }
            }
        }
        return filtered(
            .aggregate(push(below, into: input), keys: keys, calls: calls), above)
    }

    private func setOperation(
        _ conjuncts: [Expression], _ operation: SetOperation
    ) -> LogicalPlan {
        var operation = operation
        let movable = conjuncts.filter { $0.isMovable }
        func moved(to side: LogicalPlan) -> [Expression] {
            let columns = Dictionary(
                zip(operation.columns.map(\.id), side.columns.map(\.reference)),
                uniquingKeysWith: { a, _ in a })
            return movable.map { $0.substituting(columns) }
        }
        operation.left = push(moved(to: operation.left), into: operation.left)
        operation.right = push(moved(to: operation.right), into: operation.right)
        return filtered(.setOperation(operation), conjuncts.filter { !$0.isMovable })
    }

    // MARK: - Joins

    private func join(
        _ conjuncts: [Expression], _ join: Join, _ required: [Expression]
    ) -> LogicalPlan {
        var join = simplified(join, under: conjuncts + required)
        let left = Set(join.left.columns.map(\.id))
        let right = Set(join.right.columns.map(\.id))
        var toLeft: [Expression] = []
        var toRight: [Expression] = []
        var above: [Expression] = []
        var condition: [Expression] = []
        let isInner = join.kind == .inner
        /// Rows of a side may be dropped early where the join would drop them, too.
        let filterMayEnterLeft = join.kind != .right && join.kind != .full
        let filterMayEnterRight = isInner || join.kind == .right
        for conjunct in conjuncts {
            let used = conjunct.referencedColumns
            if !conjunct.isMovable {
                above.append(conjunct)
            } else if filterMayEnterLeft && used.isSubset(of: left) && !used.isEmpty {
                toLeft.append(conjunct)
            } else if filterMayEnterRight && used.isSubset(of: right) && !used.isEmpty {
                toRight.append(conjunct)
            } else if isInner {
                condition.append(conjunct)
            } else {
                above.append(conjunct)
            }
        }
        let conditionMayEnterLeft = isInner || join.kind == .right || join.kind == .semi
        let conditionMayEnterRight: Bool =
            switch join.kind {
            case .inner, .left, .semi, .anti, .single: true
            case .right, .full, .nullAwareAnti, .mark: false
            }
        for conjunct in join.condition.conjuncts {
            let used = conjunct.referencedColumns
            if !conjunct.isMovable || used.isEmpty {
                condition.append(conjunct)
            } else if conditionMayEnterLeft && used.isSubset(of: left) {
                toLeft.append(conjunct)
            } else if conditionMayEnterRight && used.isSubset(of: right) {
                toRight.append(conjunct)
            } else {
                condition.append(conjunct)
            }
        }
        if isInner {
            for conjunct in condition where conjunct.isMovable {
                if let part = conjunct.implied(over: left) { toLeft.append(part) }
                if let part = conjunct.implied(over: right) { toRight.append(part) }
            }
            Self.moveKeys(from: &above, to: &condition, left, right)
        }
        Self.transfer(condition, &toLeft, &toRight, left, right, join.kind)
        let (leftRequired, rightRequired): ([Expression], [Expression]) =
            switch join.kind {
            case .inner: (required + above + condition, required + above + condition)
            case .semi: (required + above + condition, condition)
            case .left, .anti, .single: (required + above, [])
            case .right: ([], required + above)
            case .full, .nullAwareAnti, .mark: ([], [])
            }
        join.left = push(toLeft.withoutRepeats, into: join.left, under: leftRequired)
        join.right = push(toRight.withoutRepeats, into: join.right, under: rightRequired)
        join.condition = .conjunction(condition)
        return filtered(.join(join), above)
    }

    /// Equalities that may fail are keys where the sides have no other: anything is better than to
    /// look at all pairs, which would meet the failing row as well.
    private static func moveKeys(
        from above: inout [Expression], to condition: inout [Expression], _ left: Set<ColumnId>,
        _ right: Set<ColumnId>
    ) {
        func isKey(_ conjunct: Expression) -> Bool {
            guard case .call("=", let sides, _) = conjunct else { return false }
            let (first, second) = (sides[0].referencedColumns, sides[1].referencedColumns)
            guard !first.isEmpty, !second.isEmpty else { return false }
            return first.isSubset(of: left) && second.isSubset(of: right)
                || first.isSubset(of: right) && second.isSubset(of: left)
        }
        guard !condition.contains(where: isKey) else { return }
        for conjunct in above where isKey(conjunct) && !conjunct.isVolatile {
            condition.append(conjunct)
        }
        above.removeAll { condition.contains($0) }
    }

    /// `x = y AND x = 5` gives `y = 5`.
    private static func transfer(
        _ condition: [Expression], _ toLeft: inout [Expression], _ toRight: inout [Expression],
        _ left: Set<ColumnId>, _ right: Set<ColumnId>, _ kind: Join.Kind
    ) {
        guard kind == .inner || kind == .semi else { return }
        let (leftBefore, rightBefore) = (toLeft, toRight)
        for conjunct in condition {
            guard case .call("=", let sides, _) = conjunct,
                case .column(let first, let firstType) = sides[0],
                case .column(let second, let secondType) = sides[1], firstType == secondType
            else { continue }
            let (leftId, rightId) = left.contains(first) ? (first, second) : (second, first)
            guard left.contains(leftId), right.contains(rightId) else { continue }
            for filter in leftBefore where filter.isConstantComparison(of: leftId) {
                toRight.append(filter.substituting([leftId: .column(rightId, firstType)]))
            }
            for filter in rightBefore where filter.isConstantComparison(of: rightId) {
                toLeft.append(filter.substituting([rightId: .column(leftId, firstType)]))
            }
        }
    }

    /// An outer join whose NULL rows some condition above drops loses its outer side.
    private func simplified(_ join: Join, under conjuncts: [Expression]) -> Join {
        var join = join
        let left = Set(join.left.columns.map(\.id))
        let right = Set(join.right.columns.map(\.id))
        let dropsRightNulls = conjuncts.contains { $0.rejectsNulls(of: right) }
        let dropsLeftNulls = conjuncts.contains { $0.rejectsNulls(of: left) }
        switch join.kind {
        case .left where dropsRightNulls: join.kind = .inner
        case .right where dropsLeftNulls: join.kind = .inner
        case .full where dropsLeftNulls && dropsRightNulls: join.kind = .inner
        case .full where dropsRightNulls: join.kind = .right
        case .full where dropsLeftNulls: join.kind = .left
        default: break
        }
        return join
    }
}

extension [Expression] {
    var withoutRepeats: [Expression] {
        var seen: Set<Expression> = []
        return filter { seen.insert($0).inserted }
    }
}

extension Expression {
    var columnId: ColumnId? {
        if case .column(let id, _) = self { id } else { nil }
    }

    /// The part of an OR over several tables that speaks of some columns alone.
    fileprivate func implied(over columns: Set<ColumnId>) -> Expression? {
        let branches = disjuncts
        guard branches.count > 1 else { return nil }
        var parts: [Expression] = []
        for branch in branches {
            let own = branch.conjuncts.filter {
                let used = $0.referencedColumns
                return !used.isEmpty && used.isSubset(of: columns)
            }
            if own.isEmpty { return nil }
            parts.append(.conjunction(own))
        }
        return .disjunction(parts)
    }

    /// `column op constant`, `column IN (constants)`.
    fileprivate func isConstantComparison(of id: ColumnId) -> Bool {
        switch self {
        case .call(let name, let sides, .bool)
        where ["=", "<", "<=", ">", ">="].contains(name) && sides.count == 2:
            guard case .column(id, _) = sides[0], case .literal = sides[1] else { return false }
            return true
        case .isIn(.column(id, _), let list, isNegated: false):
            return list.allSatisfy { if case .literal = $0 { true } else { false } }
        default: return false
        }
    }

    /// Whether this cannot be true when all of `columns` are NULL.
    fileprivate func rejectsNulls(of columns: Set<ColumnId>) -> Bool {
        switch self {
        case .call("and", let arguments, _):
            arguments.contains { $0.rejectsNulls(of: columns) }
        case .call("or", let arguments, _):
            arguments.allSatisfy { $0.rejectsNulls(of: columns) }
        case .call("is_not_null", let arguments, _):
            arguments[0].isNullIfAllNull(columns)
        case .isIn(let value, _, isNegated: false): value.isNullIfAllNull(columns)
        default: isNullIfAllNull(columns)
        }
    }

    private func isNullIfAllNull(_ columns: Set<ColumnId>) -> Bool {
        switch self {
        case .column(let id, _): columns.contains(id)
        case .call(let name, let arguments, _):
            FunctionTable.entry(name)?.propagatesNull == true
                && arguments.contains { $0.isNullIfAllNull(columns) }
        case .foreign(let call, let arguments):
            call.isStrict
                && arguments.contains { $0.isNullIfAllNull(columns) }
        case .cast(let operand, _, _): operand.isNullIfAllNull(columns)
        default: false
        }
    }
}
