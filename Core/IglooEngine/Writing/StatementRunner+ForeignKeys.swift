// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import IglooSQL
import IglooTables

// What tables have beside rows: foreign keys to others, and sequences of their own.
extension StatementRunner {
    /// Makes the sequences of new serial and identity columns, which give their defaults.
    func makeSequences(
        _ definition: inout TableDefinition, _ table: RelationName, _ transaction: Transaction
    ) throws(IglooError) {
        for index in definition.columns.indices {
            guard let sequence = definition.columns[index].sequence, sequence.name.isEmpty else {
                continue
            }
            let base = "\(table.name)_\(definition.columns[index].name)_seq"
            var name = RelationName(table.schema, base)
            var number = 0
            while transaction.database.relations[name] != nil {
                number += 1
                name.name = "\(base)\(number)"
            }
            try transaction.create(name, .sequence(NumberSequence(sequence.definition)))
            definition.columns[index].sequence?.name = [name.schema, name.name]
            definition.columns[index].defaultText = Self.nextValue(of: name)
        }
    }

    /// `nextval('schema.name')`
    static func nextValue(of sequence: RelationName) -> String {
        let path = [sequence.schema, sequence.name].map { SQLPrinter.quotedIfNeeded($0) }
        return "nextval(\(SQLPrinter.quoted(path.joined(separator: "."))))"
    }

    // MARK: - Foreign keys

    /// Puts foreign keys into a table's definition, and holds them against its rows.
    func addForeignKeys(
        _ constraints: [TableConstraint], to id: Int, _ transaction: Transaction
    ) throws(IglooError) {
        var isAny = false
        for constraint in constraints {
            guard case .foreignKey(let columns, let references) = constraint.kind,
                let table = transaction.database.table(id: id)
            else { continue }
            var definition = table.definition
            definition.foreignKeys.append(
                try foreignKey(constraint, columns, references, table, transaction))
            try transaction.redefine(id, definition)
            isAny = true
        }
        if isAny { try transaction.holdForeignKeys(of: id, from: 0) }
    }

    private func foreignKey(
        _ constraint: TableConstraint, _ columns: [Identifier],
        _ references: TableConstraint.References, _ table: Table, _ transaction: Transaction
    ) throws(IglooError) -> TableDefinition.ForeignKey {
        let range = constraint.range
        func refusal(_ state: SQLState, _ message: String, hint: String? = nil) -> IglooError {
            IglooError(
                .invalidArgument, message, hint: hint, sqlState: state, position: range.start)
        }
        let binder = binder(transaction.database)
        let places = try binder.keyPlaces(columns, table.definition)
        let parent = try self.table(references.table, transaction)
        let keyPlaces: [Int]
        if references.columns.isEmpty {
            guard let key = parent.definition.keys.first(where: { $0.kind == .primary }) else {
                throw refusal(
                    .undefinedObject,
                    "there is no primary key for referenced table \"\(parent.name.name)\"")
            }
            keyPlaces = key.columns
        } else {
            keyPlaces = try binder.keyPlaces(references.columns, parent.definition)
            guard parent.definition.keys.contains(where: { Set($0.columns) == Set(keyPlaces) })
            else {
                throw refusal(
                    SQLState(rawValue: "42830"),
                    "there is no unique constraint matching given keys for referenced table "
                        + "\"\(parent.name.name)\"")
            }
        }
        guard places.count == keyPlaces.count else {
            throw refusal(
                SQLState(rawValue: "42830"),
                "number of referencing and referenced columns for foreign key disagree")
        }
        let temporary = session.temporarySchema
        guard parent.name.schema != temporary || table.name.schema == temporary else {
            throw refusal(
                .invalidTableDefinition,
                "constraints on permanent tables may reference only permanent tables")
        }
        for (place, keyPlace) in zip(places, keyPlaces) {
            let (own, other) = (
                table.definition.columns[place], parent.definition.columns[keyPlace]
            )
            guard own.type == other.type else {
                throw refusal(
                    .datatypeMismatch,
                    "foreign key constraint cannot be implemented: columns \"\(own.name)\" and "
                        + "\"\(other.name)\" are of different types: \(own.typeName) and "
                        + other.typeName, hint: "give them the same type")
            }
        }
        guard
            references.onDelete != .setNull
                || table.definition.columns.allSatisfy({ $0.generatedText == nil })
        else {
            throw IglooError(
                .unsupported,
                "ON DELETE SET NULL is not supported for tables with generated columns",
                position: range.start)
        }
        let base = ([table.name.name] + places.map { table.definition.columns[$0].name } + ["fkey"])
            .joined(separator: "_")
        return TableDefinition.ForeignKey(
            try binder.free(constraint.name, base, table.definition, range), columns: places,
            table: parent.id, keyColumns: keyPlaces,
            onDelete: try action(references, range))
    }

