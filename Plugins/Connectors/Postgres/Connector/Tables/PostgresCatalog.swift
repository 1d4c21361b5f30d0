// SPDX-License-Identifier: MIT

import IglooContracts

/// Reads the server's system catalogs.
struct PostgresCatalog {
    let connection: PostgresConnection
    let options: PostgresOptions
    let context: CallContext

    /// What makes two states of a table's columns the same.
    private static let fingerprint = """
        (SELECT md5(coalesce(string_agg(concat_ws(':', attnum, atttypid, atttypmod, attname), ','
                                        ORDER BY attnum), ''))
         FROM pg_catalog.pg_attribute
         WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped)
        """

    func schemas() throws(IglooError) -> [String] {
        let rows = try connection.rows(
            """
            SELECT nspname FROM pg_catalog.pg_namespace
            WHERE nspname !~ '^pg_(toast|temp|catalog$)' AND nspname <> 'information_schema'
                AND pg_catalog.has_schema_privilege(oid, 'USAGE')
            ORDER BY nspname COLLATE "C"
            """, [], context)
        return rows.compactMap { $0[0] }
    }

    func tables(schema: String, prefix: String) throws(IglooError) -> [TableListing] {
        let rows = try connection.rows(
            """
            SELECT c.relname, c.relkind IN ('v', 'm'), c.reltuples,
                   pg_catalog.obj_description(c.oid, 'pg_class')
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                AND pg_catalog.starts_with(c.relname::text, $2)
            ORDER BY c.relname COLLATE "C"
            """, [schema.isEmpty ? options.schema : schema, prefix], context)
        return rows.map { row in
            let count = row[2].flatMap { Double($0) }.flatMap { Int64(exactly: $0.rounded()) }
            return TableListing(
                name: row[0] ?? "", kind: row[1] == "t" ? .view : .table, comment: row[3],
                estimatedRowCount: count.flatMap { $0 >= 0 ? $0 : nil })
        }
    }

    /// Finds a relation by its name as it is written, else by its name whatever the case.
    func open(schema: String, name: String) throws(IglooError) -> PostgresTable {
        let schema = schema.isEmpty ? options.schema : schema
        let rows = try connection.rows(
            """
            SELECT n.nspname, c.relname, c.oid, c.relkind IN ('r', 'm'), \(Self.fingerprint),
                   pg_catalog.pg_encoding_to_char(d.encoding) = 'UTF8'
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
                AND lower(n.nspname) = lower($1) AND lower(c.relname) = lower($2)
            ORDER BY n.nspname <> $1, c.relname <> $2, n.nspname, c.relname
            LIMIT 2
            """, [schema, name], context)
        guard let row = rows.first else { throw try unknown(schema: schema, name: name) }
        let isWritten = row[0] == schema && row[1] == name
        guard isWritten || rows.count == 1 else {
            throw IglooError(
                .invalidArgument, "table '\(name)' of \(options.place) is ambiguous",
                hint: "write its name in the right case, in double quotes",
                sqlState: SQLState(rawValue: "42P09"))
        }
        var table = PostgresTable(
            schemaName: row[0] ?? "", name: row[1] ?? "", oid: row[2].flatMap { Int64($0) } ?? 0,
            hasPages: row[3] == "t", fingerprint: row[4] ?? "", isUTF8: row[5] == "t")
        table.columns = try columns(table.oid)
        return table
    }

    private func unknown(schema: String, name: String) throws(IglooError) -> IglooError {
        let schemas = try schemas()
        guard schemas.contains(schema) else {
            let nearest = NearestName.among(schemas, to: schema)
            return IglooError(
                .notFound, "there is no schema '\(schema)' in PostgreSQL \(options.place)",
                hint: nearest.map { "did you mean '\($0)'?" }, sqlState: .undefinedSchema)
        }
        let names = try tables(schema: schema, prefix: "").map(\.name)
        let nearest = NearestName.among(names, to: name)
        let some = names.prefix(5).joined(separator: ", ")
        return IglooError(
            .notFound,
            "there is no table '\(name)' in schema '\(schema)' of PostgreSQL \(options.place)",
            hint: nearest.map { "did you mean '\($0)'?" }
                ?? (names.isEmpty ? "the schema has no tables" : "there are: \(some)"),
            sqlState: .undefinedTable)
    }

