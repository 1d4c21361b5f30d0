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
        var from = try bindFrom(select.from, outer: outer, common: common)
        if let sample = select.sample { from.plan = try self.sample(from.plan, sample) }
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
        let items = try bindItems(select.items, context("SELECT"))
        guard !items.isEmpty else {
            throw error(.syntaxError, "SELECT without columns", select.range)
        }
        try bindGroupBy(
            select, items, context("GROUP BY", allowsAggregates: false), grouping, windows)
        var parts = SelectParts(items: items)
        if let condition = select.having {
            grouping.isGrouped = true
            parts.having = try bindCondition(
                condition, context("HAVING", allowsWindows: false, allowsRows: false))
        }
        if let condition = select.qualify {
            parts.qualify = try bindCondition(condition, context("QUALIFY", allowsRows: false))
        }
        parts.order = try bindOrder(orderBy, select, items, context("ORDER BY"))
        parts.on = try bindDistinctOn(select.distinct, items, context("DISTINCT ON"))
        var rowsLeft = rows
        if grouping.isGrouped || !grouping.calls.isEmpty {
            if grouping.keys.contains(where: { rows.isUsed(in: $0.expression) }) {
                try requireNoAggregate(in: rows, grouping, select.range)
                plan = rows.applied(to: plan)
                rowsLeft = RowCalls()
            }
            plan = try grouped(plan, &parts, grouping, windows, rowsLeft)
        }
        plan = windows.applied(to: plan)
        if let qualify = parts.qualify { plan = .filter(plan, qualify) }
        plan = rowsLeft.applied(to: plan)
        return try projected(plan, select, parts.items, parts.order, parts.on)
    }

    /// What a SELECT computes once its rows are there.
    private struct SelectParts {
        var items: [OutputItem]
        var having: Expression?
        var qualify: Expression?
        var order: [BoundSortItem] = []
        var on: [BoundSortItem] = []
    }

    /// The groups that HAVING leaves; all that is computed from them now speaks of groups.
    private func grouped(
        _ input: LogicalPlan, _ parts: inout SelectParts, _ grouping: Grouping,
        _ windows: WindowCalls, _ rows: RowCalls
    ) throws(IglooError) -> LogicalPlan {
        let set = newColumn("set", .int64)
        let rewriter = GroupedRewriter(
            grouping, from: input, groupingValues: try groupingValues(grouping, set), binder: self)
        func rewritten(_ expression: Expression) throws(IglooError) -> Expression {
            var expression = expression
            try rewriter.rewrite(&expression)
            return expression
        }
        for index in parts.items.indices {
            try rewriter.rewrite(&parts.items[index].value.expression)
        }
        for index in parts.order.indices { try rewriter.rewrite(&parts.order[index].value) }
        for index in parts.on.indices { try rewriter.rewrite(&parts.on[index].value) }
        if let condition = parts.qualify { parts.qualify = try rewritten(condition) }
        try windows.mapExpressions(rewritten)
        try rows.mapExpressions(rewritten)
        let groups = grouped(input, grouping, set)
        guard let having = parts.having else { return groups }
        return .filter(groups, try rewritten(having))
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
            if item.alias == nil, let fields = try unnested(item.expression, context) {
                output += fields
                continue
            }
            try expanded(context) { () throws(IglooError) in
                let value = try bind(item.expression, context)
                let name =
                    try item.alias.map { (alias) throws(IglooError) in
                        try expandedName(alias, item.expression, context)
                    } ?? value.columnName ?? context.expandedColumn?.name
                    ?? columnName(item.expression, value.expression)
                output.append(OutputItem(name: name, syntax: item.expression, value: value))
            }
        }
        return output
    }

    func expand(
        _ star: Star, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> [OutputItem] {
        if let fields = try fields(of: star, range, context) { return fields }
        var columns = context.scope.visible
        if let qualifier = star.qualifier {
            if let relation = context.scope.relations(named: qualifier.parts[...]).first {
                columns = relation.columns.filter { !$0.isHidden }
            } else if let fields = try fields(of: qualifier, context) {
                columns = fields
            } else {
                throw unknownRelation(qualifier, context.scope)
            }
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

    /// Of `column.*`, where the column holds structures.
    private func fields(
        of name: QualifiedName, _ context: ExpressionContext
    ) throws(IglooError) -> [NamedColumn]? {
        guard let value = try? bindColumn(name, context), case .structure(let fields) = value.type
        else { return nil }
        var columns: [NamedColumn] = []
        for item in fields {
            let label = Identifier(item.name, isQuoted: true, range: name.range)
            columns.append(
                NamedColumn(
                    name: item.name, expression: try field(label, of: value.expression),
                    sourceType: item.type))
        }
        return columns
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

    static func folded(_ name: QualifiedName) -> String? {
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
