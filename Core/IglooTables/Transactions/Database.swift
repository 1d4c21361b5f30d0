// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooPlan

/// A schema and a name in it.
public struct RelationName: Hashable, Sendable {
    /// What the name names: a type or a macro may be called as a table is.
    public enum Space: Hashable, Sendable {
        /// Tables, views and sequences.
        case relations
        case types, macros
    }

    public var schema: String
    public var name: String
    public var space: Space

    public init(_ schema: String, _ name: String, in space: Space = .relations) {
        self.schema = schema
        self.name = name
        self.space = space
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
        case sequence(NumberSequence)
        case type(DataType)
        case macro([MacroDefinition])
    }

    /// A table or a view, or something else that has a name.
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

    /// The relation of this name; in any case, where only one differs by case alone. Types and
    /// macros have the case they were declared with.
    public func relation(_ name: RelationName) -> (name: RelationName, relation: Relation)? {
        if let found = relations[name] { return (name, found) }
        // Each call of a function asks for a macro: that must not look at all names.
        guard name.space == .relations else { return nil }
        let folded = (name.schema.lowercased(), name.name.lowercased())
        let similar = relations.filter {
            $0.key.space == name.space
                && ($0.key.schema.lowercased(), $0.key.name.lowercased()) == folded
        }
        guard similar.count == 1, let only = similar.first else { return nil }
        return (only.key, only.value)
    }

    public func table(_ name: RelationName) -> Table? {
        guard case .table(let id)? = relation(name)?.relation.entry else { return nil }
        return tables[id]
    }

    public func table(id: Int) -> Table? { tables[id] }

    /// The table that has a column which a sequence was made with.
    public func owner(of sequence: RelationName) -> Table? {
        tables.values.first { table in
            table.definition.columns.contains {
                $0.sequence?.name == [sequence.schema, sequence.name]
            }
        }
    }

    /// In the order of their names.
    public var allTables: [Table] {
        tables.values.sorted { ($0.name.schema, $0.name.name) < ($1.name.schema, $1.name.name) }
    }

    public var schemaNames: [String] { schemas.keys.sorted() }

    /// The names of a schema's tables and views, sorted.
    public func names(in schema: String) -> [String] {
        relations.filter { $0.key.schema == schema && $0.value.entry.hasRows }.map(\.key.name)
            .sorted()
    }

    /// All that stands in a schema, sorted by name.
    public func objects(in schema: String) -> [(name: RelationName, relation: Relation)] {
        relations.filter { $0.key.schema == schema }.map { ($0.key, $0.value) }
            .sorted { $0.name.name < $1.name.name }
    }
}

extension Database.Entry {
    /// Whether FROM can read it.
    public var hasRows: Bool {
        switch self {
        case .table, .view: true
        case .sequence, .type, .macro: false
        }
    }

    /// What messages call it.
    public var kind: String {
        switch self {
        case .table: "table"
        case .view: "view"
        case .sequence: "sequence"
        case .type: "type"
        case .macro: "macro"
        }
    }
}
