// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import IglooSQL
import IglooTables

// CREATE, ALTER and DROP of types, sequences and macros.
extension StatementRunner {
    func defineObject(_ statement: Statement) throws(IglooError) -> StatementResult {
        switch statement {
        case .createType(let type): return try create(type)
        case .alterType(let alter): return try self.alter(alter)
        case .createSequence(let sequence): return try create(sequence)
        case .alterSequence(let alter): return try self.alter(alter)
        case .createMacro(let macro): return try create(macro)
        default: throw IglooError(.internalError, "not a statement that defines an object")
        }
    }

    /// Makes the way free for what is to have this name.
    ///
    /// - Returns: false when it is there and stays.
    private func makesWay(
        for name: RelationName, _ kind: String, orReplace: Bool, ifNotExists: Bool,
        _ transaction: Transaction
    ) throws(IglooError) -> Bool {
        guard let old = transaction.database.relation(name) else { return true }
        if ifNotExists {
            session.notices.add(Notice("\(kind) \"\(name.name)\" already exists, skipping"))
            return false
        }
        guard orReplace else { return true }
        guard old.relation.entry.kind == kind else { throw wrongKind(old.name.name, kind) }
        transaction.drop(old.name)
        return true
    }

    // MARK: - Types

    private func create(_ type: CreateType) throws(IglooError) -> StatementResult {
        try writing("CREATE TYPE", type.name) { (transaction) throws(IglooError) in
            let name = try newName(type.name, isTemporary: false, in: .types, transaction)
            guard
                try makesWay(
                    for: name, "type", orReplace: type.orReplace, ifNotExists: type.ifNotExists,
                    transaction)
            else { return }
            if type.name.parts.count == 1 { try binder(transaction.database).checkFree(type.name) }
            let definition: DataType
            switch type.definition {
            case .labels(let labels):
                definition = try Enumerations.type(name.name, labels)
            case .query(let query):
                definition = try Enumerations.type(
                    name.name, try labels(of: query, type.name.range))
            case .alias(let alias):
                definition = try binder(transaction.database).declaredType(alias)
            }
            try transaction.create(name, .type(definition))
        }
        return .done(tag: "CREATE TYPE")
    }

    /// `ENUM (SELECT DISTINCT ...)`: the labels in the order of the rows, each once.
    private func labels(of query: Query, _ range: SourceRange) throws(IglooError) -> [String] {
        let stream = try stream(query)
        guard stream.schema.fields.count == 1, stream.schema.fields[0].type.isText else {
            throw IglooError(
                .invalidArgument, "the query of an enumerated type gives one column of text",
                hint: "SELECT DISTINCT x::text ... ORDER BY 1", sqlState: .datatypeMismatch,
                position: range.start)
        }
        var labels: [String] = []
        var known: Set<String> = []
        while let batch = try stream.next() {
            for row in 0..<batch.rowCount {
                guard case .text(let label) = batch.columns[0].scalar(at: row) else { continue }
                if known.insert(label).inserted { labels.append(label) }
                try Enumerations.check(count: labels.count)
            }
        }
        return labels
    }

    private func alter(_ alter: AlterType) throws(IglooError) -> StatementResult {
        try writing("ALTER TYPE", alter.name) { (transaction) throws(IglooError) in
            let memory = lookup(transaction.database).memory
            guard let found = memory.find(alter.name.parts.map(\.name), in: .types) else {
                throw missing("type", alter.name, .types, memory)
            }
            guard case .type(let old) = found.relation.entry else { return }
            if case .setOwner = alter.action { return }
            if case .rename(let new) = alter.action {
                try transaction.rename(
                    found.name, to: RelationName(found.name.schema, new.name, in: .types))
                guard let type = old.enumeration else { return }
                let renamed = EnumerationType(name: new.name, labels: type.labels)
                transaction.change(
                    RelationName(found.name.schema, new.name, in: .types),
                    to: .type(.logical(.enumeration(renamed))))
                return try retype(old, as: renamed, transaction)
            }
            guard let type = old.enumeration else {
                throw wrongKind(found.name.name, "enumerated type")
            }
            let changed: EnumerationType?
            do throws(IglooError) {
                changed = try Enumerations.changed(type, alter.action)
            } catch {
                var placed = error
                placed.position = alter.range.start
                throw placed
            }
            guard let changed else {
                session.notices.add(Notice("enum label already exists, skipping"))
                return
            }
            transaction.change(found.name, to: .type(.logical(.enumeration(changed))))
            try retype(old, as: changed, transaction)
        }
        return .done(tag: "ALTER TYPE")
    }

    /// Gives the columns of a type its new form. Labels keep their values: the old ones are renamed
    /// by their places, where there are as many, and found by their names where there are more.
    private func retype(
        _ old: DataType, as new: EnumerationType, _ transaction: Transaction
    ) throws(IglooError) {
        for table in transaction.database.allTables {
            guard table.definition.columns.contains(where: { $0.type.contains(old) }) else {
                continue
            }
            var definition = table.definition
            for index in definition.columns.indices {
                definition.columns[index].type = definition.columns[index].type.replacing(
                    old, by: .logical(.enumeration(new)))
            }
            let isRelabelled = old.enumeration?.labels.count == new.labels.count
            if isRelabelled || new.labels.starts(with: old.enumeration?.labels ?? []) {
                try transaction.retype(table.id, definition)
            } else {
                let name = QualifiedName(
                    [
                        Identifier(table.name.schema, isQuoted: true),
                        Identifier(table.name.name, isQuoted: true),
                    ], range: SourceRange(0, 0))
                try rewrite(
                    table, name, as: definition,
                    from: definition.columns.indices.map { .old($0) }, transaction)
            }
        }
    }

