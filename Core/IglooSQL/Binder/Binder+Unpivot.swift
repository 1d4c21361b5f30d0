// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// UNPIVOT: a row for each of the columns named, with its name and its value.
extension Binder {
    /// What one of the rows holds.
    private struct UnpivotRow {
        var name: String
        var values: [BoundExpression]
    }

    func bind(
        _ unpivot: Unpivot, outer: Scope?, common: CommonTableScope?
    ) throws(IglooError) -> FromItem {
        let source = try bind(unpivot.source, outer: outer, common: common)
        let context = ExpressionContext(
            source.scope(parent: outer), clause: "UNPIVOT", common: common)
        let rows = try rows(of: unpivot, context)
        var used: Set<ColumnId> = []
        for value in rows.flatMap(\.values) {
            used.formUnion(value.expression.referencedColumns)
        }
        var kept: [Projection] = []
        for column in source.visible {
            let value = try usable(column, unpivot.range)
            guard value.referencedColumns.isDisjoint(with: used) else { continue }
            kept.append(Projection(column: newColumn(column.name, value.type), expression: value))
        }
        let names = Expression.literal(
            .list(rows.map { .text($0.name) }), .list(of: .utf8View))
        var generators = [
            Unnest.Generator(
                .elements(names), column: newColumn(unpivot.name.written, .utf8View))
        ]
        for (index, name) in unpivot.values.enumerated() {
            let (type, values) = try unify(rows.map { $0.values[index] }, "UNPIVOT")
            generators.append(
                Unnest.Generator(
                    .elements(.call("list_value", values, .list(of: type))),
                    column: newColumn(name.written, type)))
        }
        var plan = LogicalPlan.unnest(Unnest(source.plan, generators))
        if !unpivot.keepsNulls {
            plan = .filter(
                plan,
                .conjunction(
                    generators.dropFirst().map {
                        .call("is_not_null", [$0.column.reference], .bool)
                    }))
        }
        let outputs =
            kept
            + generators.map {
                Projection(
                    column: newColumn($0.column.name, $0.column.type),
                    expression: $0.column.reference)
            }
        return try named(.project(plan, outputs), [], unpivot.alias, unpivot.range)
    }

    private func rows(
        of unpivot: Unpivot, _ context: ExpressionContext
    ) throws(IglooError) -> [UnpivotRow] {
        var rows: [UnpivotRow] = []
        for entry in unpivot.entries {
            let items = entry.expressions.map { SelectItem(expression: $0) }
            let columns = try bindItems(items, context)
            // A star, or COLUMNS, stands for as many rows as it has columns.
            let isOneRow = entry.expressions.count > 1
            let groups = isOneRow ? [columns] : columns.map { [$0] }
            for group in groups {
                guard group.count == unpivot.values.count else {
                    throw error(
                        .syntaxError,
                        "UNPIVOT puts \(group.count) columns into \(unpivot.values.count) columns of "
                            + "values", entry.expressions[0].range)
                }
                let name = groups.count == 1 ? entry.alias?.written : nil
                rows.append(
                    UnpivotRow(
                        name: name ?? group.map(\.name).joined(separator: "_"),
                        values: group.map(\.value)))
            }
        }
        return rows
    }
}