    private func action(
        _ references: TableConstraint.References, _ range: SourceRange
    ) throws(IglooError) -> TableDefinition.ForeignKey.Action {
        guard [.none, .restrict].contains(references.onUpdate) else {
            throw IglooError(
                .unsupported, "ON UPDATE \(references.onUpdate.rawValue) is not supported",
                hint: "update the rows that refer first, or delete and insert",
                position: range.start)
        }
        switch references.onDelete {
        case .none, .restrict: return .none
        case .cascade: return .cascade
        case .setNull: return .setNull
        case .setDefault:
            throw IglooError(
                .unsupported, "ON DELETE SET DEFAULT is not supported",
                hint: "CASCADE, SET NULL, RESTRICT and NO ACTION are", position: range.start)
        }
    }

    // MARK: - Tables that are referred to

    /// Foreign keys of other tables to those that are to be dropped.
    func detach(_ drop: Drop, _ transaction: Transaction) throws(IglooError) {
        let memory = lookup(transaction.database).memory
        var ids: Set<Int> = []
        for name in drop.names {
            if let found = memory.find(name.parts.map(\.name)),
                case .table(let id) = found.relation.entry
            {
                ids.insert(id)
            }
        }
        try detach(ids, isCascade: drop.isCascade, transaction)
    }

    /// - Throws: 2BP01, unless `isCascade`: then the foreign keys go.
    func detach(
        _ ids: Set<Int>, isCascade: Bool, _ transaction: Transaction
    ) throws(IglooError) {
        for child in transaction.database.allTables where !ids.contains(child.id) {
            let lost = child.definition.foreignKeys.filter { ids.contains($0.table) }
            guard let first = lost.first else { continue }
            guard isCascade else {
                let parent = transaction.database.table(id: first.table)?.name.name ?? ""
                throw Self.dependent("table \(parent)", first, child)
            }
            var definition = child.definition
            definition.foreignKeys.removeAll { ids.contains($0.table) }
            try transaction.redefine(child.id, definition)
        }
    }

    private static func dependent(
        _ what: String, _ key: TableDefinition.ForeignKey, _ child: Table
    ) -> IglooError {
        IglooError(
            .invalidState,
            "cannot drop \(what) because other objects depend on it: constraint \(key.name) on "
                + "table \(child.name.name)",
            hint: "ALTER TABLE \(child.name.name) DROP CONSTRAINT \(key.name), or DROP ... CASCADE",
            sqlState: .dependentObjects)
    }

    /// - Throws: 0A000 when a table that stays refers to one of them.
    func checkTruncation(of ids: [Int], _ transaction: Transaction) throws(IglooError) {
        for child in transaction.database.allTables where !ids.contains(child.id) {
            guard let key = child.definition.foreignKeys.first(where: { ids.contains($0.table) })
            else { continue }
            throw IglooError(
                .unsupported,
                "cannot truncate a table referenced in a foreign key constraint",
                hint:
                    "\"\(child.name.name)\" refers to it by \"\(key.name)\": truncate both at the "
                    + "same time")
        }
    }

    /// Foreign keys to a table whose columns change, and sequences of columns that go.
    func follow(
        _ change: TableChange, of table: Table, as new: TableDefinition,
        _ transaction: Transaction
    ) throws(IglooError) {
        var places: [Int: Int] = [:]
        for (place, source) in change.sources.enumerated() {
            if case .old(let old) = source { places[old] = place }
        }
        for child in transaction.database.allTables {
            var definition = child.id == table.id ? new : child.definition
            for index in definition.foreignKeys.indices
            where definition.foreignKeys[index].table == table.id {
                let key = definition.foreignKeys[index]
                let moved = key.keyColumns.compactMap { places[$0] }
                let isKept =
                    moved.count == key.keyColumns.count
                    && new.keys.contains { Set($0.columns) == Set(moved) }
                    && zip(moved, key.keyColumns).allSatisfy {
                        new.columns[$0].type == table.definition.columns[$1].type
                    }
                guard isKept else {
                    throw Self.dependent("the key of table \(table.name.name)", key, child)
                }
                definition.foreignKeys[index].keyColumns = moved
            }
            if child.id != table.id, definition != child.definition {
                try transaction.redefine(child.id, definition)
            }
        }
        for key in new.foreignKeys {
            for place in key.columns {
                guard place < change.sources.count, case .old(let old) = change.sources[place]
                else { continue }
                guard new.columns[place].type == table.definition.columns[old].type else {
                    throw IglooError(
                        .invalidState,
                        "the type of a column in foreign key \"\(key.name)\" cannot be changed",
                        hint: "drop the constraint first", sqlState: .dependentObjects)
                }
            }
        }
        let kept = Set(new.columns.compactMap { $0.sequence?.name })
        for column in table.definition.columns {
            guard let name = column.sequence?.name, name.count == 2, !kept.contains(name) else {
                continue
            }
            transaction.drop(RelationName(name[0], name[1]))
        }
    }
}
