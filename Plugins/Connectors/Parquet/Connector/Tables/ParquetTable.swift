// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles
import IglooParquet

/// A table with its columns: those of the first file or, united by name, of all.
struct ParquetTable: Sendable {
    let definition: ParquetTableDefinition
    let schema: Schema
    /// The columns that are not in the files but in their paths.
    let paths: PathColumns

    init(
        _ definition: ParquetTableDefinition, _ footers: FooterCache, _ context: CallContext
    ) throws(IglooError) {
        self.definition = definition
        let options = definition.options
        var fields = try footers.footer(definition.files[0], options.reading).schema.fields
        if options.files.unitesByName {
            for file in definition.files.dropFirst() {
                try context.checkCancelled()
                for field in try footers.footer(file, options.reading).schema.fields
                where !fields.contains(where: { $0.name == field.name }) {
                    fields.append(field)
                }
            }
        }
        if definition.files.count > 1 {
            // Another file may have nulls where the first has none.
            for index in fields.indices { fields[index].isNullable = true }
        }
        paths = try PathColumns(&fields, definition.files, options.files)
        schema = Schema(fields)
    }

    /// What the reader can decide of a condition over the table's columns.
    func filter(_ expression: PushdownExpression) -> RowFilter? {
        var columns: Set<Int> = []
        expression.collectColumns(into: &columns)
        guard columns.allSatisfy({ schema.fields.indices.contains($0) && paths.isFromFile($0) })
        else { return nil }
        return RowFilter(expression, schema)
    }

    /// For each of the table's columns its index in a file; `nil` = it has none.
    ///
    /// - Throws: `invalidData`, naming file and column, when the file does not fit the table.
    func columns(
        in footer: ParquetFooter, _ file: FileReference
    ) throws(IglooError) -> [Int?] {
        var result: [Int?] = []
        for (index, field) in schema.fields.enumerated() {
            if !paths.isFromFile(index) {
                result.append(nil)
                continue
            }
            // Names may repeat: mostly a column stands where it stands in the first file.
            let isInPlace =
                index < footer.schema.fields.count && footer.schema.fields[index].name == field.name
            guard let found = isInPlace ? index : footer.schema.index(of: field.name) else {
                guard definition.options.files.unitesByName else { throw missing(field, file) }
                result.append(nil)
                continue
            }
            let type = footer.schema.fields[found].type
            guard type.isSame(field.type) else { throw differs(field, type, file) }
            result.append(found)
        }
        return result
    }

    /// Looks at every file's columns.
    func checkFiles(_ footers: FooterCache, _ context: CallContext) throws(IglooError) {
        for file in definition.files {
            try context.checkCancelled()
            let footer = try footers.footer(file, definition.options.reading)
            _ = try columns(in: footer, file)
        }
    }

    private func missing(_ field: Field, _ file: FileReference) -> IglooError {
        IglooError(
            .invalidData,
            "file '\(file.path)' lacks column '\(field.name)', which "
                + "'\(definition.files[0].path)' has",
            hint: "union_by_name=true lets files have different columns")
    }

    private func differs(_ field: Field, _ type: DataType, _ file: FileReference) -> IglooError {
        IglooError(
            .invalidData,
            "column '\(field.name)' is \(type) in '\(file.path)' and \(field.type) in "
                + "'\(definition.files[0].path)'",
            hint: "read the files as two tables, and cast the column in one of them")
    }
}

extension DataType {
    /// Whether the types are the same but for which children may be null.
    func isSame(_ other: DataType) -> Bool { withNullableChildren == other.withNullableChildren }

    private var withNullableChildren: DataType {
        func loose(_ field: Field) -> Field { Field(field.name, field.type.withNullableChildren) }
        return switch self {
        case .list(let field): .list(loose(field))
        case .structure(let fields): .structure(fields.map(loose))
        case .map(let entries, let keysSorted):
            .map(entries: loose(entries), keysSorted: keysSorted)
        default: self
        }
    }
}
