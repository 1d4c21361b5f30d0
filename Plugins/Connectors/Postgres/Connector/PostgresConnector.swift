// SPDX-License-Identifier: MIT

import IglooArrow
public import IglooContracts

/// Databases of PostgreSQL servers.
public let postgresConnector = ConnectorKind(
    name: "postgres", options: PostgresOptions.specifications,
    capabilities: [.hasStatistics, .canWrite, .hasTransactions, .joins, .tellsChanges],
    create: { values, _ throws(IglooError) in PostgresConnector(try PostgresOptions(values)) })

/// A catalog over one database.
///
/// - Threads: any; calls share a bounded pool of connections.
struct PostgresConnector: Connector {
    private let pool: PostgresPool
    private let openTransactions: PostgresTransactions

    init(_ options: PostgresOptions) {
        pool = PostgresPool(options)
        openTransactions = PostgresTransactions(pool)
    }

    var writing: (any ConnectorWriting)? {
        PostgresWriting(pool: pool, transactions: openTransactions)
    }

    var transactions: (any ConnectorTransactions)? { openTransactions }

    var joining: (any ConnectorJoining)? { PostgresJoining() }

    var changes: (any ConnectorChanges)? {
        PostgresChanges(pool: pool, transactions: openTransactions)
    }

    private func withCatalog<Value>(
        _ context: CallContext, _ body: (PostgresCatalog) throws(IglooError) -> Value
    ) throws(IglooError) -> Value {
        try openTransactions.withConnection(context) { connection throws(IglooError) in
            try body(
                PostgresCatalog(connection: connection, options: pool.options, context: context))
        }
    }

    func listSchemas(_ context: CallContext) throws(IglooError) -> [String] {
        try withCatalog(context) { catalog throws(IglooError) in try catalog.schemas() }
    }

    func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] {
        try withCatalog(context) { catalog throws(IglooError) in
            try catalog.tables(schema: schema, prefix: prefix)
        }
    }

    func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable {
        let table = try withCatalog(context) { catalog throws(IglooError) in
            try catalog.open(schema: schema, name: name)
        }
        return OpenedTable(handle: table.encoded(), schema: table.schema)
    }

    func plan(_ request: ScanRequest, _ context: CallContext) throws(IglooError) -> ScanAnswer {
        let table = try PostgresTable(handle: request.table)
        let rowCount = try withCatalog(context) { catalog throws(IglooError) in
            try catalog.checkedRowCount(table)
        }
        var planner = PostgresPlanner(table, request)
        var answer = try planner.plan()
        if request.conjuncts.isEmpty && answer.aggregate == .unsupported {
            answer.estimatedRowCount = rowCount
        }
        return answer
    }

    func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource {
        let plan = try PostgresPlan(handle: handle)
        let whole = ArraySplitSource([Split(payload: PostgresSplit().encoded())])
        // A transaction has one connection.
        guard plan.canSplit, context.transaction.isEmpty else { return whole }
        let pages = try withCatalog(context) { catalog throws(IglooError) in
            try catalog.pages(plan.table.oid)
        }
        let pagesPerSplit = max(1, Int64(max(0, targetByteCount)) / pages.byteCount)
        // The snapshot's keeper never takes the connections that the readers need.
        guard pages.count > pagesPerSplit, let holder = try pool.takeNow(leaving: 2, context)
        else { return whole }
        do throws(IglooError) {
            return try PostgresSplits(
                holder, pool, pageCount: pages.count, pagesPerSplit: pagesPerSplit,
                pageByteCount: pages.byteCount, context)
        } catch {
            pool.giveBack(holder)
            throw error
        }
    }

    func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let plan = try PostgresPlan(handle: handle)
        let split = try PostgresSplit(payload: split)
        if let transaction = try openTransactions.transaction(of: context) {
            return plan.outputs.isEmpty
                ? PostgresCountReader(plan, split, openTransactions)
                : PostgresCursorReader(plan, split, transaction, place: pool.options.place)
        }
        return plan.outputs.isEmpty
            ? PostgresCountReader(plan, split, openTransactions) : PostgresReader(plan, split, pool)
    }

    func ping(_ context: CallContext) throws(IglooError) {
        _ = try openTransactions.withConnection(context) { connection throws(IglooError) in
            try connection.rows("SELECT 1", [], context)
        }
    }

    func statistics(
        handle: [UInt8], columns: [Int], _ context: CallContext
    ) throws(IglooError) -> TableStatistics? {
        let table = try PostgresPlan(handle: handle).table
        return try withCatalog(context) { catalog throws(IglooError) in
            let rowCount = try catalog.checkedRowCount(table)
            return try PostgresStatistics(catalog: catalog, table: table)
                .read(columns, rowCount: rowCount)
        }
    }
}
