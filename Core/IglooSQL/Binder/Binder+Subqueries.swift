// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Queries within expressions; they see the names of the queries around them.
extension Binder {
    func bindSubquery(
        _ syntax: ExpressionSyntax, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        let before = context.scope.current
        context.scope.current = context
        defer { context.scope.current = before }
        switch syntax.kind {
        case .query(let query):
            let bound = try bind(query, outer: context.scope, common: context.common)
            let column = try onlyColumn(bound, syntax.range)
            noteReferences(bound.plan, syntax.range, context)
            return .subquery(Subquery(kind: .scalar, plan: bound.plan, type: column.type))
        case .exists(let query):
            let bound = try bind(query, outer: context.scope, common: context.common)
            noteReferences(bound.plan, syntax.range, context)
            return .subquery(
                Subquery(kind: .exists(isNegated: false), plan: bound.plan, type: .bool))
        case .inQuery(let value, let query, let isNegated):
            let sign = Operator(isNegated ? "<>" : "=", range: value.range)
            return try bind(value, sign, isAll: isNegated, query, syntax.range, context)
        case .quantified(let value, let sign, let isAll, .query(let query)):
            guard sign.isComparison else {
                throw unsupported("ANY and ALL with \(sign.symbol) are", sign.range)
            }
            return try bind(value, sign, isAll: isAll, query, syntax.range, context)
        case .quantified(let value, let sign, let isAll, .array(let array)):
            return try bindQuantified(value, sign, isAll: isAll, array, syntax.range, context)
        case .arrayQuery(let query):
            let bound = try bind(query, outer: context.scope, common: context.common)
            noteReferences(bound.plan, syntax.range, context)
            return collected(bound.plan, try onlyColumn(bound, syntax.range))
        default: throw unsupported("this query is", syntax.range)
        }
    }

    /// `ARRAY(query)`: the column's values as a list, in the query's order; without rows, empty.
    private func collected(_ plan: LogicalPlan, _ column: PlanColumn) -> Expression {
        var (input, value) = (plan, column.reference)
        if case .project(let inner, let projections) = input,
            let projection = projections.first(where: { $0.column.id == column.id })
        {
            (input, value) = (inner, projection.expression)
        }
        var sorted = input
        while case .limit(let inner, _, _) = sorted { sorted = inner }
        var order: [SortKey] = []
        if case .sort(_, let keys) = sorted { order = keys }
        let type = DataType.list(of: column.type)
        let list = newColumn("array", type)
        let call = AggregateCall("array_agg", [value], order: order, type: type)
        let whole = LogicalPlan.aggregate(
            input, keys: [], calls: [AggregateColumn(column: list, call: call)])
        let query = Expression.subquery(Subquery(kind: .scalar, plan: whole, type: type))
        return .call("coalesce", [query, .literal(.list([]), type)], type)
    }

    private func onlyColumn(
        _ bound: BoundQuery, _ range: SourceRange
    ) throws(IglooError) -> PlanColumn {
        guard bound.columns.count == 1 else {
            throw error(.syntaxError, "subquery must return only one column", range)
        }
        return bound.columns[0]
    }

    /// `value sign ANY|ALL (query)`, both sides in their common type; a row has a value for each
    /// column of the query.
    private func bind(
        _ value: ExpressionSyntax, _ sign: Operator, isAll: Bool, _ query: Query,
        _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        var values = [value]
        if case .row(let elements) = value.kind { values = elements }
        let left = try bind(values, context)
        let bound = try bind(query, outer: context.scope, common: context.common)
        noteReferences(bound.plan, range, context)
        guard bound.columns.count == values.count else {
            throw error(
                .syntaxError,
                values.count == 1
                    ? "subquery must return only one column"
                    : "subquery has too \(bound.columns.count < values.count ? "few" : "many") columns",
                range)
        }
        var compared: [Expression] = []
        var projections: [Projection] = []
        for (value, column) in zip(left, bound.columns) {
            let right = BoundExpression(column.reference, range)
            let comparison = try call(sign.symbol, [value, right], range, sign)
            guard case .call(_, let arguments, _) = comparison, arguments.count == 2 else {
                throw unsupported("this comparison with a query is", range)
            }
            compared.append(arguments[0])
            projections.append(
                Projection(
                    column: newColumn(column.name, arguments[1].type), expression: arguments[1]))
        }
        var plan = bound.plan
        if projections.map(\.expression) != bound.columns.map(\.reference) {
            plan = .project(plan, projections)
        }
        let kind: Subquery.Kind =
            isAll
            ? .all(compared, comparison: sign.symbol) : .any(compared, comparison: sign.symbol)
        return .subquery(Subquery(kind: kind, plan: plan, type: .bool))
    }

    /// Remembers the columns a subquery takes from this query, for the error if they are grouped
    /// away.
    private func noteReferences(
        _ plan: LogicalPlan, _ range: SourceRange, _ context: ExpressionContext
    ) {
        guard let grouping = context.grouping, !context.isInAggregate else { return }
        let free = plan.freeColumns
        for column in context.scope.relations.flatMap(\.columns) {
            guard case .column(let id, _)? = column.expression, free.contains(id) else { continue }
            grouping.references.append((id, column.name, range))
        }
    }
}
