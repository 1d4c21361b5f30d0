// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Queries within expressions; they see the names of the queries around them.
extension Binder {
    func bindSubquery(
        _ syntax: ExpressionSyntax, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
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
        case .quantified(_, let sign, _, .array):
            throw unsupported("ANY and ALL of an array are", sign.range)
        default: throw unsupported("ARRAY of a query is", syntax.range)
        }
    }

    private func onlyColumn(
        _ bound: BoundQuery, _ range: SourceRange
    ) throws(IglooError) -> PlanColumn {
        guard bound.columns.count == 1 else {
            throw error(.syntaxError, "subquery must return only one column", range)
        }
        return bound.columns[0]
    }

    /// `value sign ANY|ALL (query)`, both sides in their common type.
    private func bind(
        _ value: ExpressionSyntax, _ sign: Operator, isAll: Bool, _ query: Query,
        _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        if case .row = value.kind { throw unsupported("IN of rows and a query is", value.range) }
        let left = try bind(value, context)
        let bound = try bind(query, outer: context.scope, common: context.common)
        noteReferences(bound.plan, range, context)
        let column = try onlyColumn(bound, range)
        let right = BoundExpression(column.reference, range)
        let comparison = try call(sign.symbol, [left, right], range, sign)
        guard case .call(_, let arguments, _) = comparison, arguments.count == 2 else {
            throw unsupported("this comparison with a query is", range)
        }
        var plan = bound.plan
        if arguments[1] != column.reference {
            let converted = newColumn(column.name, arguments[1].type)
            plan = .project(plan, [Projection(column: converted, expression: arguments[1])])
        }
        let kind: Subquery.Kind =
            isAll
            ? .all(arguments[0], comparison: sign.symbol)
            : .any(arguments[0], comparison: sign.symbol)
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
