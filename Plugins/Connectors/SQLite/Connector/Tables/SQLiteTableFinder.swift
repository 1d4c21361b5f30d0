// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// Finds tables, views and their columns in a database.
struct SQLiteTableFinder {
    private static let sampleRowCount = 1000

    let database: SQLiteDatabase
    let options: SQLiteOptions

    func list(prefix: String) throws(IglooError) -> [TableListing] {
        let statement = try SQLiteStatement(
            database,
            """
            SELECT name, type FROM pragma_table_list
            WHERE schema = 'main' AND type IN ('table', 'view', 'virtual')
                AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            ORDER BY name COLLATE BINARY
            """)
        var listings: [TableListing] = []
        while try statement.step() {
            let name = statement.text(0)
            guard name.hasPrefix(prefix) else { continue }
            listings.append(
                TableListing(name: name, kind: statement.text(1) == "view" ? .view : .table))
        }
        return listings
    }

    func open(_ name: String) throws(IglooError) -> SQLiteTable {
        let statement = try SQLiteStatement(
            database,
            """
            SELECT name, type, wr, strict FROM pragma_table_list
            WHERE schema = 'main' AND name = ?1 COLLATE NOCASE
            ORDER BY name = ?1 DESC
            """, [.text(name)])
        guard try statement.step() else { throw try unknown(name) }
        var table = SQLiteTable(path: database.path, name: statement.text(0))
        let isTable = statement.text(1) == "table"
        let hasRowId = isTable && statement.integer(2) == 0
        table.isStrict = isTable && statement.integer(3) == 1
        table.policy = options.policy
        table.busyTimeoutMilliseconds = options.busyTimeoutMilliseconds
        table.schemaVersion = try database.integer("PRAGMA main.schema_version") ?? 0
        table.isUTF8 = try database.text("PRAGMA encoding") == "UTF-8"
        table.columns = try columns(table.name)
        if hasRowId {
            let taken = Set(table.columns.map { $0.name.lowercased() })
            table.rowIdName = ["rowid", "_rowid_", "oid"].first { !taken.contains($0) }
        }
        if table.policy == .text { try widen(&table) }
        return table
    }

    private func unknown(_ name: String) throws(IglooError) -> IglooError {
        let names = try list(prefix: "").map(\.name)
        let nearest = NearestName.among(names, to: name)
        let some = names.prefix(5).joined(separator: ", ")
        return IglooError(
            .notFound, "there is no table '\(name)' in database '\(database.path)'",
            hint: nearest.map { "did you mean '\($0)'?" }
                ?? (names.isEmpty ? "it has no tables" : "there are: \(some)"),
            sqlState: .undefinedTable)
    }

    private func columns(_ table: String) throws(IglooError) -> [SQLiteColumn] {
        let statement = try SQLiteStatement(
            database, "SELECT name, type, \"notnull\", hidden FROM pragma_table_xinfo(?1, 'main')",
            [.text(table)])
        var columns: [SQLiteColumn] = []
        while try statement.step() {
            // 1 = hidden column of a virtual table; generated ones are 2 and 3.
            if statement.integer(3) == 1 { continue }
            let declared = statement.text(1)
            var column = SQLiteColumn(
                name: statement.text(0), declared: declared,
                type: SQLiteColumn.type(declared: declared) ?? .null)
            // What is declared NOT NULL may yet be read as NULL when it does not fit.
            column.isNullable = statement.integer(2) == 0 || options.policy == .null
            columns.append(column)
        }
        if columns.contains(where: { $0.type == .null }) { try sample(&columns, table) }
        guard !columns.isEmpty else {
            throw IglooError(
                .unsupported, "table '\(table)' of '\(database.path)' has no columns to be read")
        }
        return columns
    }

    /// Types of columns whose declaration promises nothing, by the first values they hold.
    private func sample(_ columns: inout [SQLiteColumn], _ table: String) throws(IglooError) {
        let open = columns.indices.filter { columns[$0].type == .null }
        let types = open.map { "typeof(\(SQLiteText.identifier(columns[$0].name)))" }
        let statement = try SQLiteStatement(
            database,
            "SELECT \(types.joined(separator: ", ")) FROM main.\(SQLiteText.identifier(table))"
                + " LIMIT \(Self.sampleRowCount)")
        var classes = open.map { _ in Set<String>() }
        while try statement.step() {
            for index in open.indices { classes[index].insert(statement.text(Int32(index))) }
        }
        for (index, column) in open.enumerated() {
            columns[column].type = SQLiteColumn.type(storage: classes[index])
        }
    }

    /// Reads the whole table and makes text of the columns that hold what does not fit.
    private func widen(_ table: inout SQLiteTable) throws(IglooError) {
        let names = table.columns.map { SQLiteText.identifier($0.name) }
        let statement = try SQLiteStatement(
            database,
            "SELECT \(names.joined(separator: ", ")) FROM main."
                + SQLiteText.identifier(table.name))
        var misfits: Set<Int> = []
        let builders = table.columns.map { SQLiteColumnBuilder($0.type) }
        var rowCount = 0
        while try statement.step() {
            for (index, builder) in builders.enumerated()
            where !builder.append(statement.handle, Int32(index)) {
                misfits.insert(index)
            }
            rowCount += 1
            if rowCount & 8191 == 0 { for builder in builders { _ = builder.finish() } }
        }
        for index in misfits { table.columns[index].type = .utf8View }
    }
}
