// SPDX-License-Identifier: MIT

internal import IglooArrow
public import IglooContracts
public import IglooPlan

/// Where a column of an altered table comes from.
public enum ColumnSource: Hashable, Sendable {
    /// The old column at this place, as it is or converted to the new type.
    case old(Int)
    /// An expression over the old columns.
    case expression(ExpressionSyntax)
    case defaultValue
}

// ALTER TABLE: all rows of a table as rows of another definition.
extension Binder {
    /// - Parameter sources: one a column of the new definition.
    /// - Returns: a write of kind `insert`, whose target has the new definition.
    public func bind(
        rewriting target: WriteTarget, _ name: QualifiedName, as definition: TableDefinition,
        from sources: [ColumnSource]
    ) throws(IglooError) -> BoundWrite {
        let (rows, _) = try targetRows(target, name, nil)
        let context = ExpressionContext(
            rows.scope(parent: nil), clause: "ALTER TABLE", common: nil)
        var projections: [Projection] = []
        for (column, source) in zip(definition.columns, sources) {
            let value: Expression
            switch source {
            case .defaultValue: value = try defaultValue(column)
            case .expression(let syntax): value = try assigned(syntax, to: column, context)
            case .old(let place):
                let old = BoundExpression(rows.plan.columns[place].reference, name.range)
                value = try converted(old, to: column)
            }
            projections.append(
                Projection(column: newColumn(column.name, column.type), expression: value))
        }
        var new = target
        new.definition = definition
        let written = try computed(
            new, .project(rows.plan, projections), projections.map(\.column))
        return try finished(
            .insert, new, written.plan, leading: [], values: written.values, returning: [],
            scope: rows, common: nil)
    }

    private func converted(
        _ old: BoundExpression, to column: TableDefinition.Column
    ) throws(IglooError) -> Expression {
        do throws(IglooError) {
            return try assigned(old, to: column)
        } catch  where error.sqlState == .datatypeMismatch {
            throw self.error(
                .datatypeMismatch,
                "column \"\(column.name)\" cannot be cast automatically to type "
                    + column.typeName, old.range,
                hint: "say how: USING \(SQLPrinter.quotedIfNeeded(column.name))::"
                    + column.typeName)
        }
    }
}

extension SQLParser {
    /// An expression's text in which a column is called by another name.
    public static func renaming(
        _ column: String, to new: String, in text: String
    ) throws(IglooError) -> String {
        let parser = try Parser(text)
        let folded = Identifier.folded(column)
        var output: [UInt8] = []
        var start = 0
        for (index, token) in parser.tokens.enumerated() {
            guard token.kind == .word || token.kind == .quotedIdentifier,
                Identifier.folded(parser.name(token)) == folded,
                index + 1 == parser.tokens.count
                    || parser.tokens[index + 1].kind != .leftParenthesis
            else { continue }
            output += parser.bytes[start..<token.start]
            output += Array(SQLPrinter.quotedIfNeeded(new).utf8)
            start = token.end
        }
        output += parser.bytes[start...]
        return String(decoding: output, as: UTF8.self)
    }
}
