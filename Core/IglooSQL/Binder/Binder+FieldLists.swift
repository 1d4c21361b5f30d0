// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Structures whose fields become columns: `(value).*`, `column.*` and `unnest(structure)`.
extension Binder {
    /// The fields that a star stands for; `nil` for one of tables.
    func fields(
        of star: Star, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> [OutputItem]? {
        let value: BoundExpression
        if let structure = star.structure {
            value = try bind(structure, context)
        } else if let name = star.qualifier,
            context.scope.relations(named: name.parts[...]).isEmpty,
            let column = try? bindColumn(name, context)
        {
            value = column
        } else {
            return nil
        }
        guard let items = fieldItems(value, range) else {
            throw error(
                .wrongObjectType,
                "column notation .* applied to type \(value.type.sqlName), which is not a "
                    + "structure", range)
        }
        let names = items.map { Identifier.folded($0.name) }
        for name in star.excluded.compactMap(\.parts.last) + star.replaced.map(\.name)
            + star.renamed.map(\.column)
        where !names.contains(Identifier.folded(name.name)) {
            throw error(
                .undefinedColumn, "the structure has no field \"\(name)\"", name.range)
        }
        var output: [OutputItem] = []
        for (item, folded) in zip(items, names) {
            if star.excluded.contains(where: { Self.folded($0) == folded }) { continue }
            var item = item
            if let renaming = star.renamed.first(where: {
                Identifier.folded($0.column.name) == folded
            }) {
                item.name = renaming.name.written
            }
            if let new = star.replaced.first(where: { Identifier.folded($0.name.name) == folded }) {
                item.value = try bind(new.value, context)
            }
            output.append(item)
        }
        return output
    }

    /// The fields of `unnest(structure)`; `nil` for what is none, such as a list.
    func unnested(
        _ syntax: ExpressionSyntax, _ context: ExpressionContext
    ) throws(IglooError) -> [OutputItem]? {
        guard case .call(let call) = syntax.kind, call.name.parts.count == 1,
            call.name.parts[0].name == "unnest", call.arguments.count == 1,
            call.namedArguments.isEmpty
        else { return nil }
        switch call.arguments[0].kind {
        case .structure, .column, .row, .field, .cast, .element: break
        default: return nil
        }
        let value = try bind(call.arguments[0], context)
        return fieldItems(value, syntax.range)
    }

    private func fieldItems(_ value: BoundExpression, _ range: SourceRange) -> [OutputItem]? {
        guard case .structure(let fields) = value.type else { return nil }
        return fields.enumerated().map { index, field in
            let part = Expression.call(
                "struct_extract", [value.expression, .literal(.int(Int64(index)), .int64)],
                field.type)
            return OutputItem(name: field.name, syntax: nil, value: BoundExpression(part, range))
        }
    }
}
