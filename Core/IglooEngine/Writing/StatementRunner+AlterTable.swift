// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import IglooSQL
import IglooTables

// ALTER TABLE: the actions change a definition; rows follow where they must.
extension StatementRunner {
    func alter(_ alter: AlterTable) throws(IglooError) -> StatementResult {
        let tag = alter.isView ? "ALTER VIEW" : "ALTER TABLE"
        try writing(tag, alter.name) { (transaction) throws(IglooError) in
            let memory = lookup(transaction.database).memory
            guard let found = memory.find(alter.name.parts.map(\.name)) else {
                if alter.ifExists {
                    session.notices.add(
                        Notice("relation \"\(alter.name)\" does not exist, skipping"))
                    return
                }
                _ = try table(alter.name, transaction)
                return
            }
            // There is one user, whom everything belongs to.
            let isOfOwner = alter.actions.allSatisfy {
                if case .setOwner = $0 { true } else { false }
            }
            if isOfOwner { return }
            for action in alter.actions {
                switch action {
                case .renameTable(let name):
                    try transaction.rename(
                        found.name, to: RelationName(found.name.schema, name.name))
                    try checkAlone(alter)
                    return
                case .setSchema(let schema):
                    guard let schema = memory.schema(schema.name) else {
                        throw memory.missingSchema(schema.name)
                    }
                    try transaction.rename(found.name, to: RelationName(schema, found.name.name))
                    try checkAlone(alter)
                    return
                default: break
                }
            }
            guard !alter.isView else {
                throw IglooError(
                    .unsupported, "ALTER VIEW renames a view, and only that",
                    hint: "CREATE OR REPLACE VIEW changes it")
            }
            let table = try table(alter.name, transaction)
            var change = TableChange(table, binder(transaction.database))
            for action in alter.actions { try change.apply(action) }
            var definition = change.definition
            try makeSequences(&definition, found.name, transaction)
            try follow(change, of: table, as: definition, transaction)
            if change.needsRows {
                try rewrite(table, alter.name, as: definition, from: change.sources, transaction)
            } else {
                try transaction.redefine(table.id, definition)
            }
            try addForeignKeys(change.newForeignKeys, to: table.id, transaction)
        }
        return .done(tag: tag)
    }

    /// What changes the name is an action of its own.
    private func checkAlone(_ alter: AlterTable) throws(IglooError) {
        guard alter.actions.count > 1 else { return }
        throw IglooError(
            .invalidArgument, "RENAME and SET SCHEMA stand alone in ALTER TABLE",
            sqlState: .syntaxError)
    }

    /// Puts a table's rows into another form; constraints are held against all of them.
    func rewrite(
        _ table: Table, _ name: QualifiedName, as definition: TableDefinition,
        from sources: [ColumnSource], _ transaction: Transaction
    ) throws(IglooError) {
        let lookup = lookup(transaction.database)
        let target = try lookup.target(name.parts.map(\.name))
        let write = try binder(transaction.database).bind(
            rewriting: target, name, as: definition, from: sources)
        var writer = try TableWriter(self, transaction, write)
        do throws(IglooError) {
            try transaction.replace(table.id, with: definition, rows: try writer.rows())
        } catch  where error.sqlState == .checkViolation {
            var error = error
            error.message = error.message.replacingPrefix(
                "new row for relation \"\(target.name)\" violates check constraint",
                "check constraint of relation \"\(target.name)\" is violated by some row:")
            throw error
        }
    }
}

extension String {
    fileprivate func replacingPrefix(_ old: String, _ new: String) -> String {
        hasPrefix(old) ? new + dropFirst(old.count) : self
    }
}
