// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooExecution
import IglooPlan
import IglooPlanner
import IglooPlugins
import IglooSQL
import IglooTables

/// Takes one statement from its syntax tree to its result.
struct StatementRunner {
    let session: Session
    let call: CallContext
    let settings: Settings
    /// What `$1`, `$2` ... stand for.
    var parameters: [Expression] = []
    /// A table of no catalog that the statement can name.
    var given: TableSource?
    /// As it was written.
    var text = ""
    /// What COPY FROM STDIN reads; `nil` where there is no such thing.
    var input: [UInt8]?
    private let startMicroseconds = Clock.nowMicroseconds()

    /// - Parameter caller: who asked for the statement: its deadline, user and trace.
    init(
        _ session: Session, _ cancellation: CancellationToken, for caller: CallContext? = nil
    ) {
        self.session = session
        settings = session.settings.withLock { $0 }
        let timeout = StatementTimeout.nanoseconds(settings["statement_timeout"]) ?? 0
        let ownDeadline = timeout > 0 ? MonotonicClock.nanoseconds() + timeout : nil
        var call = CallContext(
            cancellation: cancellation,
            deadlineNanoseconds: [ownDeadline, caller?.deadlineNanoseconds].compactMap { $0 }.min(),
            queryId: QueryIds.next(), user: caller?.user ?? "", notices: session.notices)
        call.trace = caller?.trace ?? .none
        self.call = call
    }

    var catalogs: CatalogSet { session.engine.catalogs }

    func run(_ statement: Statement) throws(IglooError) -> StatementResult {
        if case .transaction(let control) = statement { return try self.control(control) }
        try session.transactions.checkUsable()
        switch statement {
        case .query(let query): return .rows(try stream(query))
        case .insert, .update, .delete, .merge, .truncate: return try modify(statement)
        case .createTable, .alterTable, .createView, .createSchema, .createIndex, .drop:
            return try define(statement)
        case .createType, .alterType, .createSequence, .alterSequence, .createMacro:
            return try defineObject(statement)
        case .transaction(let control): return try self.control(control)
        case .explain(let explain): return try self.explain(explain)
        case .createCatalog(let catalog): return try create(catalog)
        case .set(let variable): return try set(variable)
        case .use(let name): return try use(name)
        case .reset(let name):
            try session.settings.withLock { (settings) throws(IglooError) in
                if let name { try settings.set(name.description, nil) } else { settings.resetAll() }
            }
            return .done(tag: "RESET")
        case .show(let show): return try self.show(show)
        case .describe(let describe): return try self.describe(describe)
        case .summarize(let subject): return try summarize(subject)
        case .copy(let copy): return try self.copy(copy)
        case .prepare(let prepare): return try self.prepare(prepare)
        case .execute(let execute): return try self.execute(execute)
        case .deallocate(let name): return try deallocate(name)
        }
    }

    // MARK: - Queries

    /// A source whose table changed between finding and planning is asked once more.
    func stream(_ query: Query) throws(IglooError) -> ResultStream {
        do throws(IglooError) {
            return try execute(try physical(query)).stream
        } catch  where error.code == .invalidState {
            return try execute(try physical(query)).stream
        }
    }

    /// The rows of a bound plan.
    func stream(_ plan: LogicalPlan) throws(IglooError) -> ResultStream {
        try execute(try planner.physical(try planner.optimize(plan))).stream
    }

    func execute(
        _ plan: PhysicalPlan, measuresTime: Bool = false
    ) throws(IglooError) -> (stream: ResultStream, running: RunningQuery) {
        var context = QueryContext(call)
        context.settings.measuresTime = measuresTime
        context.settings.statementTimeMicroseconds = startMicroseconds
        context.settings.timeZone = settings["timezone"]
        context.settings.session = sessionAccess
        context.settings.memoryLimit = Settings.byteCount(settings["memory_limit"])
        context.settings.temporaryFolder = settings["temp_directory"]
        context.settings.encryptsTemporaryFiles =
            Settings.bool(settings["temp_file_encryption"]) ?? false
        context.settings.spillsAlways = Settings.bool(settings["debug_force_spilling"]) ?? false
        let running = try session.engine.executor.execute(plan, context)
        let stream = ResultStream(
            reader: running, context: call, onFailure: { [session] in session.transactions.fail() }
        ) {
            let progress = running.metrics.progress
            let isKnown = progress.isSplitCountFinal && progress.splitsTotal > 0
            return QueryProgress(
                rowCount: progress.rowsRead,
                fraction: isKnown
                    ? Double(progress.splitsDone) / Double(progress.splitsTotal) : nil)
        }
        return (stream, running)
    }

