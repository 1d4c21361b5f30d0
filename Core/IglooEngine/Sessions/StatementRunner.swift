// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooExecution
import IglooPlan
import IglooPlanner
import IglooPlugins
import IglooSQL

/// Takes one statement from its syntax tree to its result.
struct StatementRunner {
    let session: Session
    private let sql: String
    let call: CallContext
    private let settings: Settings
    private let startMicroseconds = Clock.nowMicroseconds()

    init(_ session: Session, _ sql: String, _ cancellation: CancellationToken) {
        self.session = session
        self.sql = sql
        call = CallContext(
            cancellation: cancellation, queryId: QueryIds.next(), notices: session.notices)
        settings = session.settings.withLock { $0 }
    }

    private var catalogs: CatalogSet { session.engine.catalogs }

    func run(_ statement: Statement) throws(IglooError) -> StatementResult {
        switch statement {
        case .query(let query): return .rows(try stream(query))
        case .explain(let explain): return try self.explain(explain)
        case .createView(let view): return try create(view)
        case .createCatalog(let catalog): return try create(catalog)
        case .drop(let drop): return try self.drop(drop)
        case .set(let variable): return try set(variable)
        case .reset(let name):
            try session.settings.withLock { (settings) throws(IglooError) in
                if let name { try settings.set(name.description, nil) } else { settings.resetAll() }
            }
            return .done(tag: "RESET")
        case .show(let show): return try self.show(show)
        case .describe(let describe): return try self.describe(describe)
        case .insert, .update, .delete, .merge, .truncate, .transaction, .createTable,
            .alterTable, .createSchema, .createIndex, .summarize, .prepare, .execute, .deallocate,
            .use:
            // What it is, as it was written: CREATE TABLE, INSERT.
            let words = SQLPrinter.text(of: statement).split(separator: " ")
            let name = words.prefix(words.first == "CREATE" || words.first == "ALTER" ? 2 : 1)
            throw IglooError(
                .unsupported, "\(name.joined(separator: " ")) is not supported",
                hint: "queries over files and catalogs are, and views of them")
        }
    }

    // MARK: - Queries

    /// A source whose table changed between finding and planning is asked once more.
    private func stream(_ query: Query) throws(IglooError) -> ResultStream {
        do throws(IglooError) {
            return try execute(try physical(query)).stream
        } catch  where error.code == .invalidState {
            return try execute(try physical(query)).stream
        }
    }

    func execute(
        _ plan: PhysicalPlan
    ) throws(IglooError) -> (stream: ResultStream, running: RunningQuery) {
        var context = QueryContext(call)
        context.settings.statementTimeMicroseconds = startMicroseconds
        context.settings.timeZone = settings["timezone"]
        let running = try session.engine.executor.execute(plan, context)
        let stream = ResultStream(reader: running, context: call) {
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
        let current = settings["catalog"]
        let lookup = SessionLookup(
            catalogs: catalogs, currentCatalog: current.isEmpty ? nil : current, context: call)
        return try Binder(catalog: lookup, settings: binderSettings).bind(query)
    }

    private var binderSettings: BinderSettings {
        var binder = BinderSettings()
        binder.dividesIntegers = Settings.bool(settings["integer_division"]) ?? true
        binder.nullOrder =
            BinderSettings.NullOrder(named: settings["default_null_order"]) ?? binder.nullOrder
        return binder
    }

    private var planner: Planner {
        var plannerSettings = PlannerSettings()
        plannerSettings.disabledRules = Set(
            settings["disabled_rules"].split(separator: ",").map {
                String($0.filter { $0 != " " })
            })
        plannerSettings.pushdown = Settings.bool(settings["pushdown"]) ?? true
        let context = EvaluationContext(
            statementTimeMicroseconds: startMicroseconds, timeZone: settings["timezone"])
        return Planner(context: call, settings: plannerSettings) {
            (expression) throws(IglooError) in
            try ConstantEvaluator.evaluate(expression, context)
        }
    }

    func schema(of query: Query) throws(IglooError) -> Schema {
        Schema(try bound(query).columns.map { Field($0.name, $0.type) })
    }

    // MARK: - Definitions

    private func create(_ view: CreateView) throws(IglooError) -> StatementResult {
        guard let name = view.name.parts.last?.name, view.name.parts.count == 1 else {
            throw IglooError(
                .unsupported, "views stand in no schema: name it with one part",
                position: view.name.range.start)
        }
        if view.ifNotExists && catalogs.view(name) != nil { return .done(tag: "CREATE VIEW") }
        let columns = try bound(view.query).columns
        if view.columns.count > columns.count {
            throw IglooError(
                .invalidArgument, "CREATE VIEW specifies more column names than columns",
                sqlState: .syntaxError, position: view.columns.last?.range.start)
        }
        try catalogs.create(
            CatalogSet.View(
                name: name, sql: SQLPrinter.text(of: view.query),
                columnNames: view.columns.map(\.written)), orReplace: view.orReplace)
        return .done(tag: "CREATE VIEW")
    }

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

    private func drop(_ drop: Drop) throws(IglooError) -> StatementResult {
        for name in drop.names {
            let last = name.parts.last?.name ?? ""
            let isGone =
                drop.kind == .view ? catalogs.dropView(last) : catalogs.drop(last)
            if !isGone && !drop.ifExists {
                let isView = drop.kind == .view
                let known = isView ? catalogs.views.map(\.name) : catalogs.names
                throw IglooError(
                    .notFound, "\(isView ? "view" : "catalog") \"\(name)\" does not exist",
                    hint: NearestName.among(known, to: last).map { "did you mean \"\($0)\"?" },
                    sqlState: isView ? .undefinedTable : .undefinedCatalog,
                    position: name.range.start)
            }
        }
        return .done(tag: drop.kind == .view ? "DROP VIEW" : "DROP CATALOG")
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

    private func describe(_ describe: Describe) throws(IglooError) -> StatementResult {
        let schema: Schema
        switch describe {
        case .query(let query): schema = try self.schema(of: query)
        case .table(let name):
            let text = name.parts.map { SQLPrinter.text(of: $0) }.joined(separator: ".")
            schema = try self.schema(of: try SQLParser.query("SELECT * FROM \(text)"))
        }
        return .rows(
            TextTable.stream(
                ["column_name", "column_type"],
                schema.fields.map { [$0.name, $0.type.sqlName] }, call))
    }
}
