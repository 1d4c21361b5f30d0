// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
public import IglooPlan

/// New rows: one array of the table's type a column.
public struct NewRows: Sendable {
    public var columns: [ArrayData]
    public var count: Int

    public init(columns: [ArrayData], count: Int) {
        self.columns = columns
        self.count = count
    }
}

extension Transaction {
    /// Deletes rows, then appends others: constraints hold for what is there afterwards.
    ///
    /// - Parameter deleted: numbers of rows that this transaction sees.
    /// - Throws: `conflict` (40001) when another transaction changed one of the rows first;
    ///   23502 and 23505 when a constraint is violated.
    public func write(
        _ table: Int, deleting deleted: [Int64], inserting parts: [NewRows]
    ) throws(IglooError) {
        try delete(deleted, of: table)
        for part in parts where part.count > 0 {
            guard let before = database.tables[table] else { throw Self.gone() }
            try Constraints.checkNotNull(part, before)
            let firstRow = before.data.nextRow
            try append(part, to: table)
            try indexOwn(part, of: table, from: firstRow)
        }
    }

    private func delete(_ rows: [Int64], of id: Int) throws(IglooError) {
        if rows.isEmpty { return }
        var set = RowSet()
        for row in rows { _ = set.insert(row) }
        let stamp = store.newStamp()
        guard let table = database.tables[id] else { throw Self.gone() }
        // Marked before it is asked whether others did: of two at the same time, both see it.
        let before = table
        let marked = set
        try change(id) { (table) throws(IglooError) in
            table.data.delete(marked)
            table.dataStamp = stamp
        }
        guard let base = base.tables[id], base.data.generation == table.data.generation else {
            return
        }
        do throws(IglooError) {
            try store.claim(set.below(base.data.nextRow), of: table, base: base, for: self)
        } catch {
            try change(id) { (table) throws(IglooError) in table = before }
            throw error
        }
    }

    private func append(_ part: NewRows, to id: Int) throws(IglooError) {
        let firstOwnRow = base.tables[id]?.data.nextRow ?? 0
        let stamp = store.newStamp()
        try change(id) { (table) throws(IglooError) in
            var start = 0
            while start < part.count {
                let count = min(Chunk.rowCountMax, part.count - start)
                var columns: [ArrayData] = []
                for column in part.columns {
                    columns.append(try ArrayData.joined([column.slice(start, count: count)]))
                }
                try table.data.append(
                    columns, rowCount: count, firstOwnRow: firstOwnRow, store.account)
                start += count
            }
            table.dataStamp = stamp
        }
    }

    /// Notes the keys of rows just appended, unless one of them is there already.
    private func indexOwn(
        _ part: NewRows, of id: Int, from firstRow: Int64
    ) throws(IglooError) {
        guard let table = database.tables[id], !table.definition.keys.isEmpty else { return }
        for (position, key) in table.definition.keys.enumerated() {
            let values = key.columns.map { part.columns[$0] }
            let hashes = KeyHash.hashes(of: values, count: part.count)
            // Alike keys among the new rows find each other in the index of own rows.
            let own = ownIndex(id, position)
            let probe = KeyProbe(self, table, position)
            if !own.isEmpty || !table.indexes[position].isEmpty {
                for (row, hash) in hashes.enumerated() {
                    guard let hash, let place = probe.find(hash, values, row) else { continue }
                    throw Constraints.duplicate(key, table, values, row, place.isVisible)
                }
            }
            let mayReturn = changes.withLock { $0.hasSavepoints }
            try own.insert(hashes, from: firstRow) { mayReturn || table.data.isLive($0) }
            try probe.checkDistinct(hashes, values, key)
        }
    }

    func ownIndex(_ table: Int, _ position: Int) -> KeyIndex {
        changes.withLock { changes in
            var indexes = changes.ownIndexes[table] ?? []
            while indexes.count <= position { indexes.append(KeyIndex(store.account)) }
            changes.ownIndexes[table] = indexes
            return indexes[position]
        }
    }

    /// The number that the table's next row will have.
    public func nextRow(of id: Int) -> Int64 { database.tables[id]?.data.nextRow ?? 0 }

    /// All rows go at once.
    public func truncate(_ id: Int) throws(IglooError) {
        let stamp = store.newStamp()
        try change(id) { (table) throws(IglooError) in
            table.data = TableData(replacing: table.data)
            table.indexes = table.indexes.map { _ in KeyIndex(store.account) }
            table.dataStamp = stamp
        }
        _ = changes.withLock { $0.ownIndexes.removeValue(forKey: id) }
    }

    /// Another definition, and the rows that fit it in place of all rows.
    ///
    /// - Throws: 23502 and 23505 when the rows violate a constraint.
    public func replace(
        _ id: Int, with definition: TableDefinition, rows: [NewRows]
    ) throws(IglooError) {
        try truncate(id)
        let stamp = store.newStamp()
        try change(id) { (table) throws(IglooError) in
            table.definition = definition
            table.definitionStamp = stamp
            table.indexes = definition.keys.map { _ in KeyIndex(store.account) }
        }
        try write(id, deleting: [], inserting: rows)
    }

    /// The same rows, whose arrays are read as other types of the same storage.
    public func retype(_ id: Int, _ definition: TableDefinition) throws(IglooError) {
        guard let table = database.tables[id] else { throw Self.gone() }
        var rows: [NewRows] = []
        for part in try table.data.liveColumns(from: 0) {
            let columns = zip(part.columns, definition.columns).map { $0.retyped(as: $1.type) }
            rows.append(NewRows(columns: columns, count: part.count))
        }
        try replace(id, with: definition, rows: rows)
    }

    /// Another definition of the same rows: names, defaults, constraints that were checked.
    public func redefine(_ id: Int, _ definition: TableDefinition) throws(IglooError) {
        let stamp = store.newStamp()
        try change(id) { (table) throws(IglooError) in
            table.definition = definition
            table.definitionStamp = stamp
        }
    }
}