    func logical(_ query: Query) throws(IglooError) -> LogicalPlan {
        try planner.optimize(try bound(query))
    }

    func physical(_ query: Query) throws(IglooError) -> PhysicalPlan {
        try planner.physical(try logical(query))
    }

    private func bound(_ query: Query) throws(IglooError) -> LogicalPlan {
        try binder(session.transactions.database).bind(query)
    }

    /// Binds names to what stands in `database`.
    ///
    /// - Parameter foreign: the transaction that the statement writes in, if not the session's.
    func binder(_ database: Database, _ foreign: ForeignTransaction? = nil) -> Binder {
        Binder(
            catalog: lookup(database, foreign), parameters: parameters, settings: binderSettings,
            list: { statement throws(IglooError) in try list(statement) }
        ) { plan throws(IglooError) in try rows(of: plan) }
    }

    /// The rows of a statement that lists something, as a table.
    private func list(_ statement: Statement) throws(IglooError) -> TableSource {
        guard case .rows(let stream) = try run(statement) else {
            throw IglooError(.internalError, "a statement that lists something has no rows")
        }
        var batches: [RecordBatch] = []
        while let batch = try stream.next() { batches.append(batch) }
        let held = HeldRows(stream.schema)
        held.set(batches)
        return held.source(named: "listing")
    }

    /// All rows of a plan that has few.
    private func rows(of plan: LogicalPlan) throws(IglooError) -> [[Scalar]] {
        let stream = try stream(plan)
        var rows: [[Scalar]] = []
        while let batch = try stream.next() {
            for row in 0..<batch.rowCount {
                rows.append(batch.columns.map { $0.scalar(at: row) })
            }
        }
        return rows
    }

    private var binderSettings: BinderSettings {
        var binder = BinderSettings()
        binder.isJSON = JSONDocument.isValid
        binder.dividesIntegers = Settings.bool(settings["integer_division"]) ?? true
        binder.nullOrder =
            BinderSettings.NullOrder(named: settings["default_null_order"]) ?? binder.nullOrder
        binder.sessionValues = [
            "current_schema": settings["schema"], "current_database": MemoryCatalog.name,
            "current_catalog": MemoryCatalog.name, "current_user": "igloo",
            "session_user": "igloo", "current_role": "igloo", "user": "igloo",
            "pg_client_encoding": "UTF8", "current_query": text,
            "version": "igloo 0.1.0, in PostgreSQL's dialect",
        ]
        return binder
    }

    func lookup(_ database: Database, _ foreign: ForeignTransaction? = nil) -> SessionLookup {
        let current = settings["catalog"]
        var lookup = SessionLookup(
            catalogs: catalogs, memory: MemoryCatalog(database, searchPath: searchPath),
            currentCatalog: current.isEmpty ? nil : current, settings: settings,
            temporarySchema: session.temporarySchema,
            foreign: foreign ?? session.transactions.foreign, context: call,
            evaluation: evaluation)
        lookup.given = given
        return lookup
    }

    private var searchPath: [String] { [session.temporarySchema, settings["schema"]] }

    var planner: Planner {
        var plannerSettings = PlannerSettings()
        plannerSettings.disabledRules = Set(
            settings["disabled_rules"].split(separator: ",").map {
                String($0.filter { $0 != " " })
            })
        plannerSettings.pushdown = Settings.bool(settings["pushdown"]) ?? true
        let context = evaluation
        return Planner(context: call, settings: plannerSettings) {
            (expression) throws(IglooError) in
            try ConstantEvaluator.evaluate(expression, context)
        }
    }

    var evaluation: EvaluationContext {
        EvaluationContext(
            statementTimeMicroseconds: startMicroseconds, timeZone: settings["timezone"],
            session: sessionAccess, call: call)
    }

    /// What functions may ask and change.
    private var sessionAccess: SessionAccess {
        var access = SessionAccess()
        access.random = session.random
        access.cancellation = call.cancellation
        access.sequence = { [session, searchPath] request throws(IglooError) in
            try session.sequences.number(
                request,
                MemoryCatalog(session.transactions.database, searchPath: searchPath))
        }
        access.setting = { [session] name in session.settings.withLock { try? $0.text(name) } }
        access.change = { [session] (name, value, isLocal) throws(IglooError) in
            guard !isLocal else {
                throw IglooError(
                    .unsupported, "set_config for one transaction is not supported",
                    hint: "settings belong to the session: let the third argument be false")
            }
            try session.settings.withLock { (settings) throws(IglooError) in
                try settings.set(name, value)
            }
        }
        return access
    }

