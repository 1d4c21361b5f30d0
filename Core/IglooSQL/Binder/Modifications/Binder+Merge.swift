// SPDX-License-Identifier: MIT

internal import IglooArrow
public import IglooContracts
internal import IglooPlan

// MERGE: source and target joined; for each pair the first clause that fits says what is done.
extension Binder {
    public func bind(_ merge: Merge) throws(IglooError) -> BoundWrite {
        let target = try writeTarget(merge.table)
        let common = try merge.with.flatMap { (with) throws(IglooError) in
            try declare(with, nil, nil)
        }
        let (rows, identity) = try targetRows(target, merge.table, merge.alias)
        var source = try bind(merge.source, outer: nil, common: common)
        // Tells whether a row of the source is there, which its own columns may not.
        let marker = newColumn("", .bool)
        source.plan = .project(
            source.plan,
            source.plan.columns.map { Projection(column: $0, expression: $0.reference) }
                + [Projection(column: marker, expression: .trueLiteral)])
        try checkNames(rows.relations, source.relations, merge.source.range)
        let both = joined(.inner, rows, source, on: .trueLiteral)
        let context = ExpressionContext(
            both.scope(parent: nil), clause: "MERGE", common: common)
        let condition = try bindCondition(merge.condition, context)
        let join = Join(Self.joinKind(merge), source.plan, rows.plan, on: condition)
        var actions: [BoundWrite.Action] = []
        let chosen = try chosenAction(merge, identity[0], marker, context, &actions)
        let action = newColumn("action", .int32)
        var plan = LogicalPlan.project(
            .join(join),
            join.columns.map { Projection(column: $0, expression: $0.reference) }
                + [Projection(column: action, expression: chosen)])
        let isAny = try call(
            ">=",
            [
                BoundExpression(action.reference, merge.range),
                BoundExpression(.literal(.int(0), .int32), merge.range),
            ], merge.range, nil)
        plan = .filter(plan, isAny)
        let old = Array(rows.plan.columns.prefix(target.definition.columns.count))
        let values = try mergedValues(merge, target, old, action, context)
        plan = .project(
            plan, plan.columns.map { Projection(column: $0, expression: $0.reference) } + values)
        let new = try computed(target, plan, values.map(\.column))
        plan = new.plan
        let columns = new.values
        var scope = newRows(target, columns, merge.table, merge.alias, identity: identity)
        scope.relations += source.relations
        scope.visible += source.visible
        var write = try finished(
            .merge, target, plan, leading: identity + [action], values: columns,
            returning: merge.returning, scope: scope, common: common)
        write.actions = actions
        return write
    }

    /// Rows without a partner matter only where a clause speaks of them.
    private static func joinKind(_ merge: Merge) -> Join.Kind {
        let hasInserts = merge.clauses.contains { $0.match == .notMatched }
        let hasRest = merge.clauses.contains { $0.match == .notMatchedBySource }
        if hasRest { return hasInserts ? .full : .right }
        return hasInserts ? .left : .inner
    }

    /// The number of the first clause that fits, among those that do something; else -1.
    private func chosenAction(
        _ merge: Merge, _ rowNumber: PlanColumn, _ marker: PlanColumn,
        _ context: ExpressionContext, _ actions: inout [BoundWrite.Action]
    ) throws(IglooError) -> Expression {
        let hasTarget = Expression.call("is_not_null", [rowNumber.reference], .bool)
        let hasSource = Expression.call("is_not_null", [marker.reference], .bool)
        var branches: [ConditionalBranch] = []
        for clause in merge.clauses {
            var conditions: [Expression] =
                switch clause.match {
                case .matched: [hasTarget, hasSource]
                case .notMatched: [.call("not", [hasTarget], .bool)]
                case .notMatchedBySource: [.call("not", [hasSource], .bool)]
                }
            if let condition = clause.condition {
                conditions.append(try bindCondition(condition, context))
            }
            var number = -1
            if clause.action != .nothing {
                number = actions.count
                switch clause.action {
                case .insert: actions.append(.insert)
                case .update: actions.append(.update)
                default: actions.append(.delete)
                }
            }
            branches.append(
                ConditionalBranch(
                    condition: .conjunction(conditions),
                    result: .literal(.int(Int64(number)), .int32)))
        }
        return .conditional(branches, otherwise: .literal(.int(-1), .int32), .int32)
    }

    /// What each column shall be, by the action chosen; of deleted rows, what it was.
    private func mergedValues(
        _ merge: Merge, _ target: WriteTarget, _ old: [PlanColumn], _ action: PlanColumn,
        _ context: ExpressionContext
    ) throws(IglooError) -> [Projection] {
        var branches = [[ConditionalBranch]](repeating: [], count: old.count)
        var number: Int64 = 0
        for clause in merge.clauses {
            let values: [Int: Expression]
            switch clause.action {
            case .nothing: continue
            case .delete: values = [:]
            case .update(let assignments):
                values = try self.values(of: assignments, target, context)
            case .insert(let columns, let expressions):
                values = try mergeInsert(columns, expressions, target, context, clause.range)
            }
            let isChosen = Expression.call(
                "=", [action.reference, .literal(.int(number), .int32)], .bool)
            for (place, value) in values {
                branches[place].append(
                    ConditionalBranch(condition: isChosen, result: value))
            }
            number += 1
        }
        return target.definition.columns.enumerated().map { index, column in
            let value: Expression =
                branches[index].isEmpty
                ? old[index].reference
                : .conditional(
                    branches[index], otherwise: old[index].reference, column.type)
            return Projection(column: newColumn(column.name, column.type), expression: value)
        }
    }

    private func mergeInsert(
        _ columns: [Identifier], _ expressions: [ExpressionSyntax], _ target: WriteTarget,
        _ context: ExpressionContext, _ range: SourceRange
    ) throws(IglooError) -> [Int: Expression] {
        var values: [Int: Expression] = [:]
        let all = target.definition.columns
        let places = columns.isEmpty ? Array(all.indices) : try self.places(columns, in: target)
        if !expressions.isEmpty {
            guard expressions.count <= places.count else {
                throw error(.syntaxError, "INSERT has more expressions than target columns", range)
            }
            guard columns.isEmpty || expressions.count == places.count else {
                throw error(.syntaxError, "INSERT has more target columns than expressions", range)
            }
            for (place, syntax) in zip(places, expressions) {
                values[place] = try assigned(syntax, to: all[place], context)
            }
        }
        for (index, column) in all.enumerated() where values[index] == nil {
            values[index] = try defaultValue(column)
        }
        return values
    }
}
