// SPDX-License-Identifier: MIT

import IglooContracts

/// The revisions of a store.
struct StoreState {
    var revision: Int64
    /// Up to here events are forgotten.
    var compacted: Int64

    func isTooOld(_ wanted: Int64) -> IglooError {
        IglooError(
            .compacted,
            "revision \(wanted) is too old: the store remembers those after \(compacted)",
            hint: "read the keys as they are now; the option \"history\" keeps more")
    }
}

/// How a store looks in its file:
/// - `store`: one row of numbers.
/// - `items`: what is there now; `history`: every write, each under its revision, as far back as is
///   kept, and for older ones the last write of each key that is there.
/// - `leases`: when each expires, in nanoseconds since the machine's start.
extension StoreConnection {
    private static let applicationId = 0x4967_4B56
    private static let version = 1

    private static let tables = [
        """
        CREATE TABLE store (
          one INTEGER PRIMARY KEY CHECK (one = 1), revision INTEGER NOT NULL,
          compacted INTEGER NOT NULL, boot TEXT NOT NULL)
        """,
        "INSERT INTO store VALUES (1, 0, 0, '')",
        """
        CREATE TABLE items (
          key BLOB PRIMARY KEY, created INTEGER NOT NULL, modified INTEGER NOT NULL,
          lease INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID
        """,
        "CREATE INDEX items_by_lease ON items (lease) WHERE lease <> 0",
        """
        CREATE TABLE history (
          modified INTEGER NOT NULL, key BLOB NOT NULL, created INTEGER NOT NULL,
          lease INTEGER NOT NULL, value BLOB NOT NULL, is_deleted INTEGER NOT NULL,
          PRIMARY KEY (modified, key)) WITHOUT ROWID
        """,
        "CREATE INDEX history_by_key ON history (key, modified)",
        """
        CREATE TABLE leases (
          id INTEGER PRIMARY KEY AUTOINCREMENT, lifetime INTEGER NOT NULL, expires INTEGER NOT NULL)
        """,
        "CREATE INDEX leases_by_expiry ON leases (expires)",
        "PRAGMA application_id = \(applicationId)",
        "PRAGMA user_version = \(version)",
    ]

    /// Makes the tables in an empty file; looks whether others are a store.
    func prepareStore(_ options: StoreOptions) throws(IglooError) {
        // Somebody else's database is not even to have another journal.
        try checkOwner()
        try run("PRAGMA journal_mode = WAL")
        try transaction("BEGIN IMMEDIATE") { () throws(IglooError) in
            if try isEmpty() {
                for table in Self.tables { try run(table) }
            }
            try checkOwner()
            let version = try number("PRAGMA user_version")
            guard version == Int64(Self.version) else {
                throw IglooError(
                    .unsupported,
                    "'\(path)' has version \(version) of the format, this build reads \(Self.version)"
                )
            }
            try restartLeases()
        }
    }

    private func isEmpty() throws(IglooError) -> Bool {
        let tableCount = try number("SELECT count(*) FROM sqlite_schema")
        let applicationId = try number("PRAGMA application_id")
        return tableCount == 0 && applicationId == 0
    }

    /// Throws unless the file is a store, or empty.
    private func checkOwner() throws(IglooError) {
        if try number("PRAGMA application_id") == Int64(Self.applicationId) { return }
        guard try isEmpty() else {
            throw IglooError(
                .invalidArgument, "'\(path)' is a database of something else",
                hint: "name a file that is not there yet")
        }
    }

    /// After a start of the machine leases have their whole time again: its clock began anew.
    private func restartLeases() throws(IglooError) {
        let known = try statement("SELECT boot FROM store")
        guard try known.step(), known.text(0) != Clock.boot else { return }
        try run("UPDATE leases SET expires = lifetime + ?", [.integer(Clock.sinceBoot)])
        try run("UPDATE store SET boot = ?", [.text(Clock.boot)])
    }

    func number(_ sql: String, _ values: [Statement.Value] = []) throws(IglooError) -> Int64 {
        let statement = try statement(sql, values)
        // One that is not at its end would keep a transaction open.
        defer { statement.reset() }
        return try statement.step() ? statement.integer(0) : 0
    }

    func state() throws(IglooError) -> StoreState {
        let row = try statement("SELECT revision, compacted FROM store")
        guard try row.step() else { throw broken() }
        let state = StoreState(revision: row.integer(0), compacted: row.integer(1))
        guard state.compacted >= 0, state.compacted <= state.revision, state.revision < .max else {
            throw broken()
        }
        return state
    }

    func broken() -> IglooError {
        IglooError(
            .invalidData, "the numbers of the metadata store '\(path)' are not there, or damaged")
    }

    /// Forgets what lies too far back, a good deal at once.
    func compact(historyCount: Int64) throws(IglooError) {
        let state = try state()
        guard state.revision - state.compacted >= 2 * historyCount else { return }
        let limit = Statement.Value.integer(state.revision - historyCount)
        try run(
            """
            DELETE FROM history WHERE modified <= ?1 AND (is_deleted OR EXISTS (
              SELECT 1 FROM history AS later
              WHERE later.key = history.key AND later.modified > history.modified
                AND later.modified <= ?1))
            """, [limit])
        try run("UPDATE store SET compacted = ?", [limit])
    }
}
