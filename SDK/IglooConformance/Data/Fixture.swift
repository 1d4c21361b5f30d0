// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// A data set as the source holds it: what the plugin says of the table, and which rows it must
/// give.
struct Fixture {
    let set: DataSet
    let table: OpenedTable
    /// In the order of the plugin's columns.
    let rows: [Row]

    var fields: [Field] { table.schema.fields }
    var allColumns: [Int] { Array(fields.indices) }

    func index(_ name: String) -> Int? { table.schema.index(of: name) }

    /// - Throws: `CheckEnd` when a column is missing that is not declared lost, one is too many, or
    ///   its type does not hold the data set's values.
    init(_ set: DataSet, _ table: OpenedTable, _ configuration: Configuration) throws {
        self.set = set
        self.table = table
        let missing = set.schema.fields.map(\.name).filter {
            table.schema.index(of: $0) == nil && configuration.lost["\(set.name).\($0)"] == nil
        }
        try require(
            missing.isEmpty,
            "the table \(set.name) has no column \(missing.joined(separator: ", ")); it has "
                + table.schema.fields.map(\.name).joined(separator: ", ")
                + "; what the source cannot hold is declared under [lost.\(set.name)]")
        var sources: [Int] = []
        for field in table.schema.fields {
            sources.append(
                try require(
                    set.schema.index(of: field.name),
                    "the table \(set.name) has the column \"\(field.name)\", which the data set "
                        + "has not"))
        }
        let fields = table.schema.fields
        rows = try set.rows.map { row in
            try zip(sources, fields).map { source, field in
                let type = set.schema.fields[source].type
                return try require(
                    Conversion.convert(row[source], from: type, to: field.type),
                    "\(set.name).\(field.name) holds \(row[source]) (\(type)), which the type "
                        + "\(field.type) that the plugin gives it cannot: declare it under "
                        + "[lost.\(set.name)]")
            }
        }
    }

    /// A table made of the set's by the plugin, whose rows are these.
    init(_ set: DataSet, _ table: OpenedTable, rows: [Row]) {
        self.set = set
        self.table = table
        self.rows = rows
    }

    /// What is wrong with the type that the plugin gives a column; `nil` = nothing.
    func typeProblem(_ field: Field, _ configuration: Configuration) -> String? {
        let name = "\(set.name).\(field.name)"
        if let declared = configuration.types[name] {
            return declared == field.type.description
                ? nil : "\(name) is declared as \(declared), the plugin says \(field.type)"
        }
        guard let index = set.schema.index(of: field.name) else { return nil }
        let type = set.schema.fields[index].type
        return Conversion.isSame(type, field.type)
            ? nil
            : "\(name) is \(type), the plugin says \(field.type): if the source holds it so, say so "
                + "under [types.\(set.name)]"
    }
}
