// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import IglooSQL
import IglooTables

// CREATE and DROP of what stands in memory.
extension StatementRunner {
    func define(_ statement: Statement) throws(IglooError) -> StatementResult {
        switch statement {
        case .createTable(let table): return try create(table)
        case .alterTable(let alter): return try self.alter(alter)
        case .createView(let view): return try create(view)
        case .createSchema(let schema): return try create(schema)
        case .createIndex(let index): return try create(index)
        case .drop(let drop): return try self.drop(drop)
        default: throw IglooError(.internalError, "not a statement that defines something")
        }
    }

    // MARK: - CREATE TABLE

    private func create(_ table: CreateTable) throws(IglooError) -> StatementResult {
        if !table.isTemporary, let foreign = foreignName(table.name, isNew: true) {
            return try create(table, foreign.schema, foreign.table, in: foreign.instance)
        }
        return try writing("CREATE TABLE", table.name) { (transaction) throws(IglooError) in
            let memory = lookup(transaction.database).memory
            let name = try newName(table.name, isTemporary: table.isTemporary, transaction)
            if let old = transaction.database.relation(name) {
                if table.ifNotExists {
                    noteExisting(name.name)
                    return .done(tag: "CREATE TABLE")
                }
                if table.orReplace {
                    guard memory.database.table(old.name) != nil else {
                        throw wrongKind(old.name.name, "table")
                    }
                    // The query may still read the table of before: it was bound to its database.
                    return try fill(
                        table, name, memory.database, transaction, replacing: old.name)
                }
            }
            return try fill(table, name, memory.database, transaction, replacing: nil)
        }
    }

    private func fill(
        _ table: CreateTable, _ name: RelationName, _ database: Database,
        _ transaction: Transaction, replacing old: RelationName?
    ) throws(IglooError) -> StatementResult {
        let binder = binder(database)
        guard let query = table.query else {
            try make(name, table, binder, transaction, replacing: old)
            return .done(tag: "CREATE TABLE")
        }
        guard table.columns.isEmpty else {
            try make(name, table, binder, transaction, replacing: old)
            guard table.withData else { return .done(tag: "CREATE TABLE AS") }
            // Columns that were declared get values as INSERT gives them.
            let target = try lookup(transaction.database).target([name.schema, name.name])
            let write = try binder.bind(Insert(table: table.name, query: query), into: target)
            var writer = try TableWriter(self, transaction, write)
            try writer.run()
            return .done(tag: "SELECT \(writer.count)")
        }
        let plan = try binder.bind(query)
        let definition = try binder.definition(of: plan.columns, named: table.columnNames)
        if let old { try remove(old, transaction) }
        let id = try transaction.createTable(name, definition).id
        guard table.withData else { return .done(tag: "CREATE TABLE AS") }
        var count = 0
        var buffer = RowBuffer(
            columnCount: definition.columns.count, memory: session.engine.memory)
        let stream = try stream(binder.typed(plan, as: definition))
        while let batch = try stream.next() {
            try buffer.append(batch.columns, count: batch.rowCount)
            count += batch.rowCount
            try transaction.write(id, deleting: [], inserting: buffer.takeParts())
        }
        try buffer.finish()
        try transaction.write(id, deleting: [], inserting: buffer.takeParts())
        return .done(tag: "SELECT \(count)")
    }

    /// An empty table of declared columns, with its sequences and foreign keys.
    private func make(
        _ name: RelationName, _ table: CreateTable, _ binder: Binder, _ transaction: Transaction,
        replacing old: RelationName?
    ) throws(IglooError) {
        var definition = try binder.definition(of: table)
        if let old { try remove(old, transaction) }
        try makeSequences(&definition, name, transaction)
        let id = try transaction.createTable(name, definition).id
        let constraints = table.columns.flatMap(\.constraints) + table.constraints
        try addForeignKeys(constraints, to: id, transaction)
    }

    /// Drops a table that another one is to replace.
    private func remove(
        _ name: RelationName, _ transaction: Transaction
    ) throws(IglooError) {
        if let table = transaction.database.table(name) {
            try detach([table.id], isCascade: false, transaction)
        }
        transaction.drop(name)
    }

    func noteExisting(_ name: String) {
        session.notices.add(Notice("relation \"\(name)\" already exists, skipping"))
    }

    func wrongKind(_ name: String, _ kind: String) -> IglooError {
        IglooError(
            .invalidArgument, "\"\(name)\" is not a \(kind)", sqlState: .wrongObjectType)
    }

