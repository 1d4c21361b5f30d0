// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// What a table's constraints refuse, in PostgreSQL's words.
enum Constraints {
    static func checkNotNull(_ rows: NewRows, _ table: Table) throws(IglooError) {
        for (column, array) in zip(table.definition.columns, rows.columns)
        where !column.isNullable && array.nullCount > 0 {
            throw IglooError(
                .invalidData,
                "null value in column \"\(column.name)\" of relation \"\(table.name.name)\" "
                    + "violates not-null constraint", sqlState: .notNullViolation)
        }
    }

    static func duplicate(
        _ key: TableDefinition.Key, _ table: Table, _ values: [ArrayData], _ row: Int,
        _ isVisible: Bool
    ) -> IglooError {
        let names = key.columns.map { table.definition.columns[$0].name }
        var hint = "Key (\(names.joined(separator: ", "))) already exists"
        if !isVisible { hint += ", by a transaction that was committed meanwhile" }
        if let shown = shown(values, row) {
            hint = "Key (\(names.joined(separator: ", ")))=(\(shown)) already exists"
        }
        return IglooError(
            .alreadyExists, "duplicate key value violates unique constraint \"\(key.name)\"",
            hint: hint, sqlState: .uniqueViolation)
    }

    /// Values that need no formatting.
    static func shown(_ values: [ArrayData], _ row: Int) -> String? {
        var texts: [String] = []
        for value in values {
            switch (value.type, value.scalar(at: row)) {
            case (.utf8View, .text(let text)): texts.append(String(text.prefix(100)))
            case (.int8, .int(let number)), (.int16, .int(let number)),
                (.int32, .int(let number)), (.int64, .int(let number)):
                texts.append(String(number))
            default: return nil
            }
        }
        return texts.joined(separator: ", ")
    }
}
