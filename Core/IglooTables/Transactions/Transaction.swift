// SPDX-License-Identifier: MIT

public import IglooContracts
public import IglooPlan

/// One transaction: a snapshot, and its own changes on top.
///
/// - Threads: one at a time, but for `claims`.
public final class Transaction: Sendable {
    struct Changes: Sendable {
        var database: Database
        /// Tables whose rows or definitions changed.
        var tables: Set<Int> = []
        var names: Set<RelationName> = []
        var schemas: Set<String> = []
        /// This transaction's own rows by their keys.
        var ownIndexes: [Int: [KeyIndex]] = [:]
        /// A way back exists: rows that are deleted may be there again.
        var hasSavepoints = false
    }

    let store: MemoryStore
    /// What was committed when it began.
    let base: Database
    let changes: Locked<Changes>

    init(_ store: MemoryStore, _ base: Database) {
        self.store = store
        self.base = base
        changes = Locked(Changes(database: base))
    }

    deinit { store.forget(ObjectIdentifier(self)) }

    /// What the transaction sees: its snapshot with its own changes.
    public var database: Database { changes.withLock { $0.database } }

    /// Whether anything is different from what it began with.
    public var hasChanges: Bool {
        changes.withLock { !$0.tables.isEmpty || !$0.names.isEmpty || !$0.schemas.isEmpty }
    }

    /// The rows of its snapshot that this transaction has deleted or replaced.
    func claims(of table: Int) -> RowSet {
        guard let base = base.tables[table] else { return RowSet() }
        return changes.withLock { changes in
            guard changes.tables.contains(table), let own = changes.database.tables[table],
                own.data.generation == base.data.generation
            else { return RowSet() }
            return own.data.deleted.subtracting(base.data.deleted).below(base.data.nextRow)
        }
    }

    /// A point to which `restore` leads back.
    public struct Savepoint: Sendable {
        fileprivate let changes: Changes
    }

    public func savepoint() -> Savepoint {
        changes.withLock { changes in
            changes.hasSavepoints = true
            return Savepoint(changes: changes)
        }
    }

    public func restore(_ savepoint: Savepoint) {
        changes.withLock { $0 = savepoint.changes }
    }

    /// Nothing of it happened.
    public func rollback() {
        changes.withLock { $0 = Changes(database: base) }
        store.forget(ObjectIdentifier(self))
    }

    // MARK: - Definitions

    func newRelation(_ entry: Database.Entry, id: Int) -> Database.Relation {
        Database.Relation(entry: entry, id: id, stamp: store.newStamp())
    }

    /// - Throws: `notFound` (3F000) without the schema, `alreadyExists` (42P07) when the name is
    ///   taken.
    @discardableResult
    public func createTable(
        _ name: RelationName, _ definition: TableDefinition
    ) throws(IglooError) -> Table {
        try checkFree(name)
        let id = store.newId()
        let table = Table(
            id: id, name: name, definition: definition,
            indexes: definition.keys.map { _ in KeyIndex(store.account) },
            definitionStamp: store.newStamp(), dataStamp: store.newStamp())
        changes.withLock { changes in
            changes.database.tables[id] = table
            changes.tables.insert(id)
            changes.ownIndexes[id] = definition.keys.map { _ in KeyIndex(store.account) }
        }
        set(name, newRelation(.table(id), id: id))
        return table
    }

    /// - Throws: as `createTable`.
    public func createView(_ name: RelationName, _ view: ViewDefinition) throws(IglooError) {
        try checkFree(name)
        set(name, newRelation(.view(view), id: store.newId()))
    }

    /// A sequence, a type or a macro.
    ///
    /// - Throws: as `createTable`; 42710 and 42723 for a name that a type or a macro has.
    public func create(_ name: RelationName, _ entry: Database.Entry) throws(IglooError) {
        try checkFree(name)
        set(name, newRelation(entry, id: store.newId()))
    }

    /// Puts another state in the place of what has this name.
    public func change(_ name: RelationName, to entry: Database.Entry) {
        guard let relation = database.relations[name] else { return }
        set(name, newRelation(entry, id: relation.id))
    }

    private func checkFree(_ name: RelationName) throws(IglooError) {
        let database = database
        guard database.schemas[name.schema] != nil else {
            throw Self.missingSchema(name.schema, database)
        }
        guard database.relations[name] != nil else { return }
        let (kind, state): (String, SQLState) =
            switch name.space {
            case .relations: ("relation", .duplicateTable)
            case .types: ("type", .duplicateObject)
            case .macros: ("macro", .duplicateFunction)
            }
        throw IglooError(
            .alreadyExists, "\(kind) \"\(name.name)\" already exists", sqlState: state)
    }

    public static func missingSchema(_ name: String, _ database: Database) -> IglooError {
        let nearest = NearestName.among(database.schemaNames, to: name)
        return IglooError(
            .notFound, "schema \"\(name)\" does not exist",
            hint: nearest.map { "did you mean \"\($0)\"?" }, sqlState: .undefinedSchema)
    }

    func set(_ name: RelationName, _ relation: Database.Relation?) {
        changes.withLock { changes in
            changes.database.relations[name] = relation
            changes.names.insert(name)
        }
    }

    /// Removes a table or a view; nothing happens when there is none.
    public func drop(_ name: RelationName) {
        if case .table(let id)? = database.relations[name]?.entry {
            // Sequences that were made with its columns go with it.
            for column in database.tables[id]?.definition.columns ?? [] {
                guard let parts = column.sequence?.name, parts.count == 2 else { continue }
                set(RelationName(parts[0], parts[1]), nil)
            }
            changes.withLock { changes in
                changes.database.tables[id] = nil
                changes.tables.insert(id)
            }
        }
        set(name, nil)
    }

    /// - Throws: `alreadyExists` (42P06).
    public func createSchema(_ name: String) throws(IglooError) {
        if database.schemas[name] != nil {
            throw IglooError(
                .alreadyExists, "schema \"\(name)\" already exists", sqlState: .duplicateSchema)
        }
        let entry = Database.SchemaEntry(id: store.newId(), stamp: store.newStamp())
        changes.withLock { changes in
            changes.database.schemas[name] = entry
            changes.schemas.insert(name)
        }
    }

    /// Removes a schema and all that is in it.
    public func dropSchema(_ name: String) {
        for relation in database.relations.keys where relation.schema == name { drop(relation) }
        changes.withLock { changes in
            changes.database.schemas[name] = nil
            changes.schemas.insert(name)
        }
    }

    /// - Throws: as `createTable`, for the new name.
    public func rename(_ name: RelationName, to new: RelationName) throws(IglooError) {
        guard let relation = database.relations[name] else { return }
        try checkFree(new)
        set(name, nil)
        set(new, newRelation(relation.entry, id: relation.id))
        guard case .table(let id) = relation.entry else { return }
        try change(id) { (table) throws(IglooError) in
            table.name = new
            table.definitionStamp = store.newStamp()
        }
    }

    func change(
        _ id: Int, _ body: (inout Table) throws(IglooError) -> Void
    ) throws(IglooError) {
        guard var table = database.tables[id] else { throw Self.gone() }
        try body(&table)
        let changed = table
        changes.withLock { changes in
            changes.database.tables[id] = changed
            changes.tables.insert(id)
        }
    }

    static func gone() -> IglooError {
        IglooError(
            .invalidState, "the table was dropped while it was used", sqlState: .undefinedTable)
    }
}
