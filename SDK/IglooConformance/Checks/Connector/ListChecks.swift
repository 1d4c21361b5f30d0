// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Lists of schemas and tables, and tables by their names.
enum ListChecks {
    static let all: [Check] = [
        Check("list.schemas_tables_shape", schemasTablesShape),
        Check("list.prefix_and_special_names", prefixes),
        Check("list.large_catalog_streams", listsStream),
        Check("table.not_found", notFound),
        Check("table.schema_stable_across_opens") { bench in
            let instance = try bench.connector()
            for set in DataSet.small where bench.configuration.lost[set.name] == nil {
                let first = try bench.open(set.name, instance)
                for _ in 0..<3 {
                    let again = try bench.open(set.name, instance)
                    try require(
                        again.schema == first.schema,
                        "\(set.name) was \(first.schema), then \(again.schema)")
                }
                let other = try bench.open(set.name, try bench.connector())
                try require(
                    other.schema == first.schema, "another instance sees \(set.name) differently")
            }
        },
        Check("table.unicode_and_quoted_identifiers") { bench in
            let instance = try bench.connector()
            let fixture = try bench.fixture(.names, instance)
            let scan = try instance.scan(
                ScanRequest(table: fixture.table.handle, columns: fixture.allColumns))
            try RowComparison.requireSame(scan.rows, fixture.rows, "all columns")
            for column in fixture.allColumns {
                let rows = try instance.scan(
                    ScanRequest(table: fixture.table.handle, columns: [column])
                ).rows
                try RowComparison.requireSame(
                    rows, fixture.rows.map { [$0[column]] },
                    "the column \(fixture.fields[column].name)")
            }
        },
    ]

    private static func columns(_ what: Int) -> [(name: String, isFit: (DataType) -> Bool)] {
        if what == IGLOO_LIST_SCHEMAS { return [("name", { $0.isText })] }
        return ["schema", "name", "kind", "comment"].map { ($0, { $0.isText }) }
            + [("est_rows", { $0 == .int64 })]
    }

    /// Rows of a list, after its columns were looked at.
    private static func rows(_ reader: Reader, _ what: Int) throws -> [Row] {
        let columns = columns(what)
        let schema = try reader.schema()
        try require(
            schema.fields.map(\.name) == columns.map(\.name),
            "the list's columns are \(schema), not \(columns.map(\.name))")
        for (field, column) in zip(schema.fields, columns) {
            try require(
                column.isFit(field.type.plain), "the list's column \(field.name) is \(field.type)")
        }
        return try reader.rows()
    }

    private static func text(_ value: Scalar) -> String? {
        if case .text(let text) = value { text } else { nil }
    }

    private static func names(_ rows: [Row], column: Int) throws -> [String] {
        try rows.map { try require(text($0[column]), "a list has a name that is NULL") }
    }

    private static func isSorted(_ names: [String]) -> Bool {
        zip(names, names.dropFirst()).allSatisfy { first, second in
            !second.utf8.lexicographicallyPrecedes(first.utf8)
        }
    }

    private static func schemasTablesShape(_ bench: Bench) throws {
        let instance = try bench.connector()
        let schemas = try names(
            rows(try instance.list(IGLOO_LIST_SCHEMAS), IGLOO_LIST_SCHEMAS), column: 0)
        try require(isSorted(schemas), "schemas are not sorted by name: \(schemas.prefix(9))")
        for schema in Set(schemas + [bench.configuration.schema]) {
            let tables = try rows(
                try instance.list(IGLOO_LIST_TABLES, schema: schema), IGLOO_LIST_TABLES)
            let names = try names(tables, column: 1)
            try require(isSorted(names), "the tables of \"\(schema)\" are not sorted by name")
            for row in tables {
                try require(
                    ["table", "view"].contains(text(row[2])),
                    "the kind of a table is \(RowComparison.shown(row[2]))")
                if case .int(let count) = row[4] {
                    try require(count >= 0, "a table of \(count) rows is listed")
                }
            }
        }
    }

    private static func prefixes(_ bench: Bench) throws {
        let instance = try bench.connector()
        let schema = bench.configuration.schema
        let all = try names(
            try instance.list(IGLOO_LIST_TABLES, schema: schema).rows(), column: 1)
        var prefixes = ["", "h", "H", "%", "_", "'", "\\", "\"", "ä", "no such prefix", "hostile"]
        prefixes += all.prefix(5).map { String($0.prefix(2)) }
        for prefix in prefixes {
            let listed = try names(
                try instance.list(IGLOO_LIST_TABLES, schema: schema, prefix: prefix).rows(),
                column: 1)
            let wanted = all.filter { $0.utf8.starts(with: prefix.utf8) }
            try require(
                listed == wanted,
                "with the prefix \"\(prefix)\" \(listed.prefix(5)) are listed, not "
                    + "\(wanted.prefix(5))")
        }
    }

    /// A list may be left off in its midst, and comes in batches of moderate size.
    private static func listsStream(_ bench: Bench) throws {
        let instance = try bench.connector()
        for what in [IGLOO_LIST_SCHEMAS, IGLOO_LIST_TABLES] {
            let schema = what == IGLOO_LIST_TABLES ? bench.configuration.schema : ""
            let reader = try instance.list(what, schema: schema)
            let columns = try reader.schema()
            while let batch = try reader.next(columns) {
                try require(batch.rowCount <= 65_536, "a batch of \(batch.rowCount) names")
            }
            let abandoned = try instance.list(what, schema: schema)
            _ = try abandoned.next(columns)
            abandoned.cancel()
            abandoned.release()
        }
    }

    private static func notFound(_ bench: Bench) throws {
        let instance = try bench.connector()
        let missing = ["no such table", "no_such_table_\(bench.request.seed)"]
        let odd = [
            "", "'", "\"", ";", "--", "\0", "../../etc/passwd", "%", "ä\u{308}",
            String(repeating: "x", count: 5_000),
        ]
        for name in missing + odd {
            do {
                _ = try instance.openTable(name, schema: bench.configuration.schema)
            } catch let failure as CallFailure {
                if missing.contains(name) {
                    try require(
                        failure.status == IGLOO_E_NOT_FOUND,
                        "a table that is not there: \(failure), not NOT_FOUND")
                }
                try require(
                    !failure.message.isEmpty, "a table that is not there: no message")
                continue
            }
            try require(!missing.contains(name), "the table \"\(name)\" is there")
        }
    }
}
