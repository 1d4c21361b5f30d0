// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Aggregates that are another one, written otherwise; the names of a structure's fields.
extension Binder {
    func structureKeys(
        _ value: BoundExpression, _ range: SourceRange
    ) throws(IglooError) -> Expression {
        guard case .structure(let fields) = value.type else {
            throw error(
                .datatypeMismatch, "struct_keys needs a structure, not type \(value.type.sqlName)",
                range)
        }
        let type = DataType.list(of: .utf8View)
        let names = Expression.literal(.list(fields.map { .text($0.name) }), type)
        return .conditional(
            [
                ConditionalBranch(
                    condition: .call("is_not_null", [value.expression], .bool), result: names)
            ], otherwise: .null(type), type)
    }

    /// `max(x, 3)` and `arg_max(x, y, 3)`: a list of so many, without NULLs.
    static func extremes(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange
    ) -> ExpressionSyntax {
        var call = syntax
        let value = syntax.arguments[0]
        let key = syntax.arguments.count == 3 ? syntax.arguments[1] : value
        var conditions = syntax.filter.map { [$0] } ?? []
        for part in key == value ? [value] : [value, key] {
            conditions.append(ExpressionSyntax(.test(part, .null, isNegated: true), range))
        }
        call.filter = ExpressionSyntax(.logical(.and, conditions), range)
        call.arguments = [value, key, syntax.arguments[syntax.arguments.count - 1]]
        return extremeOfAll(
            name.hasSuffix("max") ? "arg_max_nulls_last" : "arg_min_nulls_last", call, range)
    }

    /// `arg_max_nulls_last(x, y)` as `first(x ORDER BY y DESC NULLS LAST)`; of so many rows a list.
    static func extremeOfAll(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange
    ) -> ExpressionSyntax {
        var call = syntax
        let isList = syntax.arguments.count == 3
        call.name.parts = [Identifier(isList ? "array_agg" : "first", range: range)]
        call.arguments = [syntax.arguments[0]]
        call.orderBy = [
            SortItem(
                expression: syntax.arguments[1], isDescending: name == "arg_max_nulls_last",
                nullsFirst: false)
        ]
        let whole = ExpressionSyntax(.call(call), range)
        guard isList else { return whole }
        let one = ExpressionSyntax(.literal(.integer("1")), range)
        return ExpressionSyntax(.slice(whole, lower: one, upper: syntax.arguments[2]), range)
    }

    /// `arg_min(x, y ORDER BY z)` as `first(x ORDER BY y, z)` of rows where neither is NULL.
    static func orderedExtreme(_ name: String, _ syntax: FunctionCall) -> FunctionCall {
        var call = syntax
        call.name.parts = [Identifier("first", range: syntax.name.range)]
        call.arguments = [syntax.arguments[0]]
        var conditions = syntax.arguments.map {
            ExpressionSyntax(.test($0, .null, isNegated: true), $0.range)
        }
        if let filter = syntax.filter { conditions.append(filter) }
        call.filter = ExpressionSyntax(.logical(.and, conditions), syntax.name.range)
        call.orderBy =
            [
                SortItem(
                    expression: syntax.arguments[1], isDescending: name == "arg_max",
                    nullsFirst: nil)
            ] + syntax.orderBy
        return call
    }

    /// `percentile_cont(f) WITHIN GROUP (ORDER BY x)` as `quantile_cont(x, f ORDER BY x)`.
    static func percentile(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange
    ) -> FunctionCall {
        var call = syntax
        let function = name == "mode" ? name : "quantile_" + name.dropFirst("percentile_".count)
        call.name.parts = [Identifier(function, range: range)]
        call.arguments = [syntax.withinGroup[0].expression] + syntax.arguments
        // Upwards is how these functions look at values anyway.
        let isPlain = !syntax.withinGroup[0].isDescending && syntax.withinGroup[0].nullsFirst == nil
        call.orderBy = isPlain ? [] : syntax.withinGroup
        call.withinGroup = []
        return call
    }

    /// `sumIf(x, c)`, `avg_if(x, c)` ... as `sum(x) FILTER (WHERE c)`.
    func bindConditionalAggregate(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression? {
        guard name.hasSuffix("if"), syntax.arguments.count >= 2, syntax.filter == nil else {
            return nil
        }
        let plain = name.dropLast(name.hasSuffix("_if") ? 3 : 2)
        guard FunctionTable.entry(FunctionNames.canonical(String(plain)))?.kind == .aggregate
        else { return nil }
        var call = syntax
        call.name.parts = [Identifier(String(plain), range: range)]
        call.filter = call.arguments.removeLast()
        return try bindCall(call, range, context)
    }
}
