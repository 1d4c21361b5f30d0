// SPDX-License-Identifier: MIT

public import IglooPlan

/// A schema and a name in it.
public struct RelationName: Hashable, Sendable {
    public var schema: String
    public var name: String

    public init(_ schema: String, _ name: String) {
        self.schema = schema
        self.name = name
    }
}

/// A stored query.
public struct ViewDefinition: Hashable, Sendable {
    public var sql: String
    /// The first columns' names, where they were given.
    public var columnNames: [String]

    public init(sql: String, columnNames: [String]) {
        self.sql = sql
        self.columnNames = columnNames
    }
}

/// A table at one moment: what it says of its rows, and the rows.
public struct Table: Sendable {
    public let id: Int
    public internal(set) var name: RelationName
    public internal(set) var definition: TableDefinition
    var data = TableData()
    /// The committed rows by their keys, one index a key of the definition.
    var indexes: [KeyIndex]
    /// Changes whenever the definition does; whenever rows do.
    var definitionStamp: Int
    var dataStamp: Int

    public var rowCount: Int { data.rowCount }
    public var byteCount: Int { data.byteCount }
}

/// All schemas, tables and views at one moment: a value. Whoever holds it sees no change.
public struct Database: Sendable {
    public enum Entry: Sendable {
        case table(Int)
        case view(ViewDefinition)
    }

    public struct Relation: Sendable {
        public var entry: Entry
        /// Stays for the relation's life.
        public var id: Int
        var stamp: Int
    }

    public struct SchemaEntry: Sendable {
        public var id: Int
        var stamp: Int
    }

    public static let mainSchema = "main"

    public internal(set) var schemas: [String: SchemaEntry]
    public internal(set) var relations: [RelationName: Relation] = [:]
    var tables: [Int: Table] = [:]

    init() { schemas = [Self.mainSchema: SchemaEntry(id: 2200, stamp: 0)] }

    /// The relation of this name; in any case, where only one differs by case alone.
    public func relation(_ name: RelationName) -> (name: RelationName, relation: Relation)? {
        if let found = relations[name] { return (name, found) }
        let folded = (name.schema.lowercased(), name.name.lowercased())
        let similar = relations.filter {
            ($0.key.schema.lowercased(), $0.key.name.lowercased()) == folded
        }
        guard similar.count == 1, let only = similar.first else { return nil }
        return (only.key, only.value)
    }

    public func table(_ name: RelationName) -> Table? {
        guard case .table(let id)? = relation(name)?.relation.entry else { return nil }
        return tables[id]
    }

    public func table(id: Int) -> Table? { tables[id] }

    public var schemaNames: [String] { schemas.keys.sorted() }

    /// The names of a schema's relations, sorted.
    public func names(in schema: String) -> [String] {
        relations.keys.filter { $0.schema == schema }.map(\.name).sorted()
    }
}
