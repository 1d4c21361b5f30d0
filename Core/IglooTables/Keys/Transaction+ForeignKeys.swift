// SPDX-License-Identifier: MIT

import IglooArrow
public import IglooContracts
import IglooPlan

// Foreign keys: held at the end of each statement, against what the transaction then sees.
extension Transaction {
    /// That the rows of a table from number `first` on refer to rows that are there, and that
    /// nothing refers to the keys any more that its rows `deleted` and `updated` had. Where the key
    /// says CASCADE or SET NULL, the rows that refer to deleted ones are deleted or changed.
    ///
    /// - Throws: 23503.
    public func holdForeignKeys(
        of id: Int, from first: Int64, deleted: [Int64] = [], updated: [Int64] = []
    ) throws(IglooError) {
        guard let table = database.tables[id] else { throw Self.gone() }
        for key in table.definition.foreignKeys { try checkReferences(key, table, from: first) }
        if deleted.isEmpty && updated.isEmpty { return }
        for child in database.tables.values {
            for key in child.definition.foreignKeys where key.table == id {
                try release(key, child.id, table, deleted, key.onDelete)
                try release(key, child.id, table, updated, .none)
            }
        }
    }

    // MARK: - Rows that refer

    private func checkReferences(
        _ key: TableDefinition.ForeignKey, _ table: Table, from first: Int64
    ) throws(IglooError) {
        let probe = try ReferencedKey(self, key)
        for chunk in table.data.chunks where chunk.rows.upperBound > first {
            let values = probe.values(of: chunk, key.columns)
            let hashes = KeyHash.hashes(of: values, count: chunk.rowCount)
            for (row, hash) in hashes.enumerated() {
                let number = chunk.firstRow + Int64(row)
                guard let hash, number >= first, table.data.isLive(number) else { continue }
                if probe.isThere(hash, values, row) { continue }
                throw violation(
                    "insert or update on table \"\(table.name.name)\" violates foreign key "
                        + "constraint \"\(key.name)\"", key, table, values, row,
                    "is not present in table \"\(probe.table.name.name)\"")
            }
        }
    }

    private func violation(
        _ message: String, _ key: TableDefinition.ForeignKey, _ table: Table,
        _ values: [ArrayData], _ row: Int, _ what: String
    ) -> IglooError {
        let names = key.columns.map { table.definition.columns[$0].name }
        let shown = Constraints.shown(values, row).map { "=(\($0))" } ?? ""
        return IglooError(
            .invalidData, message, hint: "Key (\(names.joined(separator: ", ")))\(shown) \(what)",
            sqlState: .foreignKeyViolation)
    }

    // MARK: - Rows that are referred to

    /// What refers to keys of rows that are gone: refused, deleted or changed.
    private func release(
        _ key: TableDefinition.ForeignKey, _ childId: Int, _ parent: Table, _ deleted: [Int64],
        _ action: TableDefinition.ForeignKey.Action
    ) throws(IglooError) {
        guard !deleted.isEmpty, let child = database.tables[childId] else { return }
        let probe = try ReferencedKey(self, key)
        let gone = try rows(deleted, of: parent.id)
        let keys = probe.order.map { gone.columns[key.keyColumns[$0]] }
        var lost: [UInt64: [Int]] = [:]
        for (row, hash) in KeyHash.hashes(of: keys, count: gone.count).enumerated() {
            guard let hash, !probe.isThere(hash, keys, row) else { continue }
            lost[hash, default: []].append(row)
        }
        if lost.isEmpty { return }
        var found: [Int64] = []
        for chunk in child.data.chunks {
            let values = probe.values(of: chunk, key.columns)
            for (row, hash) in KeyHash.hashes(of: values, count: chunk.rowCount).enumerated() {
                let number = chunk.firstRow + Int64(row)
                guard let hash, let candidates = lost[hash],
                    candidates.contains(where: { KeyHash.areEqual(keys, $0, values, row) }),
                    child.data.isLive(number)
                else { continue }
                guard action != .none else {
                    throw violation(
                        "update or delete on table \"\(parent.name.name)\" violates foreign key "
                            + "constraint \"\(key.name)\" on table \"\(child.name.name)\"", key,
                        child, values, row,
                        "is still referenced from table \"\(child.name.name)\"")
                }
                found.append(number)
            }
        }
        if !found.isEmpty { try follow(key, child, found) }
    }

    private func follow(
        _ key: TableDefinition.ForeignKey, _ child: Table, _ rows: [Int64]
    ) throws(IglooError) {
        let first = child.data.nextRow
        var new: [NewRows] = []
        if key.onDelete == .setNull {
            var changed = try self.rows(rows, of: child.id)
            for place in key.columns {
                changed.columns[place] = try Self.nulls(
                    child.definition.columns[place].type, rows.count)
            }
            new = [changed]
        }
        try write(child.id, deleting: rows, inserting: new)
        let isUpdate = key.onDelete == .setNull
        try holdForeignKeys(
            of: child.id, from: first, deleted: isUpdate ? [] : rows, updated: isUpdate ? rows : [])
    }

    private static func nulls(_ type: DataType, _ count: Int) throws(IglooError) -> ArrayData {
        let builder = ArrayBuilder(type.storage)
        do throws(ArrowError) {
            for _ in 0..<count { try builder.append(.null) }
        } catch {
            throw IglooError(error)
        }
        return builder.finish().retyped(as: type)
    }
}

/// The key of another table that a foreign key speaks of.
private struct ReferencedKey {
    let table: Table
    /// For each column of the key, its place among the foreign key's.
    let order: [Int]
    private let probe: KeyProbe

    init(
        _ transaction: Transaction, _ key: TableDefinition.ForeignKey
    ) throws(IglooError) {
        guard let table = transaction.database.table(id: key.table),
            let position = table.definition.keys.firstIndex(where: {
                Set($0.columns) == Set(key.keyColumns)
            })
        else { throw Transaction.gone() }
        self.table = table
        order = table.definition.keys[position].columns.map { column in
            key.keyColumns.firstIndex(of: column) ?? 0
        }
        probe = KeyProbe(transaction, table, position)
    }

    func values(of chunk: Chunk, _ columns: [Int]) -> [ArrayData] {
        order.map { chunk.columns[columns[$0]] }
    }

    func isThere(_ hash: UInt64, _ values: [ArrayData], _ row: Int) -> Bool {
        probe.find(hash, values, row) != nil
    }
}
