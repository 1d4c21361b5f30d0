// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// Which field of a file belongs to which column of the table.
struct CSVFields {
    /// Fields of the file's records.
    var count: Int
    /// For each of the table's columns its field, -1 = none.
    var places: [Int]

    /// - Throws: `invalidData` when the file does not fit the table.
    init(_ head: CSVHead, _ table: CSVTable, path: String) throws(IglooError) {
        let columns = table.text.schema.fields.indices.filter { table.text.isFromFile($0) }
        let fields: [Int]
        (count, fields) = try Self.fields(head, table, columns, path: path)
        places = table.text.schema.fields.map { _ in -1 }
        for (column, field) in zip(columns, fields) { places[column] = field }
    }

    /// For each of the columns that files hold its field.
    private static func fields(
        _ head: CSVHead, _ table: CSVTable, _ own: [Int], path: String
    ) throws(IglooError) -> (count: Int, fields: [Int]) {
        // A partition may stand for a column in the middle, whose field is there all the same.
        let columnCount = table.text.paths.fileColumnCount
        guard table.dialect.hasHeader else {
            // A file whose lines end with a delimiter has one field more than the table columns.
            let count = head.fieldCount == columnCount + 1 ? head.fieldCount : columnCount
            return (count, own)
        }
        let names = table.names(head.names).map { $0.lowercased() }
        let schema = table.text.schema
        let columns = own.map { schema.fields[$0].name.lowercased() }
        let hidden = Set(
            schema.fields.indices.filter { !own.contains($0) }
                .map { schema.fields[$0].name.lowercased() })
        var places: [String: Int] = [:]
        for (field, name) in names.enumerated() { places[name] = field }
        let fields = columns.map { places[$0] ?? -1 }
        let extra = names.indices.filter { field in
            !fields.contains(field) && !hidden.contains(names[field])
                && !(field == names.count - 1 && head.names[field].isEmpty)
        }
        if table.unitesByName { return (names.count, fields) }
        if fields.allSatisfy({ $0 < 0 }) || isRenamed(table, fields, extra) {
            // The columns were given other names than the header's: they go by their places.
            guard names.count == columnCount || names.count == columnCount + 1 else {
                throw mismatch(path, "has \(names.count) columns instead of \(columnCount)", table)
            }
            return (names.count, own)
        }
        if let missing = fields.firstIndex(of: -1) {
            throw mismatch(path, "has no column '\(schema.fields[own[missing]].name)'", table)
        }
        if let first = extra.first {
            throw mismatch(path, "has a column '\(head.names[first])' that others lack", table)
        }
        return (names.count, fields)
    }

    /// Columns that were named by the user take the places of the header's.
    private static func isRenamed(_ table: CSVTable, _ fields: [Int], _ extra: [Int]) -> Bool {
        let missing = fields.count { $0 < 0 }
        let isGiven = !table.guessed.prefix(fields.count).contains(true)
        return missing > 0 && (isGiven || table.hasGivenNames) && missing == extra.count
    }

    private static func mismatch(_ path: String, _ what: String, _ table: CSVTable) -> IglooError {
        let names = table.text.schema.fields.prefix(8).map(\.name).joined(separator: ", ")
        return IglooError(
            .invalidData, "'\(path)' \(what); the table's columns are \(names)",
            hint: "union_by_name=true lets files have different columns")
    }
}