    /// The columns, with domains taken apart to what they stand for.
    private func columns(_ oid: Int64) throws(IglooError) -> [PostgresColumn] {
        let rows = try connection.rows(
            """
            WITH RECURSIVE base(attnum, typ, modifier) AS (
                SELECT attnum, atttypid, atttypmod FROM pg_catalog.pg_attribute
                WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped
              UNION ALL
                SELECT b.attnum, t.typbasetype,
                       CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE b.modifier END
                FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.typ WHERE t.typtype = 'd')
            SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
                   t.oid, b.modifier,
                   CASE WHEN t.typcategory = 'A' AND t.typlen = -1 THEN t.typelem ELSE 0 END,
                   t.typtype = 'e',
                   CASE WHEN NOT coalesce(l.collisdeterministic, true) THEN 2
                        WHEN coalesce(nullif(l.collcollate, ''), d.datcollate)
                             IN ('C', 'POSIX') THEN 0
                        ELSE 1 END
            FROM base b
            JOIN pg_catalog.pg_type t ON t.oid = b.typ AND t.typtype <> 'd'
            JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::oid AND a.attnum = b.attnum
            JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
            LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
            ORDER BY a.attnum
            """, ["\(oid)"], context)
        return rows.map { row in
            let number = { (index: Int) in row[index].flatMap { Int($0) } ?? 0 }
            let form = options.numericForm
            var type = PostgresType(oid: number(3), modifier: number(4), numericForm: form)
            if row[6] == "t" { type = .text }
            if number(5) != 0 {
                type = .array(
                    PostgresType(oid: number(5), modifier: number(4), numericForm: form))
            }
            var column = PostgresColumn(
                name: row[0] ?? "", declared: row[1] ?? "", type: type)
            column.isNullable = row[2] != "t"
            column.collation = PostgresColumn.Collation(rawValue: UInt8(number(7))) ?? .coarse
            column.isUUID = number(3) == 2950
            return column
        }
    }

    /// The estimated number of rows (of a join none), after a look at whether the table still is
    /// what it was.
    ///
    /// - Throws: `invalidState` when it is not.
    func checkedRowCount(_ table: PostgresTable) throws(IglooError) -> Double? {
        guard let joined = table.joined else { return try checkedRowCount(relation: table) }
        for relation in joined.relations { _ = try checkedRowCount(relation: relation) }
        return nil
    }

    private func checkedRowCount(relation table: PostgresTable) throws(IglooError) -> Double? {
        let rows = try connection.rows(
            "SELECT \(Self.fingerprint), c.reltuples FROM pg_catalog.pg_class c"
                + " WHERE c.oid = $1::oid", ["\(table.oid)"], context)
        guard let row = rows.first, row[0] == table.fingerprint else {
            throw IglooError(
                .invalidState, "table \(table.quotedName) of \(options.place) changed",
                isRetryable: true)
        }
        // -1: never analysed.
        return row[1].flatMap { Double($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }

    /// How many pages the table has now, and the bytes of one.
    func pages(_ oid: Int64) throws(IglooError) -> (count: Int64, byteCount: Int64) {
        let rows = try connection.rows(
            """
            SELECT pg_catalog.pg_relation_size($1::oid::regclass),
                   pg_catalog.current_setting('block_size')
            """, ["\(oid)"], context)
        let byteCount = rows.first?[0].flatMap { Int64($0) } ?? 0
        let pageByteCount = max(1, rows.first?[1].flatMap { Int64($0) } ?? 8_192)
        return (byteCount / pageByteCount, pageByteCount)
    }
}
