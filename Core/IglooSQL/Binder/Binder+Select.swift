// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

/// One column of a select list, bound.
struct OutputItem {
    var name: String
    /// For GROUP BY ordinals and aliases; `nil` for columns of a star.
    var syntax: ExpressionSyntax?
    var value: BoundExpression
}

// SELECT: clause by clause, in the order in which they are evaluated.
extension Binder {
    func bind(
        _ select: Select, orderBy: OrderBy?, outer: Scope?, common: CommonTableScope?
    ) throws(IglooError) -> BoundQuery {
        let from = try bindFrom(select.from, outer: outer, common: common)
        let scope = from.scope(parent: outer)
        let grouping = Grouping()
        let windows = WindowCalls(select.windows)
        let rows = RowCalls()
        let aliases = Self.aliases(select.items)
        func context(
            _ clause: String, allowsAggregates: Bool = true, allowsWindows: Bool = true,
            allowsRows: Bool = true
        ) -> ExpressionContext {
            let context = ExpressionContext(
                scope, clause: clause, common: common,
                grouping: allowsAggregates ? grouping : nil, aliases: aliases)
            if allowsAggregates && allowsWindows { context.windows = windows }
            if allowsRows { context.rowCalls = rows }
            return context
        }
        var plan = from.plan
        if let filter = select.filter {
            let condition = try bindCondition(
                filter, context("WHERE", allowsAggregates: false, allowsRows: false))
            plan = .filter(plan, condition)
        }
        var items = try bindItems(select.items, context("SELECT"))
        guard !items.isEmpty else {
            throw error(.syntaxError, "SELECT without columns", select.range)
        }
        try bindGroupBy(
            select, items, context("GROUP BY", allowsAggregates: false), grouping, windows)
        var having: Expression?
        if let condition = select.having {
            grouping.isGrouped = true
            having = try bindCondition(
                condition, context("HAVING", allowsWindows: false, allowsRows: false))
        }
        var qualify: Expression?
        if let condition = select.qualify {
            qualify = try bindCondition(condition, context("QUALIFY", allowsRows: false))
        }
        var order = try bindOrder(orderBy, select, items, context("ORDER BY"))
        var on = try bindDistinctOn(select.distinct, items, context("DISTINCT ON"))
        var rowsLeft: RowCalls? = rows
        if grouping.isGrouped || !grouping.calls.isEmpty {
            let groupsByRows = grouping.keys.contains { rows.isUsed(in: $0.expression) }
            if groupsByRows {
                try requireNoAggregate(in: rows, grouping, select.range)
                plan = rows.applied(to: plan)
            }
            let rewriter = GroupedRewriter(grouping, from: plan, binder: self)
            plan = .aggregate(plan, keys: grouping.keys, calls: grouping.calls)
            rowsLeft = groupsByRows ? nil : rows
            for index in items.indices { try rewriter.rewrite(&items[index].value.expression) }
            for index in order.indices { try rewriter.rewrite(&order[index].value) }
            for index in on.indices { try rewriter.rewrite(&on[index].value) }
            if var condition = qualify {
                try rewriter.rewrite(&condition)
                qualify = condition
            }
            try windows.mapExpressions { (expression) throws(IglooError) in
                var expression = expression
                try rewriter.rewrite(&expression)
                return expression
            }
            if var condition = having {
                try rewriter.rewrite(&condition)
                plan = .filter(plan, condition)
            }
            try rowsLeft?.mapExpressions { (expression) throws(IglooError) in
                var expression = expression
                try rewriter.rewrite(&expression)
                return expression
            }
        }
        plan = windows.applied(to: plan)
        if let qualify { plan = .filter(plan, qualify) }
        plan = rowsLeft?.applied(to: plan) ?? plan
        return try projected(plan, select, items, order, on)
    }

    /// The first item of each alias.
    private static func aliases(_ items: [SelectItem]) -> [String: ExpressionSyntax] {
        var aliases: [String: ExpressionSyntax] = [:]
        for item in items {
            guard let alias = item.alias else { continue }
            let name = Identifier.folded(alias.name)
            if aliases[name] == nil { aliases[name] = item.expression }
        }
        return aliases
    }

    // MARK: - Select list

