// SPDX-License-Identifier: MIT

internal import IglooContracts
internal import IglooPlan

// `rank(v) WITHIN GROUP (ORDER BY x)`: where a row would stand among those there are.
extension Binder {
    func bindHypothetical(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        guard syntax.arguments.count == syntax.withinGroup.count, !syntax.isDistinct,
            syntax.window == nil
        else {
            throw error(
                .undefinedFunction,
                "\(name) WITHIN GROUP needs an argument for each expression of its ORDER BY", range)
        }
        func call(_ name: String, _ arguments: [ExpressionSyntax]) -> ExpressionSyntax {
            var call = FunctionCall(
                name: QualifiedName([Identifier(name, range: range)], range: range))
            call.arguments = arguments
            return ExpressionSyntax(.call(call), range)
        }
        /// How many rows a condition holds for; how many different ones, if so asked.
        func count(where condition: ExpressionSyntax?, isDistinct: Bool = false) -> ExpressionSyntax
        {
            var call = FunctionCall(
                name: QualifiedName([Identifier("count", range: range)], range: range))
            call.isStar = !isDistinct
            call.isDistinct = isDistinct
            if isDistinct {
                let keys = syntax.withinGroup.map(\.expression)
                call.arguments = [ExpressionSyntax(.row(keys), range)]
            }
            let conditions = [syntax.filter, condition].compactMap { $0 }
            call.filter =
                conditions.count > 1
                ? ExpressionSyntax(.logical(.and, conditions), range) : conditions.first
            return ExpressionSyntax(.call(call), range)
        }
        func infix(
            _ sign: String, _ left: ExpressionSyntax, _ right: ExpressionSyntax
        ) -> ExpressionSyntax {
            ExpressionSyntax(.infix(Operator(sign, range: range), left, right), range)
        }
        func double(_ value: ExpressionSyntax) -> ExpressionSyntax {
            ExpressionSyntax(
                .cast(value, .named("double", modifiers: [], range), isTry: false), range)
        }
        let one = ExpressionSyntax(.literal(.integer("1")), range)
        let (before, same) = hypotheticalOrder(syntax, range, call)
        let value: ExpressionSyntax
        switch name {
        case "rank": value = infix("+", count(where: before), one)
        case "dense_rank": value = infix("+", count(where: before, isDistinct: true), one)
        case "percent_rank":
            let all = call("greatest", [count(where: nil), one])
            value = infix("/", double(count(where: before)), all)
        default:
            let upTo = ExpressionSyntax(.logical(.or, [before, same]), range)
            value = infix(
                "/", double(infix("+", count(where: upTo), one)), infix("+", count(where: nil), one)
            )
        }
        return try bind(value, context).expression
    }

    /// Whether a row comes before the one asked for, and whether it stands beside it.
    private func hypotheticalOrder(
        _ syntax: FunctionCall, _ range: SourceRange,
        _ call: (String, [ExpressionSyntax]) -> ExpressionSyntax
    ) -> (before: ExpressionSyntax, same: ExpressionSyntax) {
        func logical(
            _ connective: ExpressionSyntax.Connective, _ operands: [ExpressionSyntax]
        ) -> ExpressionSyntax {
            operands.count == 1
                ? operands[0] : ExpressionSyntax(.logical(connective, operands), range)
        }
        let no = ExpressionSyntax(.literal(.boolean(false)), range)
        var before: ExpressionSyntax?
        var equals: [ExpressionSyntax] = []
        for (item, value) in zip(syntax.withinGroup, syntax.arguments).reversed() {
            let key = item.expression
            let sign = Operator(item.isDescending ? ">" : "<", range: range)
            let nullsFirst =
                item.nullsFirst
                ?? settings.nullOrder.nullsFirst(isDescending: item.isDescending)
            let (early, late) = nullsFirst ? (key, value) : (value, key)
            let less = logical(
                .or,
                [
                    call("coalesce", [ExpressionSyntax(.infix(sign, key, value), range), no]),
                    logical(.and, [call("is_null", [early]), call("is_not_null", [late])]),
                ])
            let equal = call("is_not_distinct_from", [key, value])
            equals.append(equal)
            before = before.map { logical(.or, [less, logical(.and, [equal, $0])]) } ?? less
        }
        return (before ?? no, logical(.and, equals))
    }
}
