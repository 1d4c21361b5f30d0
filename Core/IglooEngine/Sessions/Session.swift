// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
import IglooExecution
import IglooPlan
import IglooSQL
import IglooTables

/// One user's conversation with the engine: settings, and statements one after another.
///
/// - Threads: one statement at a time; results may be read on another thread.
public final class Session: Sendable {
    let engine: Engine
    let settings: Locked<Settings>
    let notices = SessionNotices()
    let transactions: SessionTransactions
    let prepared = PreparedStatements()
    let sequences = SessionSequences()
    let random = RandomSource()
    /// The schema of this session's temporary tables, which is there once one was made.
    let temporarySchema: String

    init(_ engine: Engine) {
        self.engine = engine
        settings = Locked(Settings(temporaryFolder: engine.temporaryFolder))
        transactions = SessionTransactions(engine.store)
        temporarySchema = "temp_\(SessionIds.next())"
    }

    deinit {
        _ = transactions.rollback()
        guard engine.store.latest.schemas[temporarySchema] != nil else { return }
        let transaction = engine.store.begin()
        transaction.dropSchema(temporarySchema)
        try? transaction.commit()
    }

    /// Runs one statement, with or without its semicolon.
    ///
    /// - Throws: with SQLSTATE, and the byte position in `sql` where there is one.
    /// - Cancellation: `cancellation` ends the statement and the reading of its rows.
    /// - Parameter input: what COPY FROM STDIN reads.
    public func execute(
        _ sql: String, input: [UInt8]? = nil,
        cancellation: CancellationToken = CancellationToken()
    ) throws(IglooError) -> StatementResult {
        do throws(IglooError) {
            return try AbandonableWork.run(cancellation) { [self] () throws(IglooError) in
                let statement = try SQLParser.statement(sql)
                var runner = StatementRunner(self, cancellation)
                runner.text = sql
                runner.input = input
                return try runner.run(statement)
            }
        } catch {
            transactions.fail()
            throw error.withShortMessage
        }
    }

    /// Whether a statement is a COPY FROM STDIN, which needs an input.
    public static func readsInput(_ sql: String) -> Bool {
        // Long texts are other statements, and reading them twice would take its time.
        guard sql.utf8.count < 100_000, case .copy(let copy)? = try? SQLParser.statement(sql) else {
            return false
        }
        return copy.isStandard && copy.isFrom
    }

    /// As `execute`, with a row of values for `$1`, `$2` ..., for a caller who may cancel the call as
    /// well, until it returns.
    func execute(
        _ sql: String, parameters: RecordBatch?, cancellation: CancellationToken,
        for caller: CallContext
    ) throws(IglooError) -> StatementResult {
        do throws(IglooError) {
            return try AbandonableWork.run(cancellation, following: caller) {
                [self] () throws(IglooError) in
                let statement = try SQLParser.statement(sql)
                var runner = StatementRunner(self, cancellation, for: caller)
                runner.text = sql
                for column in parameters?.columns ?? [] {
                    let value = try Normalizer.canonical(column)
                    runner.parameters.append(
                        .literal(
                            value.scalar(at: 0), EngineType.canonical(value.type) ?? value.type))
                }
                return try runner.run(statement)
            }
        } catch {
            transactions.fail()
            throw error.withShortMessage
        }
    }

    public var transactionStatus: TransactionStatus { transactions.status }

    /// What users should hear about the statements so far although they did not fail, such as rows
    /// that were left out; each is told once. A query's are complete when its rows are read.
    ///
    /// - Threads: any.
    public func takeNotices() -> [Notice] { notices.take() }

    // MARK: - Help for front ends

    /// The column as `CAST(x AS text)` writes it, of type `utf8View`.
    public func text(of column: ArrayData) throws(IglooError) -> ArrayData {
        try TextRendering.text(of: column, timeZone: settings.withLock { $0["timezone"] })
    }

    /// The name under which users know a type.
    public static func typeName(_ type: DataType) -> String { type.sqlName }

    public static var keywords: [String] { SQLKeywords.words }

    public func listCatalogs() -> [String] { engine.catalogs.names }

    /// Views, and the tables of a catalog (of all, if `nil`).
    public func listTables(
        catalog: String? = nil, _ context: CallContext = CallContext()
    ) throws(IglooError) -> [CatalogEntry] {
        var entries: [CatalogEntry] = []
        if catalog == nil || catalog == MemoryCatalog.name {
            entries += memoryEntries(transactions.database)
        }
        for name in engine.catalogs.names where catalog == nil || catalog == name {
            guard let instance = engine.catalogs.instance(name) else { continue }
            let connector = try instance.open(context).connector
            for schema in try connector.listSchemas(context) {
                for table in try connector.listTables(schema: schema, prefix: "", context) {
                    entries.append(
                        CatalogEntry(
                            catalog: name, schema: schema, name: table.name,
                            kind: table.kind.rawValue))
                }
            }
        }
        return entries
    }

    private func memoryEntries(_ database: Database) -> [CatalogEntry] {
        var entries: [CatalogEntry] = []
        let isOwn = { (schema: String) in
            !schema.hasPrefix("temp_") || schema == self.temporarySchema
        }
        for schema in database.schemaNames where isOwn(schema) {
            for name in database.names(in: schema) {
                let relation = database.relations[RelationName(schema, name)]
                if case .view? = relation?.entry {
                    entries.append(
                        CatalogEntry(
                            catalog: MemoryCatalog.name, schema: schema, name: name, kind: "view"))
                } else {
                    entries.append(
                        CatalogEntry(
                            catalog: MemoryCatalog.name, schema: schema, name: name, kind: "table"))
                }
            }
        }
        return entries
    }

    /// The columns of a table, a view or, in quotes, a file: `sales.orders`, `'x.parquet'`.
    public func describe(
        _ name: String, cancellation: CancellationToken = CancellationToken()
    ) throws(IglooError) -> Schema {
        let query = try SQLParser.query("SELECT * FROM \(name)")
        let runner = StatementRunner(self, cancellation)
        return try runner.schema(of: query)
    }
}

/// A table or view in a listing.
public struct CatalogEntry: Hashable, Sendable {
    public var catalog: String
    public var schema: String
    public var name: String
    /// `table` or `view`.
    public var kind: String

    public init(catalog: String, schema: String, name: String, kind: String) {
        self.catalog = catalog
        self.schema = schema
        self.name = name
        self.kind = kind
    }
}