    /// Where a new relation goes; a temporary one into the session's own schema.
    func newName(
        _ name: QualifiedName, isTemporary: Bool, in space: RelationName.Space = .relations,
        _ transaction: Transaction
    ) throws(IglooError) -> RelationName {
        let parts = name.parts.map(\.name)
        guard isTemporary else {
            return try lookup(transaction.database).memory.newName(parts, in: space)
        }
        guard parts.count == 1 else {
            throw IglooError(
                .invalidArgument, "cannot create temporary relation in non-temporary schema",
                sqlState: .invalidTableDefinition)
        }
        if transaction.database.schemas[session.temporarySchema] == nil {
            try transaction.createSchema(session.temporarySchema)
        }
        return RelationName(session.temporarySchema, parts[0], in: space)
    }

    /// Gives errors without a place that of the name.
    func writing<Value>(
        _ command: String, _ name: QualifiedName,
        _ body: (Transaction) throws(IglooError) -> Value
    ) throws(IglooError) -> Value {
        do throws(IglooError) {
            return try session.transactions.writing(command, body)
        } catch {
            var placed = error
            placed.position = error.position ?? name.range.start
            throw placed
        }
    }

    // MARK: - CREATE VIEW, SCHEMA, INDEX

    private func create(_ view: CreateView) throws(IglooError) -> StatementResult {
        try writing("CREATE VIEW", view.name) { (transaction) throws(IglooError) in
            let name = try newName(view.name, isTemporary: view.isTemporary, transaction)
            let columns = try binder(transaction.database).bind(view.query).columns
            if view.columns.count > columns.count {
                throw IglooError(
                    .invalidArgument, "CREATE VIEW specifies more column names than columns",
                    sqlState: .syntaxError, position: view.columns.last?.range.start)
            }
            if let old = transaction.database.relation(name) {
                if view.ifNotExists {
                    noteExisting(name.name)
                    return .done(tag: "CREATE VIEW")
                }
                guard case .view = old.relation.entry else {
                    if view.orReplace { throw wrongKind(old.name.name, "view") }
                    throw IglooError(
                        .alreadyExists, "relation \"\(name.name)\" already exists",
                        sqlState: .duplicateTable)
                }
                guard view.orReplace else {
                    throw IglooError(
                        .alreadyExists, "view \"\(name.name)\" already exists",
                        hint: "CREATE OR REPLACE VIEW replaces it", sqlState: .duplicateTable)
                }
                transaction.drop(old.name)
            }
            try transaction.createView(
                name,
                ViewDefinition(
                    sql: SQLPrinter.text(of: view.query), columnNames: view.columns.map(\.written)))
            return .done(tag: "CREATE VIEW")
        }
    }

    private func create(_ schema: CreateSchema) throws(IglooError) -> StatementResult {
        try writing("CREATE SCHEMA", schema.name) { (transaction) throws(IglooError) in
            let parts = schema.name.parts.map(\.name)
            guard parts.count == 1 || parts.count == 2 && MemoryCatalog.isOwn(parts[0]) else {
                throw IglooError(
                    .unsupported, "schemas are made in the catalog \"\(MemoryCatalog.name)\" only")
            }
            let name = parts[parts.count - 1]
            if schema.ifNotExists, transaction.database.schemas[name] != nil {
                session.notices.add(Notice("schema \"\(name)\" already exists, skipping"))
            } else {
                try transaction.createSchema(name)
            }
            return .done(tag: "CREATE SCHEMA")
        }
    }

    /// A unique index is a key; another would change no answer and is not kept.
    private func create(_ index: CreateIndex) throws(IglooError) -> StatementResult {
        try writing("CREATE INDEX", index.table) { (transaction) throws(IglooError) in
            let table = try table(index.table, transaction)
            var columns: [Identifier] = []
            for column in index.columns {
                guard case .column(let name) = column.kind, name.parts.count == 1 else {
                    throw IglooError(
                        .unsupported, "an index on an expression is not supported",
                        position: column.range.start)
                }
                columns += name.parts
            }
            let binder = binder(transaction.database)
            var definition = table.definition
            let places = try binder.keyPlaces(columns, definition)
            guard index.isUnique else {
                session.notices.add(
                    Notice(
                        "tables in memory have no indexes but unique ones: nothing was made",
                        hint: "ranges of rows without fitting values are skipped without one"))
                return .done(tag: "CREATE INDEX")
            }
            let given = index.name?.name
            let name = given ?? definition.freeName(table.name.name, places, "idx")
            if definition.keys.contains(where: { $0.name == name }) {
                if index.ifNotExists {
                    noteExisting(name)
                    return .done(tag: "CREATE INDEX")
                }
                throw IglooError(
                    .alreadyExists, "relation \"\(name)\" already exists",
                    sqlState: .duplicateTable)
            }
            definition.keys.append(.init(name, columns: places, kind: .index))
            try rewrite(
                table, index.table, as: definition,
                from: definition.columns.indices.map { .old($0) },
                transaction)
            return .done(tag: "CREATE INDEX")
        }
    }

    // MARK: - DROP