    func schema(of query: Query) throws(IglooError) -> Schema {
        Schema(try bound(query).columns.map { Field($0.name, $0.type) })
    }

    // MARK: - Catalogs

    private func create(_ catalog: CreateCatalog) throws(IglooError) -> StatementResult {
        let name = catalog.name.name
        if catalog.ifNotExists && catalogs.instance(name) != nil {
            return .done(tag: "CREATE CATALOG")
        }
        var options: [GivenOption] = []
        for option in catalog.options {
            var texts: [String] = []
            for value in option.values { texts.append(try text(value, option.range)) }
            let value: GivenOption.Value =
                option.isList || texts.count != 1 ? .list(texts) : .text(texts[0])
            options.append(GivenOption(option.name.description, value))
        }
        try catalogs.create(
            name, connector: catalog.connector.name, options: options,
            orReplace: catalog.orReplace, call)
        return .done(tag: "CREATE CATALOG")
    }

    private func text(_ literal: Literal, _ range: SourceRange) throws(IglooError) -> String {
        switch literal {
        case .boolean(let value): return value ? "true" : "false"
        case .integer(let text), .decimal(let text), .float(let text), .string(let text):
            return text
        default:
            throw IglooError(
                .invalidArgument, "an option's value is text, a number or a boolean",
                sqlState: .syntaxError, position: range.start)
        }
    }

    // MARK: - Settings

    private func set(_ variable: SetVariable) throws(IglooError) -> StatementResult {
        var words: [String] = []
        for value in variable.values {
            switch value {
            case .word(let word): words.append(word.written)
            case .literal(let literal): words.append(try text(literal, variable.name.range))
            }
        }
        let name = variable.name.description
        let position = variable.name.range.start
        do throws(IglooError) {
            try session.settings.withLock { (settings) throws(IglooError) in
                try settings.set(name, words.isEmpty ? nil : words.joined(separator: ","))
            }
        } catch {
            var error = error
            error.position = position
            throw error
        }
        return .done(tag: "SET")
    }

    /// `USE catalog`, `USE schema`, `USE catalog.schema`.
    private func use(_ name: QualifiedName) throws(IglooError) -> StatementResult {
        let memory = lookup(session.transactions.database).memory
        let parts = name.parts.map(\.name)
        var catalog = MemoryCatalog.name
        var schema = Database.mainSchema
        switch parts.count {
        case 1:
            if let own = memory.schema(parts[0]) {
                schema = own
            } else if catalogs.instance(parts[0]) != nil {
                catalog = parts[0]
            } else if !MemoryCatalog.isOwn(parts[0]) {
                throw missing(parts[0], memory, name.range)
            }
        case 2 where MemoryCatalog.isOwn(parts[0]):
            guard let own = memory.schema(parts[1]) else { throw memory.missingSchema(parts[1]) }
            schema = own
        default:
            throw IglooError(
                .unsupported, "USE takes a catalog, or a schema of the tables in memory",
                position: name.range.start)
        }
        try session.settings.withLock { (settings) throws(IglooError) in
            try settings.set("catalog", catalog)
            try settings.set("schema", schema)
        }
        return .done(tag: "USE")
    }

    private func missing(
        _ name: String, _ memory: MemoryCatalog, _ range: SourceRange
    ) -> IglooError {
        let known = catalogs.names + memory.database.schemaNames
        return IglooError(
            .notFound, "no catalog or schema is called \"\(name)\"",
            hint: NearestName.among(known, to: name).map { "did you mean \"\($0)\"?" },
            sqlState: .undefinedSchema, position: range.start)
    }

    private func show(_ show: Show) throws(IglooError) -> StatementResult {
        switch show {
        case .all:
            let rows = Settings.declarations.map { declaration in
                [declaration.name, settings[declaration.name], declaration.documentation]
            }
            return .rows(TextTable.stream(["name", "setting", "description"], rows, call))
        case .variable(let name):
            let value = try settings.text(name.description)
            return .rows(TextTable.stream([name.description], [[value]], call))
        case .tables(let from):
            let entries = try session.listTables(catalog: from?.parts.first?.name, call)
            return .rows(
                TextTable.stream(
                    ["catalog", "schema", "name", "kind"],
                    entries.map { [$0.catalog, $0.schema, $0.name, $0.kind] }, call))
        }
    }
}
