// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooExecution
import IglooPlan
import IglooPlugins
import IglooSQL
import IglooTables

/// Where one statement's names are looked up.
///
/// A name of one part is a table or view in memory, or a table of the session's catalog; of two,
/// `schema.table` in memory, `catalog.table`, or `schema.table` of the session's catalog; of three,
/// `catalog.schema.table`.
struct SessionLookup: CatalogLookup {
    let catalogs: CatalogSet
    let memory: MemoryCatalog
    /// `SET catalog = ...`; with one catalog alone it is that one.
    let currentCatalog: String?
    let settings: Settings
    let temporarySchema: String
    /// The catalog that the transaction writes to: its tables are read in it as well.
    var foreign: ForeignTransaction?
    let context: CallContext
    /// With which constants are evaluated.
    let evaluation: EvaluationContext
    /// A table of no catalog that the statement can name.
    var given: TableSource?
    /// Whether system tables have columns alone: what they list may be what is looked up.
    var hidesSystemRows = false

    func relation(_ parts: [String]) throws(IglooError) -> ResolvedRelation {
        let shown = parts.joined(separator: ".")
        if let given, parts == [given.name] { return .table(given) }
        if let found = memory.find(parts) { return try memory.resolved(found, context) }
        if let system = SystemTable.find(parts) {
            return .table(try system.source(hidesSystemRows ? nil : systemView))
        }
        switch parts.count {
        case 1:
            guard let current = current else { throw missing(shown, parts[0]) }
            return .table(try table(current, "", parts[0], shown))
        case 2:
            if let catalog = catalogs.instance(parts[0]) {
                return .table(try table(catalog, "", parts[1], shown))
            }
            if MemoryCatalog.isOwn(parts[0]) || memory.schema(parts[0]) != nil
                || SystemTable.schemas.contains(parts[0].lowercased())
            {
                throw missing(shown, parts[1])
            }
            guard let current = current else { throw missingCatalog(parts[0], of: shown) }
            return .table(try table(current, parts[0], parts[1], shown))
        case 3:
            if MemoryCatalog.isOwn(parts[0]) {
                guard memory.schema(parts[1]) != nil else { throw memory.missingSchema(parts[1]) }
                throw missing(shown, parts[2])
            }
            guard let catalog = catalogs.instance(parts[0]) else {
                throw missingCatalog(parts[0], of: shown)
            }
            return .table(try table(catalog, parts[1], parts[2], shown))
        default:
            throw IglooError(
                .invalidArgument, "improper qualified name (too many dotted names): \(shown)",
                sqlState: .syntaxError)
        }
    }

    func target(_ parts: [String]) throws(IglooError) -> WriteTarget {
        if let found = memory.find(parts) { return try memory.target(found, context) }
        let shown = parts.joined(separator: ".")
        // Whatever is wrong with the name is said first.
        if case .table(let source) = try relation(parts), let foreign,
            let writing = foreign.writing(of: source)
        {
            return try WriteTarget(source, writing, foreign.context(context))
        }
        throw IglooError(
            .unsupported, "\(shown) cannot be written to: its connector only reads",
            hint: "tables in memory can: CREATE TABLE ... AS SELECT * FROM \(shown)")
    }

    func type(_ parts: [String]) throws(IglooError) -> DataType? { memory.type(parts) }

    func macros(_ parts: [String]) -> [MacroDefinition] { memory.macros(parts) }

    func file(_ path: String) throws(IglooError) -> ResolvedRelation {
        let kind = try catalogs.registry.connector(forFile: path)
        return .table(try file(path, kind.name, [], shownAs: "'\(path)'"))
    }

    func tableFunction(
        _ name: String, arguments: [Scalar], named: [(name: String, value: Scalar)]
    ) throws(IglooError) -> ResolvedRelation {
        if name == "igloo_functions", arguments.isEmpty, named.isEmpty {
            return .view(sql: FunctionReference.query(functionLookup.usable), columnNames: [])
        }
        guard catalogs.registry.hasFunction(name) else {
            let nearest = NearestName.among(functionLookup.known().names, to: name)
            throw IglooError(
                .notFound, "table function \(name) does not exist",
                hint: nearest.map { "did you mean \"\($0)\"?" } ?? functionLookup.known().hint,
                sqlState: .undefinedFunction)
        }
        let kind = try catalogs.registry.connector(forFunction: name)
        if arguments.count == 1, case .list(let paths) = arguments[0], !paths.isEmpty,
            let sql = FileList.query(name, paths, named)
        {
            return .view(sql: sql, columnNames: [])
        }
        guard arguments.count == 1, case .text(let path) = arguments[0] else {
            throw IglooError(
                .invalidArgument, "\(name) takes a path or a list of paths, then options by name",
                hint: "for example: \(name)('data/*.\(kind.name)')",
                sqlState: .undefinedFunction)
        }
        var options: [GivenOption] = []
        for (name, value) in named {
            options.append(GivenOption(name, try Self.option(value, name)))
        }
        return .table(try file(path, kind.name, options, shownAs: "\(name)('\(path)')"))
    }

    func hasTableFunction(_ name: String) -> Bool {
        name == "igloo_functions" || catalogs.registry.hasFunction(name)
    }

    // MARK: - Functions of plugins

    private var functionLookup: FunctionLookup {
        FunctionLookup(registry: catalogs.registry, context: context)
    }

    func functions(_ parts: [String]) throws(IglooError) -> [ForeignFunction] {
        try functionLookup.functions(parts)
    }

