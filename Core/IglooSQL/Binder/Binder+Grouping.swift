// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

extension Binder {
    /// Fills the grouping's keys.
    func bindGroupBy(
        _ select: Select, _ items: [OutputItem], _ context: ExpressionContext,
        _ grouping: Grouping, _ windows: WindowCalls
    ) throws(IglooError) {
        switch select.groupBy {
        case nil: return
        case .all:
            grouping.isGrouped = true
            let calls = Set(grouping.calls.map(\.column.id))
            for item in items {
                let value = item.value.expression
                let isAggregate = !value.referencedColumns.isDisjoint(with: calls)
                let isConstant = if case .literal = value { true } else { false }
                if !isAggregate, !isConstant, !windows.isUsed(in: value) {
                    addKey(value, item.name, grouping)
                }
            }
            grouping.sets = [Array(grouping.keys.indices)]
        case .elements(let elements)?:
            grouping.isGrouped = true
            var sets: [[Int]] = [[]]
            for element in elements {
                let more = try bindSets(element, select, items, context, grouping)
                sets = sets.flatMap { left in more.map { left + $0 } }
                try checkCount(of: sets, select.range)
            }
            grouping.sets = sets.map { set in
                var seen: Set<Int> = []
                return set.filter { seen.insert($0).inserted }
            }
        }
    }

    /// The key's index; keys that say the same are one.
    @discardableResult
    private func addKey(_ value: Expression, _ name: String, _ grouping: Grouping) -> Int {
        if let known = grouping.keys.firstIndex(where: { $0.expression == value }) { return known }
        grouping.keys.append(Projection(column: newColumn(name, value.type), expression: value))
        return grouping.keys.count - 1
    }

    private func checkCount(of sets: [[Int]], _ range: SourceRange) throws(IglooError) {
        guard sets.count <= Self.groupingSetCountMax else {
            throw tooComplex("more than \(Self.groupingSetCountMax) grouping sets", range)
        }
    }

    /// The sets that an element of GROUP BY stands for.
    private func bindSets(
        _ element: GroupingElement, _ select: Select, _ items: [OutputItem],
        _ context: ExpressionContext, _ grouping: Grouping
    ) throws(IglooError) -> [[Int]] {
        func keys(_ parts: [[ExpressionSyntax]]) throws(IglooError) -> [[Int]] {
            var keys: [[Int]] = []
            for part in parts {
                var set: [Int] = []
                for expression in part {
                    set += try bindKey(expression, select, items, context, grouping)
                }
                keys.append(set)
            }
            return keys
        }
        switch element {
        case .empty: return [[]]
        case .expression(let expression):
            return [try bindKey(expression, select, items, context, grouping)]
        case .rollup(let parts, _):
            let keys = try keys(parts)
            return (0...keys.count).reversed().map { Array(keys[..<$0].joined()) }
        case .cube(let parts, let range):
            let keys = try keys(parts)
            guard keys.count <= 12 else { throw tooComplex("CUBE of more than 12 keys", range) }
            return (0..<1 << keys.count).reversed().map { mask in
                Array(
                    keys.enumerated().filter { mask >> (keys.count - 1 - $0.offset) & 1 == 1 }
                        .map(\.element).joined())
            }
        case .sets(let elements, let range):
            var sets: [[Int]] = []
            for element in elements {
                sets += try bindSets(element, select, items, context, grouping)
                try checkCount(of: sets, range)
            }
            return sets
        }
    }

    /// The keys of an expression: a row has several.
    private func bindKey(
        _ expression: ExpressionSyntax, _ select: Select, _ items: [OutputItem],
        _ context: ExpressionContext, _ grouping: Grouping
    ) throws(IglooError) -> [Int] {
        if let ordinal = try ordinal(expression, items.count, "GROUP BY") {
            let value = items[ordinal].value
            try requireNoAggregate(value, grouping, expression.range)
            return [addKey(value.expression, items[ordinal].name, grouping)]
        }
        if case .row(let values) = expression.kind {
            var keys: [Int] = []
            for value in values {
                keys += try bindKey(value, select, items, context, grouping)
            }
            return keys
        }
        if let item = try queryItem(expression, items, context) {
            try requireNoAggregate(item.value, grouping, expression.range)
            return [addKey(item.value.expression, item.name, grouping)]
        }
        let value = try bind(expression, context)
        return [addKey(value.expression, columnName(expression, value.expression), grouping)]
    }

