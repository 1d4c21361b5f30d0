// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// PIVOT: groups, with an aggregate of its own for each value that becomes a column.
extension Binder {
    /// Columns that one PIVOT makes, at most.
    private static let pivotColumnCountMax = 10_000

    /// A value of an axis, or of several: the column's name, and the condition for its rows.
    private struct PivotChoice {
        var name: String
        var conditions: [Expression]
    }

    func bind(
        _ pivot: Pivot, outer: Scope?, common: CommonTableScope?
    ) throws(IglooError) -> FromItem {
        var source = try bind(pivot.source, outer: outer, common: common)
        let scope = source.scope(parent: outer)
        func context(_ grouping: Grouping?) -> ExpressionContext {
            ExpressionContext(scope, clause: "PIVOT", common: common, grouping: grouping)
        }
        let aggregates = Self.aggregates(of: pivot)
        var choices = [PivotChoice(name: "", conditions: [])]
        var used = try columnsUsed(aggregates, context(Grouping()))
        for axis in pivot.axes {
            let values = try bind(axis.expressions, context(nil))
            for value in values { used.formUnion(value.expression.referencedColumns) }
            let columns = computed(values, over: &source.plan)
            let own = try self.choices(axis, columns, of: source.plan, context(nil))
            guard choices.count * own.count * aggregates.count <= Self.pivotColumnCountMax else {
                throw IglooError(
                    .resourceExhausted,
                    "PIVOT would make more than \(Self.pivotColumnCountMax) columns",
                    hint: "name the values: ON x IN (1, 2, 3)",
                    sqlState: SQLState(rawValue: "54011"), position: pivot.range.start)
            }
            choices = choices.flatMap { left in
                own.map { right in
                    PivotChoice(
                        name: left.name.isEmpty ? right.name : left.name + "_" + right.name,
                        conditions: left.conditions + right.conditions)
                }
            }
        }
        let grouping = Grouping()
        grouping.isGrouped = true
        grouping.keys = try keys(pivot, source, used, context(nil))
        var outputs = grouping.keys.map {
            Projection(
                column: newColumn($0.column.name, $0.column.type),
                expression: $0.column.reference)
        }
        let rewriter = GroupedRewriter(
            grouping, from: source.plan, groupingValues: [:], binder: self)
        for choice in choices {
            for aggregate in aggregates {
                let context = context(grouping)
                context.aggregateFilter =
                    choice.conditions.isEmpty ? nil : .conjunction(choice.conditions)
                var value = try bind(aggregate.expression, context).expression
                try rewriter.rewrite(&value)
                let name = Self.name(choice.name, aggregate, isOnly: aggregates.count == 1)
                outputs.append(Projection(column: newColumn(name, value.type), expression: value))
            }
        }
        let groups = LogicalPlan.aggregate(
            source.plan, keys: grouping.keys, calls: grouping.calls)
        return try named(.project(groups, outputs), [], pivot.alias, pivot.range)
    }

    private static func aggregates(of pivot: Pivot) -> [SelectItem] {
        guard pivot.aggregates.isEmpty else { return pivot.aggregates }
        var count = FunctionCall(
            name: QualifiedName([Identifier("count", range: pivot.range)], range: pivot.range))
        count.isStar = true
        return [SelectItem(expression: ExpressionSyntax(.call(count), pivot.range))]
    }

    /// `2024`, `2024_total`, or `2024_sum(x)`.
    private static func name(_ choice: String, _ aggregate: SelectItem, isOnly: Bool) -> String {
        if isOnly, aggregate.alias == nil, !choice.isEmpty { return choice }
        let own = aggregate.alias?.written ?? SQLPrinter.text(of: aggregate.expression)
        return choice.isEmpty ? own : choice + "_" + own
    }

    /// What the aggregates are computed from, and what stands beside them.
    private func columnsUsed(
        _ aggregates: [SelectItem], _ context: ExpressionContext
    ) throws(IglooError) -> Set<ColumnId> {
        var used: Set<ColumnId> = []
        for aggregate in aggregates {
            let before = context.grouping?.calls.count
            used.formUnion(try bind(aggregate.expression, context).expression.referencedColumns)
            guard context.grouping?.calls.count != before else {
                throw error(
                    .groupingError, "what PIVOT puts into its columns must be an aggregate",
                    aggregate.expression.range, hint: "for example sum(x), first(x), count(*)")
            }
        }
        for call in context.grouping?.calls ?? [] {
            for expression in call.call.expressions {
                used.formUnion(expression.referencedColumns)
            }
        }
        return used
    }

    /// The values as columns of the plan, so that they are computed once.
    private func computed(
        _ values: [BoundExpression], over plan: inout LogicalPlan
    ) -> [BoundExpression] {
        var projections: [Projection] = []
        let columns = values.map { value -> BoundExpression in
            if case .column = value.expression { return value }
            let column = newColumn("pivot", value.type)
            projections.append(Projection(column: column, expression: value.expression))
            return BoundExpression(column.reference, value.range)
        }
        if !projections.isEmpty {
            let kept = plan.columns.map { Projection(column: $0, expression: $0.reference) }
            plan = .project(plan, kept + projections)
        }
        return columns
    }