    func queryOperator(_ name: String) throws(IglooError) -> (any OperatorFactory)? {
        let wanted = name.lowercased()
        guard catalogs.registry.operatorNames.contains(wanted) else { return nil }
        return try catalogs.registry.operatorFactory(named: wanted, context)
    }

    var callContext: CallContext { context }

    func value(of expression: Expression) throws(IglooError) -> Scalar {
        try ConstantEvaluator.evaluate(expression, evaluation)
    }

    func knownFunctions() -> (names: [String], hint: String?) { functionLookup.known() }

    // MARK: - Parts

    private var systemView: SystemView {
        var inner = self
        inner.hidesSystemRows = true
        let lookup = inner
        return SystemView(
            database: memory.database, catalogs: catalogs, settings: settings,
            temporarySchema: temporarySchema, context: context
        ) { view throws(IglooError) in
            let columns = try Binder(catalog: lookup).bind(try SQLParser.query(view.sql)).columns
            return columns.enumerated().map { index, column in
                SystemView.Column(
                    name: index < view.columnNames.count ? view.columnNames[index] : column.name,
                    type: column.type)
            }
        }
    }

    private var current: CatalogInstance? {
        if let currentCatalog { return catalogs.instance(currentCatalog) }
        let names = catalogs.names
        return names.count == 1 ? catalogs.instance(names[0]) : nil
    }

    private func table(
        _ catalog: CatalogInstance, _ schema: String, _ name: String, _ shown: String
    ) throws(IglooError) -> TableSource {
        if let foreign, foreign.instance === catalog {
            return try foreign.table(schema: schema, name: name, shownAs: shown, context)
        }
        return try catalog.table(schema: schema, name: name, shownAs: shown, context)
    }

    /// The catalog of a connector that a table's name speaks of, and the name within it; `nil` for
    /// names of tables in memory, and of none.
    ///
    /// - Parameter isNew: the table is to be made; without a catalog's name that is in memory, unless
    ///   the session uses a catalog.
    func foreignName(
        _ parts: [String], isNew: Bool
    ) -> (instance: CatalogInstance, schema: String, table: String)? {
        if memory.find(parts) != nil { return nil }
        let current = isNew ? currentCatalog.flatMap { catalogs.instance($0) } : self.current
        switch parts.count {
        case 1: return current.map { ($0, "", parts[0]) }
        case 2:
            if let instance = catalogs.instance(parts[0]) { return (instance, "", parts[1]) }
            if MemoryCatalog.isOwn(parts[0]) || memory.schema(parts[0]) != nil { return nil }
            return current.map { ($0, parts[0], parts[1]) }
        case 3: return catalogs.instance(parts[0]).map { ($0, parts[1], parts[2]) }
        default: return nil
        }
    }

    private func file(
        _ path: String, _ connector: String, _ options: [GivenOption], shownAs shown: String
    ) throws(IglooError) -> TableSource {
        try catalogs.forFiles(connector, options: options)
            .table(schema: "", name: path, shownAs: shown, context)
    }

    private static func option(
        _ value: Scalar, _ name: String
    ) throws(IglooError) -> GivenOption.Value {
        switch value {
        case .bool(let value): return .bool(value)
        case .int(let value): return .integer(value)
        case .uint(let value):
            if let value = Int64(exactly: value) { return .integer(value) }
        case .float(let value): return .double(value)
        case .text(let value): return .string(value)
        case .list(let values):
            return .list(try values.mapTexts(name))
        case .map(let entries):
            var texts: [String] = []
            for entry in entries {
                guard case .structure(let pair) = entry, pair.count == 2 else { continue }
                let parts = try pair.mapTexts(name)
                texts.append("\(parts[0]): \(parts[1])")
            }
            return .list(texts)
        default: break
        }
        throw IglooError(
            .invalidArgument, "option \(name) takes text, numbers, booleans or lists of text")
    }

    private func missing(_ shown: String, _ name: String) -> IglooError {
        var hint = NearestName.among(memory.visibleNames, to: name).map {
            "did you mean \"\($0)\"?"
        }
        let known = catalogs.names
        if hint == nil, let first = known.first {
            hint = "tables of catalogs are named with them: \(first).\(name)"
        }
        return IglooError(
            .notFound, "relation \"\(shown)\" does not exist", hint: hint,
            sqlState: .undefinedTable)
    }

    private func missingCatalog(_ name: String, of shown: String) -> IglooError {
        let known = catalogs.names
        let isFile = (try? catalogs.registry.connector(forFile: shown)) != nil
        let hint =
            isFile
            ? "a file's name stands in quotes: '\(shown)'"
            : NearestName.among(known, to: name).map { "did you mean \"\($0)\"?" }
                ?? (known.isEmpty
                    ? "no catalogs are configured: name them in a manifest, or CREATE CATALOG"
                    : "there are: \(known.joined(separator: ", "))")
        return IglooError(
            .notFound, "catalog \"\(name)\" does not exist", hint: hint,
            sqlState: .undefinedCatalog)
    }
}

extension [Scalar] {
    fileprivate func mapTexts(_ option: String) throws(IglooError) -> [String] {
        var texts: [String] = []
        for value in self {
            switch value {
            case .text(let text): texts.append(text)
            case .int(let number): texts.append(String(number))
            default:
                throw IglooError(
                    .invalidArgument, "the values of option \(option) have to be text")
            }
        }
        return texts
    }
}
