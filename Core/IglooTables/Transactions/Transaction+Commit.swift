// SPDX-License-Identifier: MIT

import IglooArrow
public import IglooContracts
import IglooPlan

extension Transaction {
    /// Makes the changes those of everyone, all of them or none.
    ///
    /// - Throws: `conflict` (40001) when others committed what cannot stand beside them; 23505
    ///   when they committed the same key. The transaction is rolled back then.
    public func commit() throws(IglooError) {
        defer { store.forget(ObjectIdentifier(self)) }
        let own = changes.withLock { $0 }
        if own.tables.isEmpty && own.names.isEmpty && own.schemas.isEmpty { return }
        try store.state.withLock { (state) throws(IglooError) in
            var latest = state.latest
            try mergeNames(own, into: &latest)
            try checkReferences(own, latest)
            for id in own.tables { try mergeTable(id, own, into: &latest) }
            state.lastStamp += 1
            state.latest = latest
        }
        changes.withLock { $0 = Changes(database: base) }
    }

    private func mergeNames(_ own: Changes, into latest: inout Database) throws(IglooError) {
        for schema in own.schemas {
            guard latest.schemas[schema]?.stamp == base.schemas[schema]?.stamp else {
                throw MemoryStore.conflict(
                    "schema \"\(schema)\" was changed by another transaction")
            }
            latest.schemas[schema] = own.database.schemas[schema]
        }
        for name in own.names {
            guard latest.relations[name]?.stamp == base.relations[name]?.stamp else {
                throw MemoryStore.conflict(
                    "relation \"\(name.name)\" was changed by another transaction")
            }
            latest.relations[name] = own.database.relations[name]
        }
        // Nothing may be left in a schema that is gone.
        let suspects = own.schemas.isEmpty ? Array(own.names) : Array(latest.relations.keys)
        for name in suspects
        where latest.relations[name] != nil && latest.schemas[name.schema] == nil {
            throw MemoryStore.conflict(
                "schema \"\(name.schema)\" was dropped by another transaction")
        }
    }

    /// That others did nothing meanwhile which foreign keys would have had to know: deleted rows
    /// of a table that own new rows may refer to, or added rows that may refer to own deleted ones.
    private func checkReferences(_ own: Changes, _ latest: Database) throws(IglooError) {
        for child in own.database.tables.values {
            for key in child.definition.foreignKeys {
                let parents = (base.tables[key.table], latest.tables[key.table])
                if own.tables.contains(child.id), let (old, new) = Self.both(parents),
                    old.dataStamp != new.dataStamp,
                    old.data.generation != new.data.generation
                        || old.data.deleted != new.data.deleted
                {
                    throw MemoryStore.conflict(
                        "rows of \"\(new.name.name)\" were changed by another transaction")
                }
                let children = (base.tables[child.id], latest.tables[child.id])
                if let parent = own.database.tables[key.table],
                    own.tables.contains(key.table),
                    base.tables[key.table]?.data.deleted != parent.data.deleted,
                    let (old, new) = Self.both(children), old.dataStamp != new.dataStamp
                {
                    throw MemoryStore.conflict(
                        "rows of \"\(new.name.name)\" were changed by another transaction")
                }
            }
        }
        // A table that others made refer to this one, whose rows this transaction deleted.
        for child in latest.tables.values
        where base.tables[child.id] == nil && own.database.tables[child.id] == nil {
            for key in child.definition.foreignKeys where own.tables.contains(key.table) {
                throw MemoryStore.conflict(
                    "\"\(child.name.name)\" was made to refer to a changed table by another "
                        + "transaction")
            }
        }
    }

    private static func both(_ pair: (Table?, Table?)) -> (Table, Table)? {
        guard let first = pair.0, let second = pair.1 else { return nil }
        return (first, second)
    }

    private func mergeTable(
        _ id: Int, _ own: Changes, into latest: inout Database
    ) throws(IglooError) {
        guard let mine = own.database.tables[id] else {
            // Dropped. Rows that others wrote meanwhile go with it, as they would after a wait.
            latest.tables[id] = nil
            return
        }
        guard let base = base.tables[id] else {
            latest.tables[id] = mine
            try index(mine, from: 0)
            return
        }
        guard let theirs = latest.tables[id],
            theirs.definitionStamp == base.definitionStamp,
            theirs.data.generation == base.data.generation
        else {
            throw MemoryStore.conflict(
                "the table \"\(mine.name.name)\" was changed by another transaction")
        }
        if mine.data.generation != base.data.generation {
            guard theirs.dataStamp == base.dataStamp else {
                throw MemoryStore.conflict(
                    "the rows of \"\(mine.name.name)\" were changed by another transaction")
            }
            latest.tables[id] = mine
            try index(mine, from: 0)
        } else if theirs.dataStamp == base.dataStamp {
            var merged = mine
            try merged.data.mergeTail(store.account)
            latest.tables[id] = merged
            try index(mine, from: base.data.nextRow)
        } else {
            latest.tables[id] = try rebased(mine, base, onto: theirs)
        }
    }

    /// The rows appended and deleted by this transaction, put onto those of others.
    private func rebased(
        _ mine: Table, _ base: Table, onto theirs: Table
    ) throws(IglooError) -> Table {
        var merged = theirs
        merged.definition = mine.definition
        merged.definitionStamp = mine.definitionStamp
        merged.name = mine.name
        merged.dataStamp = mine.dataStamp
        merged.data.delete(
            mine.data.deleted.subtracting(base.data.deleted).below(base.data.nextRow))
        let firstRow = merged.data.nextRow
        for part in try mine.data.liveColumns(from: base.data.nextRow) {
            try checkKeys(of: part.columns, part.count, merged)
            merged.data.append(
                try Chunk(
                    firstRow: merged.data.nextRow, columns: part.columns, rowCount: part.count,
                    store.account))
        }
        try index(merged, from: firstRow)
        try merged.data.mergeTail(store.account)
        return merged
    }

    /// That no key of the rows was committed by others since they were written.
    private func checkKeys(
        of columns: [ArrayData], _ count: Int, _ table: Table
    ) throws(IglooError) {
        for (position, key) in table.definition.keys.enumerated() {
            let values = key.columns.map { columns[$0] }
            let hashes = KeyHash.hashes(of: values, count: count)
            for (row, hash) in hashes.enumerated() {
                guard let hash else { continue }
                for candidate in table.indexes[position].candidates(hash)
                where table.data.isLive(candidate) {
                    guard let chunk = table.data.chunk(of: candidate) else { continue }
                    let place = Int(candidate - chunk.firstRow)
                    let found = key.columns.map { chunk.columns[$0] }
                    if KeyHash.areEqual(found, place, values, row) {
                        throw Constraints.duplicate(key, table, values, row, false)
                    }
                }
            }
        }
    }

    /// Notes the keys of the table's rows from number `first` on.
    private func index(_ table: Table, from first: Int64) throws(IglooError) {
        for (position, key) in table.definition.keys.enumerated() {
            for chunk in table.data.chunks where chunk.rows.upperBound > first {
                let hashes = KeyHash.hashes(
                    of: key.columns.map { chunk.columns[$0] }, count: chunk.rowCount)
                try table.indexes[position].insert(hashes, from: chunk.firstRow) {
                    table.data.isLive($0)
                }
            }
        }
    }
}
