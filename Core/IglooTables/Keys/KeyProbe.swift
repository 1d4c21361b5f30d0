// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Looks for a row of the same key: among the transaction's own rows and those that are committed.
struct KeyProbe {
    struct Place {
        var row: Int64
        /// False for a row that was committed after the transaction began.
        var isVisible: Bool
    }

    private let table: Table
    private let columns: [Int]
    private let own: KeyIndex
    private let committed: KeyIndex
    /// What is committed now, where that is not what the transaction began with.
    private let latest: Table?
    private let nextBaseRow: Int64

    init(_ transaction: Transaction, _ table: Table, _ position: Int) {
        self.table = table
        columns = table.definition.keys[position].columns
        own = transaction.ownIndex(table.id, position)
        committed = table.indexes[position]
        let base = transaction.base.tables[table.id]
        let isReplaced = base.map { $0.data.generation != table.data.generation } ?? true
        nextBaseRow = isReplaced ? 0 : base?.data.nextRow ?? 0
        if isReplaced {
            latest = nil
        } else {
            let now = transaction.store.latest.tables[table.id]
            latest = now?.dataStamp == base?.dataStamp ? nil : now
        }
    }

    /// A live row with the key of `values` at `row`.
    func find(_ hash: UInt64, _ values: [ArrayData], _ row: Int) -> Place? {
        for candidate in own.candidates(hash)
        where candidate >= nextBaseRow && holds(table, candidate, values, row) {
            return Place(row: candidate, isVisible: true)
        }
        for candidate in committed.candidates(hash) {
            if candidate < nextBaseRow {
                // What others deleted since is still there for this transaction.
                if holds(table, candidate, values, row) {
                    return Place(row: candidate, isVisible: true)
                }
            } else if let latest, holds(latest, candidate, values, row) {
                return Place(row: candidate, isVisible: false)
            }
        }
        return nil
    }

    private func holds(
        _ table: Table, _ candidate: Int64, _ values: [ArrayData], _ row: Int
    ) -> Bool {
        guard !table.data.deleted.contains(candidate), let chunk = table.data.chunk(of: candidate)
        else { return false }
        return KeyHash.areEqual(
            columns.map { chunk.columns[$0] }, Int(candidate - chunk.firstRow), values, row)
    }

    /// That no two of the rows just appended are alike.
    func checkDistinct(
        _ hashes: [UInt64?], _ values: [ArrayData], _ key: TableDefinition.Key
    ) throws(IglooError) {
        guard hashes.count > 1 else { return }
        let order = hashes.indices.filter { hashes[$0] != nil }
            .sorted { (hashes[$0] ?? 0, $0) < (hashes[$1] ?? 0, $1) }
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count && hashes[order[end]] == hashes[order[start]] { end += 1 }
            if end - start > 1 { try checkDistinct(order[start..<end], values, key) }
            start = end
        }
    }

    /// Rows of one hash are nearly always alike, so the first pair tells.
    private func checkDistinct(
        _ rows: ArraySlice<Int>, _ values: [ArrayData], _ key: TableDefinition.Key
    ) throws(IglooError) {
        for (index, row) in rows.enumerated() {
            for other in rows.dropFirst(index + 1)
            where KeyHash.areEqual(values, row, values, other) {
                throw Constraints.duplicate(key, table, values, other, true)
            }
        }
    }
}
