// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

extension Binder {
    /// Chains lean to the left; they are bound from their first table on, without recursion.
    func bind(
        _ last: JoinSyntax, outer: Scope?, common: CommonTableScope?
    ) throws(IglooError) -> FromItem {
        var chain = [last]
        while case .join(let left) = chain[chain.count - 1].left { chain.append(left) }
        var item = try bind(chain[chain.count - 1].left, outer: outer, common: common)
        for join in chain.reversed() {
            item = try bind(join, onto: item, outer: outer, common: common)
        }
        return item
    }

    private func bind(
        _ join: JoinSyntax, onto left: FromItem, outer: Scope?, common: CommonTableScope?
    ) throws(IglooError) -> FromItem {
        let right = try bindRight(join.right, of: left, outer: outer, common: common)
        try checkNames(left.relations, right.relations, join.right.range)
        if join.kind == .positional { return try positional(left, right, join.right.range) }
        let kind: Join.Kind =
            switch join.kind {
            case .inner, .cross, .positional: .inner
            case .left: .left
            case .right: .right
            case .full: .full
            case .semi: .semi
            case .anti: .anti
            }
        if kind == .right || kind == .full,
            !right.plan.freeColumns.isDisjoint(with: left.plan.columns.map(\.id))
        {
            throw error(
                .invalidColumnReference,
                "the right side of a \(kind.rawValue.uppercased()) JOIN cannot use columns of the "
                    + "left", join.right.range, hint: "JOIN and LEFT JOIN can")
        }
        var item: FromItem
        switch join.condition {
        case .none:
            item = joined(kind, left, right, on: .trueLiteral)
        case .on(let condition):
            let both = joined(.inner, left, right, on: .trueLiteral)
            let context = ExpressionContext(
                both.scope(parent: outer), clause: "JOIN/ON", common: common)
            item = joined(kind, left, right, on: try bindCondition(condition, context))
        case .using(let names):
            item = try merged(kind, left, right, names, join.range, isAsof: join.isAsof)
        case .natural:
            let names = left.visible.map { Identifier($0.name, isQuoted: true, range: join.range) }
                .filter { name in
                    right.visible.contains {
                        Identifier.folded($0.name) == Identifier.folded(name.name)
                    }
                }
            item = try merged(kind, left, right, names, join.range)
        }
        if join.isAsof, case .join(let plan) = item.plan {
            item.plan = try nearest(plan, join.range)
        }
        if kind == .semi || kind == .anti {
            item.relations = left.relations
            item.visible = left.visible
        }
        return item
    }

    /// Rows with the same number, in their order; NULLs beside those of the longer side.
    private func positional(
        _ left: FromItem, _ right: FromItem, _ range: SourceRange
    ) throws(IglooError) -> FromItem {
        guard right.plan.freeColumns.isDisjoint(with: left.plan.columns.map(\.id)) else {
            throw error(
                .invalidColumnReference,
                "the right side of a POSITIONAL JOIN cannot use columns of the left", range)
        }
        var (left, right) = (left, right)
        let numbers = (number(&left.plan), number(&right.plan))
        var item = joined(
            .full, left, right,
            on: .call("=", [numbers.0.reference, numbers.1.reference], .bool))
        let place = Expression.call(
            "coalesce", [numbers.0.reference, numbers.1.reference], .int64)
        item.plan = .sort(item.plan, [SortKey(place)])
        return item
    }

    /// A column that numbers the rows.
    func number(_ plan: inout LogicalPlan) -> PlanColumn {
        let column = newColumn("number", .int64)
        let call = WindowCall(
            AggregateCall("row_number", [], type: .int64),
            frame: IglooPlan.WindowFrame(.rows, from: .unboundedPreceding, to: .currentRow))
        plan = .window(
            Window(
                plan, partition: [], order: [], calls: [WindowColumn(column: column, call: call)]))
        return column
    }

    /// USING: equal columns of both sides, which become one.
    private func merged(
        _ kind: Join.Kind, _ left: FromItem, _ right: FromItem, _ names: [Identifier],
        _ range: SourceRange, isAsof: Bool = false
    ) throws(IglooError) -> FromItem {
        var conditions: [Expression] = []
        var columns: [NamedColumn] = []
        for (index, name) in names.enumerated() {
            let leftColumn = try usingColumn(name, left, "left")
            let rightColumn = try usingColumn(name, right, "right")
            let leftValue = BoundExpression(try usable(leftColumn, name.range), name.range)
            let rightValue = BoundExpression(try usable(rightColumn, name.range), name.range)
            // The last column of an ASOF join is the one that may lie before.
            let isLast = isAsof && index == names.count - 1
            let sign = Operator(isLast ? ">=" : "=", range: name.range)
            let equal = try call(sign.symbol, [leftValue, rightValue], name.range, sign)
            conditions.append(equal)
            let value: Expression =
                switch kind {
                case .full:
                    try call("coalesce", [leftValue, rightValue], name.range, nil)
                case .right: rightValue.expression
                default: leftValue.expression
                }
            columns.append(
                NamedColumn(name: leftColumn.name, expression: value, sourceType: value.type))
        }
        var item = joined(kind, left, right, on: .conjunction(conditions))
        let merged = Set(names.map { Identifier.folded($0.name) })
        item.visible =
            columns
            + item.visible.filter { !merged.contains(Identifier.folded($0.name)) }
        return item
    }

    private func usingColumn(
        _ name: Identifier, _ item: FromItem, _ side: String
    ) throws(IglooError) -> NamedColumn {
        switch Scope(parent: nil, visible: item.visible).column(name) {
        case .one(let column): return column
        case .ambiguous:
            throw error(
                .ambiguousColumn,
                "common column name \"\(name)\" appears more than once in \(side) table", name.range
            )
        case .none:
            let hint = NearestName.among(item.visible.map(\.name), to: name.written)
            throw error(
                .undefinedColumn,
                "column \"\(name)\" specified in USING clause does not exist in \(side) table",
                name.range, hint: hint.map { "did you mean \"\($0)\"?" })
        }
    }
}