    // MARK: - Sequences

    private func create(_ sequence: CreateSequence) throws(IglooError) -> StatementResult {
        try writing("CREATE SEQUENCE", sequence.name) { (transaction) throws(IglooError) in
            let name = try newName(
                sequence.name, isTemporary: sequence.isTemporary, transaction)
            guard
                try makesWay(
                    for: name, "sequence", orReplace: sequence.orReplace,
                    ifNotExists: sequence.ifNotExists, transaction)
            else { return }
            let definition = try binder(transaction.database).definition(of: sequence.options)
            try transaction.create(name, .sequence(NumberSequence(definition)))
        }
        return .done(tag: "CREATE SEQUENCE")
    }

    private func alter(_ alter: AlterSequence) throws(IglooError) -> StatementResult {
        try writing("ALTER SEQUENCE", alter.name) { (transaction) throws(IglooError) in
            let memory = lookup(transaction.database).memory
            guard let found = memory.find(alter.name.parts.map(\.name)) else {
                if alter.ifExists { return noteAbsent(.sequence, alter.name) }
                throw missing("sequence", alter.name, .relations, memory)
            }
            guard case .sequence(let old) = found.relation.entry else {
                throw wrongKind(found.name.name, "sequence")
            }
            if alter.newOwner != nil { return }
            if let name = alter.newName {
                let new = RelationName(found.name.schema, name.name)
                try transaction.rename(found.name, to: new)
                return try tellOwner(of: found.name, new, transaction)
            }
            let definition = try binder(transaction.database).definition(
                of: alter.options, changing: old.definition)
            let new = NumberSequence(definition, continuing: old)
            switch alter.options.restart {
            case .atStart: try new.set(definition.start, isGiven: false, found.name.name)
            case .at(let value): try new.set(value, isGiven: false, found.name.name)
            case nil: break
            }
            transaction.change(found.name, to: .sequence(new))
        }
        return .done(tag: "ALTER SEQUENCE")
    }

    /// The column that a sequence was made with takes its numbers under the new name.
    private func tellOwner(
        of old: RelationName, _ new: RelationName, _ transaction: Transaction
    ) throws(IglooError) {
        guard let table = transaction.database.owner(of: old) else { return }
        var definition = table.definition
        for index in definition.columns.indices
        where definition.columns[index].sequence?.name == [old.schema, old.name] {
            definition.columns[index].sequence?.name = [new.schema, new.name]
            definition.columns[index].defaultText = Self.nextValue(of: new)
        }
        try transaction.redefine(table.id, definition)
    }

    // MARK: - Macros

    private func create(_ macro: CreateMacro) throws(IglooError) -> StatementResult {
        try writing("CREATE MACRO", macro.name) { (transaction) throws(IglooError) in
            let name = try newName(
                macro.name, isTemporary: macro.isTemporary, in: .macros, transaction)
            guard
                try makesWay(
                    for: name, "macro", orReplace: macro.orReplace,
                    ifNotExists: macro.ifNotExists, transaction)
            else { return }
            let definitions = try binder(transaction.database).definitions(of: macro)
            try transaction.create(name, .macro(definitions))
        }
        return .done(tag: "CREATE MACRO")
    }

    // MARK: - DROP

    func dropObject(
        _ name: QualifiedName, _ drop: Drop, _ transaction: Transaction
    ) throws(IglooError) {
        let memory = lookup(transaction.database).memory
        let space: RelationName.Space =
            switch drop.kind {
            case .type: .types
            case .macro, .tableMacro: .macros
            default: .relations
            }
        guard let found = memory.find(name.parts.map(\.name), in: space) else {
            if drop.ifExists { return noteAbsent(drop.kind, name) }
            throw missing(drop.kind.rawValue, name, space, memory)
        }
        switch found.relation.entry {
        case .type(let type):
            if let user = transaction.database.allTables.first(where: { table in
                type.enumeration != nil
                    && table.definition.columns.contains { $0.type.contains(type) }
            }) {
                throw dependent("type", found.name, "a column of table \(user.name.name)")
            }
        case .sequence:
            if let user = transaction.database.owner(of: found.name) {
                throw dependent("sequence", found.name, "a column of table \(user.name.name)")
            }
        case .macro(let macros):
            if drop.kind == .tableMacro, !macros.contains(where: \.givesRows) {
                throw wrongKind(found.name.name, "macro that gives rows")
            }
        case .table, .view:
            var error = wrongKind(found.name.name, drop.kind.rawValue)
            error.hint = "use DROP \(found.relation.entry.kind.uppercased()) to remove it"
            throw error
        }
        transaction.drop(found.name)
    }

    private func dependent(
        _ kind: String, _ name: RelationName, _ user: String
    ) -> IglooError {
        IglooError(
            .invalidState,
            "cannot drop \(kind) \(name.name) because other objects depend on it: \(user)",
            hint: "drop or change that first", sqlState: .dependentObjects)
    }

    private func missing(
        _ kind: String, _ name: QualifiedName, _ space: RelationName.Space,
        _ memory: MemoryCatalog
    ) -> IglooError {
        let known = memory.database.relations.filter {
            $0.key.space == space && (space != .relations || $0.value.entry.kind == kind)
        }
        let nearest = NearestName.among(
            known.keys.map(\.name).sorted(), to: name.parts.last?.name ?? "")
        let state: SQLState =
            switch space {
            case .relations: .undefinedTable
            case .types: .undefinedObject
            case .macros: .undefinedFunction
            }
        return IglooError(
            .notFound, "\(kind) \"\(name)\" does not exist",
            hint: nearest.map { "did you mean \"\($0)\"?" }, sqlState: state,
            position: name.range.start)
    }
}