    private func drop(_ drop: Drop) throws(IglooError) -> StatementResult {
        let tag = "DROP \(drop.kind.rawValue.uppercased())"
        if drop.kind == .catalog {
            for name in drop.names { try dropCatalog(name, ifExists: drop.ifExists) }
            return .done(tag: tag)
        }
        try session.transactions.writing(tag) { (transaction) throws(IglooError) in
            if drop.kind == .table { try detach(drop, transaction) }
            for name in drop.names {
                do throws(IglooError) {
                    try self.drop(name, drop, transaction)
                } catch {
                    var placed = error
                    placed.position = error.position ?? name.range.start
                    throw placed
                }
            }
        }
        return .done(tag: tag)
    }

    private func dropCatalog(_ name: QualifiedName, ifExists: Bool) throws(IglooError) {
        let last = name.parts.last?.name ?? ""
        guard !catalogs.drop(last) && !ifExists else { return }
        throw IglooError(
            .notFound, "catalog \"\(name)\" does not exist",
            hint: NearestName.among(catalogs.names, to: last).map { "did you mean \"\($0)\"?" },
            sqlState: .undefinedCatalog, position: name.range.start)
    }

    private func drop(
        _ name: QualifiedName, _ drop: Drop, _ transaction: Transaction
    ) throws(IglooError) {
        let memory = lookup(transaction.database).memory
        let parts = name.parts.map(\.name)
        switch drop.kind {
        case .schema: try dropSchema(name, drop, memory, transaction)
        case .index: try dropIndex(name, drop, transaction)
        case .type, .sequence, .macro, .tableMacro: try dropObject(name, drop, transaction)
        default:
            guard let found = memory.find(parts) else {
                if drop.ifExists {
                    noteAbsent(drop.kind, name)
                    return
                }
                let nearest = NearestName.among(memory.visibleNames, to: parts.last ?? "")
                throw IglooError(
                    .notFound, "\(drop.kind.rawValue) \"\(name)\" does not exist",
                    hint: nearest.map { "did you mean \"\($0)\"?" }, sqlState: .undefinedTable)
            }
            let kind = found.relation.entry.kind
            guard kind == drop.kind.rawValue else {
                var error = wrongKind(found.name.name, drop.kind.rawValue)
                error.hint = "use DROP \(kind.uppercased()) to remove it"
                throw error
            }
            transaction.drop(found.name)
        }
    }

    func noteAbsent(_ kind: Drop.Kind, _ name: QualifiedName) {
        session.notices.add(Notice("\(kind.rawValue) \"\(name)\" does not exist, skipping"))
    }

    private func dropSchema(
        _ name: QualifiedName, _ drop: Drop, _ memory: MemoryCatalog, _ transaction: Transaction
    ) throws(IglooError) {
        let last = name.parts.last?.name ?? ""
        guard let schema = memory.schema(last) else {
            if drop.ifExists { return noteAbsent(drop.kind, name) }
            throw memory.missingSchema(last)
        }
        guard schema != Database.mainSchema else {
            throw IglooError(
                .invalidArgument, "schema \"\(schema)\" cannot be dropped",
                sqlState: .dependentObjects)
        }
        let names = memory.database.objects(in: schema).map(\.name.name)
        guard names.isEmpty || drop.isCascade else {
            throw IglooError(
                .invalidState,
                "cannot drop schema \(schema) because other objects depend on it: \(names[0])"
                    + (names.count > 1 ? " and \(names.count - 1) more" : ""),
                hint: "DROP SCHEMA ... CASCADE drops them too", sqlState: .dependentObjects)
        }
        let tables = transaction.database.allTables.filter { $0.name.schema == schema }
        try detach(Set(tables.map(\.id)), isCascade: true, transaction)
        transaction.dropSchema(schema)
    }

    private func dropIndex(
        _ name: QualifiedName, _ drop: Drop, _ transaction: Transaction
    ) throws(IglooError) {
        let last = name.parts.last?.name ?? ""
        let database = transaction.database
        for relation in database.relations.keys {
            guard let table = database.table(relation),
                let index = table.definition.keys.firstIndex(where: {
                    $0.name == last && $0.kind == .index
                })
            else { continue }
            var definition = table.definition
            definition.keys.remove(at: index)
            let target = QualifiedName(
                [
                    Identifier(relation.schema, isQuoted: true),
                    Identifier(relation.name, isQuoted: true),
                ], range: name.range)
            return try rewrite(
                table, target, as: definition, from: definition.columns.indices.map { .old($0) },
                transaction)
        }
        if drop.ifExists { return noteAbsent(drop.kind, name) }
        throw IglooError(
            .notFound, "index \"\(name)\" does not exist",
            hint: "tables in memory have unique indexes only", sqlState: .undefinedObject)
    }
}
