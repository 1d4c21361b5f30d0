// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlan
import IglooSQL
import IglooTables

/// What ALTER TABLE makes of a table's definition, action by action.
struct TableChange {
    private(set) var definition: TableDefinition
    /// Where each column's values come from.
    private(set) var sources: [ColumnSource]
    /// Whether rows change, or must be looked at.
    private(set) var needsRows = false
    /// To be added once the rest is done.
    private(set) var newForeignKeys: [TableConstraint] = []
    private let table: String
    private let binder: Binder

    init(_ table: Table, _ binder: Binder) {
        definition = table.definition
        sources = table.definition.columns.indices.map { .old($0) }
        self.table = table.name.name
        self.binder = binder
    }

    mutating func apply(_ action: AlterTable.Action) throws(IglooError) {
        switch action {
        case .addColumn(let column, let ifNotExists): try add(column, ifNotExists)
        case .dropColumn(let name, let ifExists): try drop(name, ifExists)
        case .renameColumn(let name, let new): try rename(name, new)
        case .setDefault(let name, let value):
            let place = try place(name)
            definition.columns[place].defaultText = try binder.defaultText(
                value, definition.columns[place])
        case .dropDefault(let name): definition.columns[try place(name)].defaultText = nil
        case .setNotNull(let name):
            definition.columns[try place(name)].isNullable = false
            needsRows = true
        case .dropNotNull(let name): try dropNotNull(name)
        case .setType(let name, let type, let using):
            let place = try place(name)
            (definition.columns[place].type, definition.columns[place].lengthMax) =
                try binder.type(of: type)
            if let using { sources[place] = .expression(using) }
            needsRows = true
        case .addConstraint(let constraint) where constraint.isForeignKey:
            newForeignKeys.append(constraint)
        case .addConstraint(let constraint):
            try binder.add(constraint, to: &definition, ofTable: table)
            needsRows = true
        case .dropConstraint(let name, let ifExists): try dropConstraint(name, ifExists)
        case .addIdentity(let name, let identity, let options):
            try addIdentity(name, identity, options)
        case .dropIdentity(let name, let ifExists):
            let place = try place(name)
            guard definition.columns[place].sequence?.identity != nil else {
                if ifExists { return }
                throw IglooError(
                    .invalidState,
                    "column \"\(name)\" of relation \"\(table)\" is not an identity column",
                    sqlState: .objectNotReady, position: name.range.start)
            }
            definition.columns[place].sequence = nil
            definition.columns[place].defaultText = nil
        case .setOwner: break
        case .renameTable, .setSchema:
            throw IglooError(.internalError, "a table's name is not part of its definition")
        }
    }

    private mutating func addIdentity(
        _ name: Identifier, _ identity: ColumnSyntax.Identity, _ options: SequenceOptions
    ) throws(IglooError) {
        let place = try place(name)
        let column = definition.columns[place]
        guard !column.isNullable, column.defaultText == nil, column.generatedText == nil else {
            throw IglooError(
                .invalidState,
                column.isNullable
                    ? "column \"\(name)\" of relation \"\(table)\" must be declared NOT NULL before "
                        + "identity can be added"
                    : "column \"\(name)\" of relation \"\(table)\" already has a default value",
                sqlState: .objectNotReady, position: name.range.start)
        }
        var options = options
        options.type =
            options.type ?? .named(column.type.sqlName, modifiers: [], name.range)
        definition.columns[place].sequence = .init(
            try binder.definition(of: options), identity: identity == .always ? .always : .byDefault
        )
    }

    private func place(_ name: Identifier) throws(IglooError) -> Int {
        if let place = find(name) { return place }
        let names = definition.columns.map(\.name)
        throw IglooError(
            .notFound, "column \"\(name)\" of relation \"\(table)\" does not exist",
            hint: NearestName.among(names, to: name.written).map { "did you mean \"\($0)\"?" },
            sqlState: .undefinedColumn, position: name.range.start)
    }

    private func find(_ name: Identifier) -> Int? {
        definition.columns.firstIndex { $0.name == name.name }
            ?? definition.columns.firstIndex {
                $0.name.lowercased() == name.name.lowercased()
            }
    }

    private func checkFree(_ name: Identifier) throws(IglooError) {
        guard find(name) != nil else { return }
        throw IglooError(
            .alreadyExists, "column \"\(name)\" of relation \"\(table)\" already exists",
            sqlState: .duplicateColumn, position: name.range.start)
    }

    private mutating func add(_ column: ColumnSyntax, _ ifNotExists: Bool) throws(IglooError) {
        if ifNotExists, find(column.name) != nil { return }
        try checkFree(column.name)
        let others = definition.columns.filter { $0.generatedText == nil }
        definition.columns.append(try binder.column(column, beside: others))
        sources.append(.defaultValue)
        newForeignKeys += column.constraints.filter(\.isForeignKey)
        for constraint in column.constraints where !constraint.isForeignKey {
            try binder.add(constraint, to: &definition, ofTable: table)
        }
        needsRows = true
    }

