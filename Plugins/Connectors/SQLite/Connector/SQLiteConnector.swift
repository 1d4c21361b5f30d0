// SPDX-License-Identifier: MIT

public import IglooContracts
import IglooArrow
import IglooFiles

/// Databases in SQLite's files.
public let sqliteConnector = ConnectorKind(
    name: "sqlite", options: SQLiteOptions.specifications,
    capabilities: [.hasStatistics, .tellsChanges],
    create: { values, _ throws(IglooError) in SQLiteConnector(try SQLiteOptions(values)) })

/// A catalog over one database file.
///
/// Each call has a connection of its own, read-only: nothing is kept open between calls, and
/// calls may run at the same time.
///
/// - Threads: any; it holds no state.
struct SQLiteConnector: Connector {
    static let schemaName = "main"
    /// What a row is taken to need when nothing tells.
    private static let rowByteCountGuess = 100.0

    private let options: SQLiteOptions

    init(_ options: SQLiteOptions) { self.options = options }

    private func finder(_ context: CallContext) throws(IglooError) -> SQLiteTableFinder {
        SQLiteTableFinder(
            database: try SQLiteDatabase(
                path: options.path, busyTimeoutMilliseconds: options.busyTimeoutMilliseconds,
                context),
            options: options)
    }

    func listSchemas(_ context: CallContext) throws(IglooError) -> [String] { [Self.schemaName] }

    func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] {
        guard schema.isEmpty || schema == Self.schemaName else { return [] }
        return try finder(context).list(prefix: prefix)
    }

    func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable {
        guard schema.isEmpty || schema.lowercased() == Self.schemaName else {
            throw IglooError(
                .notFound, "there is no schema '\(schema)' in '\(options.path)'",
                hint: "its only schema is '\(Self.schemaName)'", sqlState: .undefinedSchema)
        }
        let table = try finder(context).open(name)
        return OpenedTable(handle: try table.encoded(), schema: table.schema)
    }

    /// By the database's file and its write-ahead log, which hold whatever was committed.
    var changes: (any ConnectorChanges)? {
        FileChanges { (table) throws(IglooError) in
            let path = FileChanges.resolved(try SQLiteTable(handle: table).path)
            return [path, path + "-wal"]
        }
    }

    func plan(_ request: ScanRequest, _ context: CallContext) throws(IglooError) -> ScanAnswer {
        let table = try SQLiteTable(handle: request.table)
        var answer = try SQLitePlanner(table: table).plan(request)
        let database = try table.connect(context)
        if let rowCount = try rowCount(table, database) {
            if request.conjuncts.isEmpty && answer.aggregate == .unsupported {
                answer.estimatedRowCount = rowCount
            }
            answer.estimatedByteCount = rowCount * Self.rowByteCountGuess
        }
        return answer
    }

    /// The number of rows: ANALYZE's, else the span of row ids.
    private func rowCount(
        _ table: SQLiteTable, _ database: SQLiteDatabase
    ) throws(IglooError) -> Double? {
        let hasStatistics = try database.integer(
            "SELECT count(*) FROM main.sqlite_schema WHERE name = 'sqlite_stat1'")
        if hasStatistics == 1 {
            let text = try database.text(
                "SELECT stat FROM main.sqlite_stat1 WHERE tbl = ? LIMIT 1", [.text(table.name)])
            if let first = text?.split(separator: " ").first, let count = Double(first) {
                return count
            }
        }
        guard let bounds = try bounds(table, database) else { return nil }
        return Double(bounds.last) - Double(bounds.first) + 1
    }

    /// The least and the greatest row id; `nil` for no rows or no row ids.
    private func bounds(
        _ table: SQLiteTable, _ database: SQLiteDatabase
    ) throws(IglooError) -> (first: Int64, last: Int64)? {
        guard let rowId = table.rowIdName else { return nil }
        let name = SQLiteText.identifier(table.name)
        // One statement each: SQLite finds a lone min or max without reading the table.
        guard let first = try database.integer("SELECT min(\(rowId)) FROM main.\(name)"),
            let last = try database.integer("SELECT max(\(rowId)) FROM main.\(name)")
        else { return nil }
        return (first, last)
    }

    func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource {
        let plan = try SQLitePlan(handle: handle)
        let whole = Split(payload: SQLiteRange().encoded())
        guard plan.canSplit else { return ArraySplitSource([whole]) }
        let database = try plan.table.connect(context)
        guard let bounds = try bounds(plan.table, database) else {
            return ArraySplitSource([whole])
        }
        let span = Double(bounds.last) - Double(bounds.first) + 1
        let perSplit = max(1, Double(max(targetByteCount, 1)) / Self.rowByteCountGuess)
        let count = Int(min(max(1, (span / perSplit).rounded(.up)), 4096))
        return ArraySplitSource(Self.ranges(bounds.first, span, count))
    }

    /// Ranges of row ids, the outer ones open: rows that come meanwhile are in one of them.
    private static func ranges(_ first: Int64, _ span: Double, _ count: Int) -> [Split] {
        var splits: [Split] = []
        var above: Int64?
        for index in 1...count {
            var range = SQLiteRange(above: above)
            if index < count {
                let end = Double(first) + span * Double(index) / Double(count)
                // Doubles of this size may round past the integers.
                let upTo = Int64(exactly: end.rounded(.down)) ?? .max
                if let above, upTo <= above { continue }
                range.upTo = upTo
                above = upTo
            }
            splits.append(
                Split(
                    payload: range.encoded(),
                    rowCount: Int64(exactly: (span / Double(count)).rounded()),
                    byteCount: Int64(exactly: (span / Double(count) * rowByteCountGuess).rounded()))
            )
        }
        return splits
    }

    func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let plan = try SQLitePlan(handle: handle)
        let range = try SQLiteRange(payload: split)
        if plan.columns.isEmpty && plan.grouping == nil {
            return try SQLiteCountReader(plan, range, context)
        }
        return try SQLiteReader(plan, range, context)
    }

    func ping(_ context: CallContext) throws(IglooError) {
        _ = try finder(context).database.integer("PRAGMA main.schema_version")
    }

    func statistics(
        handle: [UInt8], columns: [Int], _ context: CallContext
    ) throws(IglooError) -> TableStatistics? {
        let plan = try SQLitePlan(handle: handle)
        let database = try plan.table.connect(context)
        guard let rowCount = try rowCount(plan.table, database) else { return nil }
        return TableStatistics(rowCount: rowCount, byteCount: rowCount * Self.rowByteCountGuess)
    }
}
