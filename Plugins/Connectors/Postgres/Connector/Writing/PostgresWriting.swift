// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Writes to the tables of a database.
///
/// - Threads: any.
struct PostgresWriting: ConnectorWriting {
    let pool: PostgresPool
    let transactions: PostgresTransactions

    func keys(table: [UInt8], _ context: CallContext) throws(IglooError) -> [Int]? {
        let table = try PostgresTable(handle: table)
        if table.joined != nil { return nil }
        let rows = try transactions.withConnection(context) { connection throws(IglooError) in
            try connection.rows(Self.keyQuery, ["\(table.oid)"], context)
        }
        let keys = rows.compactMap { row in table.columns.firstIndex { $0.name == row[0] } }
        return keys.isEmpty || keys.count != rows.count ? nil : keys
    }

    /// The primary key, else the first unique index over columns that are never NULL.
    private static let keyQuery = """
        WITH best AS (
            SELECT i.indexrelid, i.indrelid, i.indkey, i.indnkeyatts
            FROM pg_catalog.pg_index i
            WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
                AND i.indexprs IS NULL AND i.indimmediate AND NOT EXISTS (
                    SELECT FROM pg_catalog.pg_attribute a
                    WHERE a.attrelid = i.indrelid AND NOT a.attnotnull
                        AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
            ORDER BY NOT i.indisprimary, i.indexrelid LIMIT 1)
        SELECT a.attname
        FROM best b, generate_series(0, b.indnkeyatts - 1) AS k
        JOIN pg_catalog.pg_attribute a ON true
        WHERE a.attrelid = b.indrelid AND a.attnum = b.indkey[k]
        ORDER BY k
        """

    // MARK: - A write

    func begin(_ request: WriteRequest, _ context: CallContext) throws(IglooError) -> [UInt8] {
        _ = try PostgresCopyEncoder(request.schema)
        let columns = request.schema.fields.map { field in
            PostgresWrite.Column(
                name: field.name, declared: PostgresCopyEncoder.declaration(field) ?? "text",
                isNullable: field.isNullable)
        }
        guard !columns.isEmpty, Set(columns.map(\.name)).count == columns.count else {
            throw IglooError(
                .invalidArgument,
                "the columns of a write must be at least one, and of different names",
                sqlState: .duplicateColumn)
        }
        guard !request.keys.isEmpty || !request.mode.needsKeys else {
            throw IglooError(.invalidArgument, "rows cannot be changed or deleted without a key")
        }
        let (schemaName, target) = try target(request, columns, context)
        let isTemporary = !context.transaction.isEmpty
        let stagingName = PostgresText.identifier("igloo_write_" + Self.uniqueName())
        let write = PostgresWrite(
            mode: request.mode, target: target,
            staging: isTemporary
                ? "pg_temp." + stagingName
                : PostgresText.identifier(schemaName) + "." + stagingName,
            columns: columns, keys: request.keys)
        try transactions.withConnection(context) { connection throws(IglooError) in
            if request.mode == .create { try checkAbsent(target, connection, context) }
            _ = try connection.command(write.creation(isTemporary: isTemporary), context)
        }
        return write.encoded()
    }

    /// - Returns: the schema's name, and the table's with it, quoted.
    private func target(
        _ request: WriteRequest, _ columns: [PostgresWrite.Column], _ context: CallContext
    ) throws(IglooError) -> (schemaName: String, target: String) {
        switch request.target {
        case .new(let schema, let name):
            let schemaName = schema.isEmpty ? pool.options.schema : schema
            let names = [schemaName, name].map { PostgresText.identifier($0) }
            return (schemaName, names.joined(separator: "."))
        case .table(let handle):
            let table = try PostgresTable(handle: handle)
            if table.joined != nil {
                throw IglooError(.unsupported, "the rows of a join cannot be written")
            }
            for column in columns where !table.columns.contains(where: { $0.name == column.name }) {
                let names = table.columns.map(\.name)
                throw IglooError(
                    .notFound,
                    "column \"\(column.name)\" of \(table.quotedName) does not exist",
                    hint: NearestName.among(names, to: column.name).map {
                        "did you mean \"\($0)\"?"
                    },
                    sqlState: .undefinedColumn)
            }
            return (table.schemaName, table.quotedName)
        }
    }

    private func checkAbsent(
        _ target: String, _ connection: PostgresConnection, _ context: CallContext
    ) throws(IglooError) {
        let rows = try connection.rows("SELECT to_regclass($1)", [target], context)
        guard rows.first?[0] == nil else {
            throw IglooError(
                .alreadyExists,
                "relation \(target) already exists in PostgreSQL"
                    + " \(pool.options.place)", sqlState: SQLState(rawValue: "42P07"))
        }
    }

    private static func uniqueName() -> String {
        var generator = SystemRandomNumberGenerator()
        return String(generator.next(), radix: 36) + String(generator.next(), radix: 36)
    }

    func openSink(
        write: [UInt8], attempt: [UInt8], schema: Schema, _ context: CallContext
    ) throws(IglooError) -> any BatchSink {
        let write = try PostgresWrite(write)
        guard write.columns.map(\.name) == schema.fields.map(\.name) else {
            throw IglooError(.invalidArgument, "the columns are not those the write was begun with")
        }
        return try PostgresSink(write, attempt, schema, pool, transactions, context)
    }

    func commit(
        write: [UInt8], fragments: [[UInt8]], _ context: CallContext
    ) throws(IglooError) -> WriteOutcome {
        let write = try PostgresWrite(write)
        return try transactions.withConnection(context) { connection throws(IglooError) in
            if !context.transaction.isEmpty {
                return try move(write, fragments, connection, context)
            }
            _ = try connection.command("BEGIN", context)
            do throws(IglooError) {
                let outcome = try move(write, fragments, connection, context)
                _ = try PostgresTransactions.commit(connection, context)
                return outcome
            } catch {
                _ = try? connection.command("ROLLBACK", CallContext())
                throw error
            }
        }
    }

    private func move(
        _ write: PostgresWrite, _ fragments: [[UInt8]], _ connection: PostgresConnection,
        _ context: CallContext
    ) throws(IglooError) -> WriteOutcome {
        let found = try connection.rows("SELECT to_regclass($1)", [write.staging], context)
        // The rows were moved by a commit whose answer was lost.
        guard found.first?[0] != nil else { return WriteOutcome(rowCount: nil) }
        var answer = ""
        for statement in write.moves(fragments) {
            answer = try connection.command(statement, context)
        }
        _ = try connection.command("DROP TABLE \(write.staging)", context)
        return WriteOutcome(rowCount: answer.split(separator: " ").last.flatMap { Int64($0) })
    }

    func abort(write: [UInt8], _ context: CallContext) throws(IglooError) {
        let write = try PostgresWrite(write)
        try transactions.withConnection(context) { connection throws(IglooError) in
            // A transaction that has failed takes the staging table with it.
            if connection.hasFailed { return }
            _ = try connection.command("DROP TABLE IF EXISTS \(write.staging)", context)
        }
    }
}

extension WriteRequest.Mode {
    fileprivate var needsKeys: Bool {
        switch self {
        case .append, .overwrite, .create: false
        case .upsert, .update, .delete: true
        }
    }
}