    private mutating func drop(_ name: Identifier, _ ifExists: Bool) throws(IglooError) {
        if ifExists, find(name) == nil { return }
        let place = try place(name)
        guard definition.columns.count > 1 else {
            throw IglooError(
                .invalidArgument, "cannot drop the only column of relation \"\(table)\"",
                hint: "DROP TABLE \(table) drops the table", sqlState: .invalidTableDefinition,
                position: name.range.start)
        }
        // Constraints that speak of the column go with it.
        definition.keys.removeAll { $0.columns.contains(place) }
        for index in definition.keys.indices {
            definition.keys[index].columns = definition.keys[index].columns.map {
                $0 > place ? $0 - 1 : $0
            }
        }
        definition.foreignKeys.removeAll { $0.columns.contains(place) }
        for index in definition.foreignKeys.indices {
            definition.foreignKeys[index].columns = definition.foreignKeys[index].columns.map {
                $0 > place ? $0 - 1 : $0
            }
        }
        let column = definition.columns[place].name
        try checkUnused(column, name)
        var kept: [TableDefinition.Check] = []
        for check in definition.checks {
            // A name that renaming leaves alone is not in the text.
            let renamed = try SQLParser.renaming(column, to: column + "?", in: check.text)
            if renamed == check.text { kept.append(check) }
        }
        definition.checks = kept
        definition.columns.remove(at: place)
        sources.remove(at: place)
        needsRows = true
    }

    /// - Throws: 2BP01 for a column that a generated one is computed from.
    private func checkUnused(_ column: String, _ name: Identifier) throws(IglooError) {
        for other in definition.columns where other.name != column {
            guard let text = other.generatedText,
                try SQLParser.renaming(column, to: column + "?", in: text) != text
            else { continue }
            throw IglooError(
                .invalidState,
                "cannot drop column \"\(column)\" of table \"\(table)\" because other objects "
                    + "depend on it: generated column \"\(other.name)\"",
                hint: "drop that one first", sqlState: .dependentObjects,
                position: name.range.start)
        }
    }

    private mutating func rename(_ name: Identifier, _ new: Identifier) throws(IglooError) {
        let place = try place(name)
        if find(new) != place { try checkFree(new) }
        let old = definition.columns[place].name
        definition.columns[place].name = new.written
        for index in definition.columns.indices {
            guard let text = definition.columns[index].generatedText else { continue }
            definition.columns[index].generatedText = try SQLParser.renaming(
                old, to: new.name, in: text)
        }
        for index in definition.checks.indices {
            definition.checks[index].text = try SQLParser.renaming(
                old, to: new.name, in: definition.checks[index].text)
        }
    }

    private mutating func dropNotNull(_ name: Identifier) throws(IglooError) {
        let place = try place(name)
        guard
            !definition.keys.contains(where: { $0.kind == .primary && $0.columns.contains(place) })
        else {
            throw IglooError(
                .invalidArgument, "column \"\(name)\" is in a primary key",
                sqlState: .invalidTableDefinition, position: name.range.start)
        }
        definition.columns[place].isNullable = true
    }

    private mutating func dropConstraint(
        _ name: Identifier, _ ifExists: Bool
    ) throws(IglooError) {
        if let index = definition.checks.firstIndex(where: { $0.name == name.name }) {
            definition.checks.remove(at: index)
        } else if let index = definition.keys.firstIndex(where: {
            $0.name == name.name && $0.kind != .index
        }) {
            definition.keys.remove(at: index)
            needsRows = true
        } else if let index = definition.foreignKeys.firstIndex(where: { $0.name == name.name }) {
            definition.foreignKeys.remove(at: index)
        } else if !ifExists {
            let names = definition.constraintNames.sorted()
            throw IglooError(
                .notFound, "constraint \"\(name)\" of relation \"\(table)\" does not exist",
                hint: NearestName.among(names, to: name.name).map { "did you mean \"\($0)\"?" },
                sqlState: .undefinedObject, position: name.range.start)
        }
    }
}

extension TableDefinition {
    /// `t_a_b_idx`, with a number behind it where that is taken.
    func freeName(_ table: String, _ places: [Int], _ suffix: String) -> String {
        let taken = constraintNames
        let base = ([table] + places.map { columns[$0].name } + [suffix]).joined(separator: "_")
        if !taken.contains(base) { return base }
        var number = 1
        while taken.contains("\(base)\(number)") { number += 1 }
        return "\(base)\(number)"
    }
}