    private func keys(
        _ pivot: Pivot, _ source: FromItem, _ used: Set<ColumnId>, _ context: ExpressionContext
    ) throws(IglooError) -> [Projection] {
        if let groups = pivot.groups {
            var keys: [Projection] = []
            for (syntax, value) in zip(groups, try bind(groups, context)) {
                let name = value.columnName ?? columnName(syntax, value.expression)
                keys.append(
                    Projection(column: newColumn(name, value.type), expression: value.expression))
            }
            return keys
        }
        var keys: [Projection] = []
        for column in source.visible {
            let value = try usable(column, pivot.range)
            guard value.referencedColumns.isDisjoint(with: used) else { continue }
            keys.append(Projection(column: newColumn(column.name, value.type), expression: value))
        }
        return keys
    }

    // MARK: - The values that become columns

    private func choices(
        _ axis: Pivot.Axis, _ columns: [BoundExpression], of source: LogicalPlan,
        _ context: ExpressionContext
    ) throws(IglooError) -> [PivotChoice] {
        let rows: [(values: [BoundExpression], alias: String?)]
        switch axis.choices {
        case .listed(let listed): rows = try constants(listed, columns.count, context)
        case .query(let query):
            let bound = try bind(query, outer: nil, common: context.common)
            guard bound.columns.count == columns.count else {
                throw error(
                    .syntaxError, "subquery must return \(columns.count) columns", query.range)
            }
            rows = try found(bound.plan, query.range, context)
        case .found:
            rows = try found(valuesFound(columns, in: source), columns[0].range, context)
        }
        let names = try texts(of: rows.map(\.values), columns[0].range)
        var choices: [PivotChoice] = []
        for (row, texts) in zip(rows, names) {
            var conditions: [Expression] = []
            for (column, value) in zip(columns, row.values) {
                if case .literal(.null, _) = value.expression {
                    conditions.append(.call("is_null", [column.expression], .bool))
                } else {
                    let sign = Operator("=", range: value.range)
                    conditions.append(try call("=", [column, value], value.range, sign))
                }
            }
            let name = row.alias ?? texts.joined(separator: "_")
            choices.append(PivotChoice(name: name, conditions: conditions))
        }
        return choices
    }

    private func constants(
        _ listed: [Pivot.Choice], _ count: Int, _ context: ExpressionContext
    ) throws(IglooError) -> [(values: [BoundExpression], alias: String?)] {
        let nothing = ExpressionContext(
            Scope(parent: nil), clause: "the values of PIVOT", common: context.common)
        var rows: [(values: [BoundExpression], alias: String?)] = []
        for choice in listed {
            guard choice.values.count == count else {
                throw error(
                    .syntaxError,
                    "PIVOT compares \(count) expressions with \(choice.values.count) values",
                    choice.values[0].range)
            }
            rows.append((try bind(choice.values, nothing), choice.alias?.written))
        }
        return rows
    }

    /// The distinct values of columns, NULLs aside, in their order.
    private func valuesFound(
        _ columns: [BoundExpression], in source: LogicalPlan
    ) -> LogicalPlan {
        let values = columns.map {
            Projection(column: newColumn("value", $0.type), expression: $0.expression)
        }
        let isKnown = values.map { Expression.call("is_not_null", [$0.column.reference], .bool) }
        return .sort(
            .distinct(
                .filter(.project(source, values), .conjunction(isKnown)), on: [], order: []),
            values.map { SortKey($0.column.reference) })
    }

    /// A plan's rows, now, as constants.
    private func found(
        _ plan: LogicalPlan, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> [(values: [BoundExpression], alias: String?)] {
        let whole = shared(plan, context.common, until: nil)
        guard whole.freeColumns.isEmpty else {
            throw IglooError(
                .unsupported,
                "PIVOT finds its values before it runs: they cannot depend on the "
                    + "query around it", hint: "name them: ON x IN (1, 2, 3)",
                position: range.start)
        }
        let types = plan.columns.map(\.type)
        let countMax = Self.pivotColumnCountMax + 1
        let rows = try evaluated(.limit(whole, count: Int64(countMax), offset: 0), range)
        return rows.map { row in
            (zip(row, types).map { BoundExpression(.literal($0, $1), range) }, nil)
        }
    }

    private func texts(
        of rows: [[BoundExpression]], _ range: SourceRange
    ) throws(IglooError) -> [[String]] {
        guard let width = rows.first?.count, width > 0 else { return [] }
        var cells: [[Expression]] = []
        for row in rows {
            for value in row where !value.expression.referencedColumns.isEmpty {
                throw error(.syntaxError, "the values of PIVOT must be constants", value.range)
            }
            cells.append(row.map { .cast($0.expression, .utf8View, isTry: false) })
        }
        let columns = (0..<width).map { _ in newColumn("text", .utf8View) }
        return try evaluated(.values(cells, columns: columns), range).map { row in
            row.map { if case .text(let text) = $0 { text } else { "NULL" } }
        }
    }
}