    func bindItems(
        _ items: [SelectItem], _ context: ExpressionContext
    ) throws(IglooError) -> [OutputItem] {
        var output: [OutputItem] = []
        for item in items {
            if case .star(let star) = item.expression.kind {
                output += try expand(star, item.expression.range, context)
                continue
            }
            let value = try bind(item.expression, context)
            let name =
                item.alias?.written ?? value.columnName
                ?? columnName(item.expression, value.expression)
            output.append(OutputItem(name: name, syntax: item.expression, value: value))
        }
        return output
    }

    private func expand(
        _ star: Star, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> [OutputItem] {
        var columns = context.scope.visible
        if let qualifier = star.qualifier {
            guard let relation = context.scope.relations(named: qualifier.parts[...]).first else {
                throw unknownRelation(qualifier, context.scope)
            }
            columns = relation.columns.filter { !$0.isHidden }
        } else if context.scope.relations.isEmpty {
            throw error(.syntaxError, "SELECT * with no tables specified is not valid", range)
        }
        try checkNames(star, columns)
        var output: [OutputItem] = []
        for column in columns {
            let folded = Identifier.folded(column.name)
            if star.excluded.contains(where: { Self.folded($0) == folded }) { continue }
            let renaming = star.renamed.first { Identifier.folded($0.column.name) == folded }
            let name = renaming?.name.written ?? column.name
            if let replacement = star.replaced.first(where: {
                Identifier.folded($0.name.name) == folded
            }) {
                let value = try bind(replacement.value, context)
                output.append(OutputItem(name: name, syntax: nil, value: value))
                continue
            }
            let expression = try usable(column, range)
            record(expression, column.name, range, context)
            output.append(
                OutputItem(name: name, syntax: nil, value: BoundExpression(expression, range)))
        }
        return output
    }

    /// Each name that EXCLUDE, REPLACE or RENAME mentions must be there.
    private func checkNames(_ star: Star, _ columns: [NamedColumn]) throws(IglooError) {
        let mentioned =
            star.excluded.compactMap(\.parts.last) + star.replaced.map(\.name)
            + star.renamed.map(\.column)
        let names = Set(columns.map { Identifier.folded($0.name) })
        for name in mentioned where !names.contains(Identifier.folded(name.name)) {
            throw unknownColumn(name.written, columns.map(\.name), name.range)
        }
    }

    private static func folded(_ name: QualifiedName) -> String? {
        name.parts.last.map { Identifier.folded($0.name) }
    }

    // MARK: - Projection, DISTINCT, ORDER BY

    private func projected(
        _ input: LogicalPlan, _ select: Select, _ items: [OutputItem], _ order: [BoundSortItem],
        _ on: [BoundSortItem]
    ) throws(IglooError) -> BoundQuery {
        var projections = items.map { item in
            Projection(
                column: newColumn(item.name, item.value.type), expression: item.value.expression)
        }
        let outputCount = projections.count
        // Keys that are no output column become hidden ones, to be dropped after the sort.
        func reference(_ item: BoundSortItem) -> Expression {
            if let output = item.output { return projections[output].column.reference }
            if let same = projections.first(where: { $0.expression == item.value }) {
                return same.column.reference
            }
            let hidden = Projection(
                column: newColumn(item.name, item.value.type), expression: item.value)
            projections.append(hidden)
            return hidden.column.reference
        }
        // A constant orders nothing.
        let keys = order.filter { item in
            if case .literal = item.value { item.output != nil } else { true }
        }.map {
            sortKey(reference($0), isDescending: $0.isDescending, nullsFirst: $0.nullsFirst)
        }
        let onKeys = on.map { reference($0) }
        if select.distinct == .rows, projections.count > outputCount,
            let place = order.first(
                where: { item in
                    item.output == nil && !items.contains { $0.value.expression == item.value }
                })
        {
            throw error(
                .invalidColumnReference,
                "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                place.range)
        }
        var plan = LogicalPlan.project(input, projections)
        if let distinct = select.distinct {
            plan =
                distinct == .rows
                ? .distinct(plan, on: [], order: [])
                : .distinct(plan, on: onKeys, order: keys)
        }
        if !keys.isEmpty { plan = .sort(plan, keys) }
        if projections.count > outputCount {
            let kept = projections.prefix(outputCount).map { projection in
                Projection(
                    column: newColumn(projection.column.name, projection.column.type),
                    expression: projection.column.reference)
            }
            plan = .project(plan, kept)
        }
        return BoundQuery(plan, isOpen: items.map(\.value.isOpen))
    }
}