    /// The select item that is meant, if it has a query in it: bound again it would be another.
    private func queryItem(
        _ expression: ExpressionSyntax, _ items: [OutputItem], _ context: ExpressionContext
    ) throws(IglooError) -> OutputItem? {
        var meant = expression
        if case .column(let name) = expression.kind, name.parts.count == 1,
            let aliased = context.aliases[Identifier.folded(name.parts[0].name)],
            try bindExistingColumn(name, context) == nil
        {
            meant = aliased
        }
        return items.first { item in
            item.syntax == meant
                && item.value.expression.contains {
                    if case .subquery = $0 { true } else { false }
                }
        }
    }

    /// Rows that are grouped by come before the groups.
    func requireNoAggregate(
        in rows: RowCalls, _ grouping: Grouping, _ range: SourceRange
    ) throws(IglooError) {
        for generator in rows.generators {
            for expression in generator.source.expressions {
                try requireNoAggregate(BoundExpression(expression, range), grouping, range)
            }
        }
    }

    private func requireNoAggregate(
        _ value: BoundExpression, _ grouping: Grouping, _ range: SourceRange
    ) throws(IglooError) {
        let calls = Set(grouping.calls.map(\.column.id))
        guard value.expression.referencedColumns.isDisjoint(with: calls) else {
            throw error(
                .groupingError, "aggregate functions are not allowed in GROUP BY", range)
        }
    }
}

/// Turns expressions over the rows into expressions over the groups: each group key becomes its
/// column, and what is neither key nor aggregate is an error.
struct GroupedRewriter {
    private let grouping: Grouping
    private let binder: Binder
    /// The columns that are gone once rows are grouped.
    private let inputs: Set<ColumnId>
    /// What the calls of GROUPING come to.
    private let groupingValues: [ColumnId: Expression]

    init(
        _ grouping: Grouping, from plan: LogicalPlan, groupingValues: [ColumnId: Expression],
        binder: Binder
    ) {
        self.grouping = grouping
        self.binder = binder
        self.groupingValues = groupingValues
        inputs = Set(plan.columns.map(\.id))
    }

    func rewrite(_ expression: inout Expression) throws(IglooError) {
        expression = try rewritten(expression)
    }

    private func rewritten(_ expression: Expression) throws(IglooError) -> Expression {
        if let key = grouping.keys.first(where: { $0.expression == expression }) {
            return key.column.reference
        }
        switch expression {
        case .column(let id, _):
            if let value = groupingValues[id] { return value }
            guard inputs.contains(id) else { return expression }
            throw ungrouped(
                id, "must appear in the GROUP BY clause or be used in an aggregate function")
        case .subquery(var subquery):
            subquery.plan = try rewritten(subquery.plan)
            return try Expression.subquery(subquery).mapChildren { (child) throws(IglooError) in
                try rewritten(child)
            }
        default:
            return try expression.mapChildren { (child) throws(IglooError) in
                try rewritten(child)
            }
        }
    }

    /// A correlated subquery's plan: its outer columns are those of the groups.
    private func rewritten(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan {
        guard !plan.freeColumns.isDisjoint(with: inputs) else { return plan }
        let inner = try plan.mapInputs { (input) throws(IglooError) in try rewritten(input) }
        return try inner.mapExpressions { (expression) throws(IglooError) in
            try rewritten(expression)
        }
    }

    private func ungrouped(_ id: ColumnId, _ rule: String) -> IglooError {
        let place = grouping.references.first { $0.id == id }
        return binder.error(
            .groupingError, "column \"\(place?.name ?? "?")\" \(rule)",
            place?.range ?? SourceRange(0, 0))
    }
}
