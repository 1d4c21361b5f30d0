// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

/// A key of ORDER BY or DISTINCT ON: an output column, or an expression of its own.
struct BoundSortItem {
    var output: Int?
    var value: Expression
    /// Of the hidden column it becomes where it is no output.
    var name = ""
    var isDescending = false
    var nullsFirst: Bool?
    var range: SourceRange
}

extension Binder {
    func bindOrder(
        _ orderBy: OrderBy?, _ select: Select, _ items: [OutputItem], _ context: ExpressionContext
    ) throws(IglooError) -> [BoundSortItem] {
        switch orderBy {
        case nil: return []
        case .all(let isDescending, let nullsFirst, let range)?:
            return items.enumerated().map { index, item in
                BoundSortItem(
                    output: index, value: item.value.expression, isDescending: isDescending,
                    nullsFirst: nullsFirst, range: range)
            }
        case .items(let sortItems)?:
            var keys: [BoundSortItem] = []
            for item in sortItems {
                var key = try bindKey(item.expression, items, context)
                key.isDescending = item.isDescending
                key.nullsFirst = item.nullsFirst
                keys.append(key)
            }
            return keys
        }
    }

    func bindDistinctOn(
        _ distinct: Distinct?, _ items: [OutputItem], _ context: ExpressionContext
    ) throws(IglooError) -> [BoundSortItem] {
        guard case .on(let expressions)? = distinct else { return [] }
        var keys: [BoundSortItem] = []
        for expression in expressions { keys.append(try bindKey(expression, items, context)) }
        return keys
    }

    /// PostgreSQL's order of meanings: a position, the name of an output column, an expression
    /// over the input.
    private func bindKey(
        _ expression: ExpressionSyntax, _ items: [OutputItem], _ context: ExpressionContext
    ) throws(IglooError) -> BoundSortItem {
        var output = try ordinal(expression, items.count, context.clause)
        if output == nil, case .column(let name) = expression.kind, name.parts.count == 1 {
            output = try outputColumn(name.parts[0], items)
        }
        if let output {
            return BoundSortItem(
                output: output, value: items[output].value.expression, range: expression.range)
        }
        let value = try bind(expression, context).expression
        return BoundSortItem(
            output: nil, value: value, name: columnName(expression, value), range: expression.range)
    }

    /// The select item of a name. Items that say the same thing are one.
    private func outputColumn(
        _ name: Identifier, _ items: [OutputItem]
    ) throws(IglooError) -> Int? {
        let folded = Identifier.folded(name.name)
        let matches = items.indices.filter { Identifier.folded(items[$0].name) == folded }
        guard let first = matches.first else { return nil }
        let isSame = matches.allSatisfy {
            items[$0].value.expression == items[first].value.expression
        }
        guard isSame else {
            throw error(.ambiguousColumn, "ORDER BY \"\(name)\" is ambiguous", name.range)
        }
        return first
    }
}
