// SPDX-License-Identifier: MIT

import IglooContracts

/// Reading and writing of keys, within a transaction of the database.
extension StoreConnection {
    private static let columns = "key, created, modified, lease, value"

    func range(
        _ keys: KeyRange, revision: Int64?, limit: Int?
    ) throws(IglooError) -> KeyValuePage {
        let state = try state()
        let (condition, values) = Self.condition(keys)
        var sql = "SELECT \(Self.columns), 0 FROM items WHERE \(condition) ORDER BY key"
        var all = values
        if let revision, revision != state.revision {
            guard revision < state.revision else {
                throw IglooError(
                    .outOfRange,
                    "revision \(revision) is yet to come, the latest is \(state.revision)")
            }
            guard revision >= state.compacted else { throw state.isTooOld(revision) }
            sql = """
                SELECT \(Self.columns), 0 FROM history WHERE \(condition) AND NOT is_deleted
                AND modified = (SELECT max(modified) FROM history AS other
                WHERE other.key = history.key AND other.modified <= ?) ORDER BY key
                """
            all.append(.integer(revision))
        }
        let rows = try statement(sql, all)
        var page = KeyValuePage(items: [], revision: state.revision)
        while try rows.step() {
            if page.items.count == limit {
                page.hasMore = true
                break
            }
            page.items.append(KeyValueItem(rows))
        }
        return page
    }

    /// Events from a revision on: whole revisions, until there are enough of them.
    func events(
        _ keys: KeyRange, from revision: Int64, countAim: Int
    ) throws(IglooError) -> KeyValuePage {
        let state = try state()
        guard revision > state.compacted else { throw state.isTooOld(revision) }
        let (condition, values) = Self.condition(keys)
        let rows = try statement(
            """
            SELECT \(Self.columns), is_deleted FROM history WHERE \(condition) AND modified >= ?
            ORDER BY modified, key
            """, values + [.integer(revision)])
        var page = KeyValuePage(items: [], revision: state.revision)
        while try rows.step() {
            let item = KeyValueItem(rows)
            if let last = page.items.last, page.items.count >= countAim,
                last.modified != item.modified
            {
                page.revision = last.modified
                break
            }
            page.items.append(item)
        }
        return page
    }

    /// The condition of SQL for these keys, and its parameters.
    private static func condition(_ keys: KeyRange) -> (String, [Statement.Value]) {
        switch keys {
        case .key(let key): ("key = ?", [.bytes(key)])
        case .from(let first, nil): ("key >= ?", [.bytes(first)])
        case .from(let first, let end?): ("key >= ? AND key < ?", [.bytes(first), .bytes(end)])
        }
    }

    private func item(_ key: [UInt8]) throws(IglooError) -> KeyValueItem? {
        let row = try statement("SELECT \(Self.columns), 0 FROM items WHERE key = ?", [.bytes(key)])
        return try row.step() ? KeyValueItem(row) : nil
    }

    // MARK: - Transactions

    func commit(_ transaction: KeyValueTransaction) throws(IglooError) -> KeyValueOutcome {
        var succeeded = true
        for comparison in transaction.comparisons where succeeded {
            succeeded = comparison.holds(for: try item(comparison.key))
        }
        var step = WriteStep(revision: try state().revision + 1)
        var found: [KeyValueItem] = []
        for operation in succeeded ? transaction.then : transaction.otherwise {
            switch operation {
            case .get(let keys): found += try range(keys, revision: nil, limit: nil).items
            case .delete(let keys):
                for item in try range(keys, revision: nil, limit: nil).items {
                    try delete(item.key, &step)
                }
            case .put(let key, let value, let lease):
                try put(key, value, lease: lease, &step)
            }
        }
        if !step.written.isEmpty { try finish(step) }
        return KeyValueOutcome(
            succeeded: succeeded, items: found, revision: try state().revision)
    }

    /// What a transaction wrote so far.
    struct WriteStep {
        let revision: Int64
        var written: Set<[UInt8]> = []

        mutating func add(_ key: [UInt8]) throws(IglooError) {
            guard written.insert(key).inserted else {
                throw IglooError(
                    .invalidArgument, "a transaction writes the key \(key.shown) twice")
            }
        }
    }

    private func put(
        _ key: [UInt8], _ value: [UInt8], lease: Int64, _ step: inout WriteStep
    ) throws(IglooError) {
        guard !key.isEmpty else { throw IglooError(.invalidArgument, "a key cannot be empty") }
        try step.add(key)
        if lease != 0 { try checkLease(lease) }
        let created = try item(key)?.created ?? step.revision
        try run(
            "INSERT OR REPLACE INTO items (key, created, modified, lease, value) VALUES (?, ?, ?, ?, ?)",
            [
                .bytes(key), .integer(created), .integer(step.revision), .integer(lease),
                .bytes(value),
            ])
        try run(
            "INSERT INTO history VALUES (?, ?, ?, ?, ?, 0)",
            [
                .integer(step.revision), .bytes(key), .integer(created), .integer(lease),
                .bytes(value),
            ])
    }

    func delete(_ key: [UInt8], _ step: inout WriteStep) throws(IglooError) {
        try step.add(key)
        try run("DELETE FROM items WHERE key = ?", [.bytes(key)])
        try run(
            "INSERT INTO history VALUES (?, ?, 0, 0, zeroblob(0), 1)",
            [.integer(step.revision), .bytes(key)])
    }

    func finish(_ step: WriteStep) throws(IglooError) {
        try run("UPDATE store SET revision = ?", [.integer(step.revision)])
    }
}

extension KeyValueItem {
    /// From the columns key, created, modified, lease, value, is_deleted.
    fileprivate init(_ row: Statement) {
        self.init(
            key: row.bytes(0), value: row.bytes(4), created: row.integer(1),
            modified: row.integer(2), lease: row.integer(3), isDeleted: row.integer(5) != 0)
    }
}

extension [UInt8] {
    /// A key in a message.
    fileprivate var shown: String {
        if let text = String(validating: self, as: UTF8.self),
            text.unicodeScalars.allSatisfy({ $0.value > 31 && $0.value != 127 })
        {
            return "\"\(text)\""
        }
        return "x'" + map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + "'"
    }
}
