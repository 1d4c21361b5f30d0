// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import IglooTables

/// The tables and views in memory as one statement sees them: the catalog `memory`.
struct MemoryCatalog: Sendable {
    static let name = "memory"

    let database: Database
    /// Schemas in which names of one part are looked for; new relations go into the last.
    let searchPath: [String]
    private let tables: MemoryTables

    init(_ database: Database, searchPath: [String]) {
        self.database = database
        self.searchPath = searchPath
        tables = MemoryTables(database)
    }

    /// What these name parts name, if there is something.
    func find(
        _ parts: [String], in space: RelationName.Space = .relations
    ) -> (name: RelationName, relation: Database.Relation)? {
        for var name in candidates(parts) {
            name.space = space
            if let found = database.relation(name) { return found }
        }
        return nil
    }

    func type(_ parts: [String]) -> DataType? {
        guard case .type(let type)? = find(parts, in: .types)?.relation.entry else { return nil }
        return type
    }

    func macros(_ parts: [String]) -> [MacroDefinition] {
        guard case .macro(let macros)? = find(parts, in: .macros)?.relation.entry else {
            return []
        }
        return macros
    }

    private func candidates(_ parts: [String]) -> [RelationName] {
        switch parts.count {
        case 1: searchPath.map { RelationName($0, parts[0]) }
        case 2 where Self.isOwn(parts[0]):
            [RelationName(parts[0], parts[1])] + searchPath.map { RelationName($0, parts[1]) }
        case 2: [RelationName(parts[0], parts[1])]
        case 3 where Self.isOwn(parts[0]): [RelationName(parts[1], parts[2])]
        default: []
        }
    }

    static func isOwn(_ catalog: String) -> Bool { catalog.lowercased() == name }

    /// Where a new relation of this name goes.
    func newName(
        _ parts: [String], in space: RelationName.Space = .relations
    ) throws(IglooError) -> RelationName {
        var name = try relationName(parts)
        name.space = space
        return name
    }

    private func relationName(_ parts: [String]) throws(IglooError) -> RelationName {
        let last = parts.last ?? ""
        switch parts.count {
        case 1: return RelationName(searchPath.last ?? Database.mainSchema, last)
        case 2:
            if let schema = schema(parts[0]) { return RelationName(schema, last) }
            guard Self.isOwn(parts[0]) else { throw missingSchema(parts[0]) }
            return RelationName(searchPath.last ?? Database.mainSchema, last)
        case 3:
            guard Self.isOwn(parts[0]) else {
                throw IglooError(
                    .unsupported, "tables and views are made in the catalog \"\(Self.name)\" only",
                    hint: "leave the catalog's name away")
            }
            guard let schema = schema(parts[1]) else { throw missingSchema(parts[1]) }
            return RelationName(schema, last)
        default:
            throw IglooError(
                .invalidArgument,
                "improper qualified name (too many dotted names): "
                    + parts.joined(separator: "."), sqlState: .syntaxError)
        }
    }

    /// The schema of this name, in any case.
    func schema(_ name: String) -> String? {
        if database.schemas[name] != nil { return name }
        return database.schemaNames.first { $0.lowercased() == name.lowercased() }
    }

    func missingSchema(_ name: String) -> IglooError {
        Transaction.missingSchema(name, database)
    }

    // MARK: - For the binder

    func resolved(
        _ found: (name: RelationName, relation: Database.Relation), _ context: CallContext
    ) throws(IglooError) -> ResolvedRelation {
        switch found.relation.entry {
        case .view(let view): return .view(sql: view.sql, columnNames: view.columnNames)
        case .table: return .table(try source(found.name, context))
        case .sequence(let sequence):
            let (value, isGiven) = sequence.lastValue
            return .view(
                sql: "SELECT \(value)::bigint AS last_value, 0::bigint AS log_cnt, "
                    + "\(isGiven) AS is_called", columnNames: [])
        case .type, .macro:
            throw IglooError(
                .invalidArgument, "\"\(found.name.name)\" has no rows",
                sqlState: .wrongObjectType)
        }
    }

    func target(
        _ found: (name: RelationName, relation: Database.Relation), _ context: CallContext
    ) throws(IglooError) -> WriteTarget {
        guard let table = database.table(found.name) else {
            let kind = found.relation.entry.kind
            throw IglooError(
                .invalidArgument,
                "\"\(found.name.name)\" is a \(kind): its rows cannot be changed",
                hint: kind == "view" ? "change the tables that it reads" : nil,
                sqlState: .wrongObjectType)
        }
        return WriteTarget(
            name: found.name.name, table: try source(found.name, context),
            definition: table.definition)
    }

    private func source(
        _ name: RelationName, _ context: CallContext
    ) throws(IglooError) -> TableSource {
        let isMain = name.schema == Database.mainSchema
        return TableSource(
            name: isMain ? name.name : "\(name.schema).\(name.name)", connectorName: Self.name,
            connector: tables, capabilities: MemoryTables.capabilities,
            table: try tables.openTable(schema: name.schema, name: name.name, context),
            hiddenColumnCount: 1)
    }

    /// The names that a user may have meant by one of one part.
    var visibleNames: [String] { searchPath.flatMap { database.names(in: $0) } }
}
