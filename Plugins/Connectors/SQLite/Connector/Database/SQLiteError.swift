// SPDX-License-Identifier: MIT

import CSQLite
import IglooContracts

extension IglooError {
    /// What SQLite's result code says, about the database at `path`.
    init(sqlite code: Int32, _ message: String, path: String) {
        let text = "'\(path)': \(message)"
        switch code & 0xFF {
        case SQLITE_INTERRUPT: self = .cancelled()
        case SQLITE_BUSY, SQLITE_LOCKED:
            self.init(
                .unavailable, "database \(text): a writer holds it",
                hint: "try again, or give the option busy_timeout more time", isRetryable: true)
        case SQLITE_CORRUPT:
            self.init(
                .invalidData, "database \(text)",
                hint: "run PRAGMA integrity_check on a copy of it, or sqlite3 FILE .recover")
        case SQLITE_NOTADB:
            self.init(
                .invalidData, "'\(path)' is not an SQLite database (or an encrypted one)")
        case SQLITE_NOMEM: self.init(.resourceExhausted, "database \(text)")
        case SQLITE_TOOBIG: self.init(.resourceExhausted, "database \(text)")
        case SQLITE_FULL: self.init(.resourceExhausted, "database \(text)", sqlState: .diskFull)
        case SQLITE_PERM, SQLITE_AUTH: self.init(.permissionDenied, "database \(text)")
        case SQLITE_READONLY, SQLITE_CANTOPEN:
            self.init(
                .unavailable, "database \(text)",
                hint: "a database with a write-ahead log or a hot journal needs a folder that"
                    + " this user may write to")
        case SQLITE_SCHEMA: self.init(.invalidState, "database \(text)", isRetryable: true)
        default: self.init(.unavailable, "database \(text)")
        }
    }
}
