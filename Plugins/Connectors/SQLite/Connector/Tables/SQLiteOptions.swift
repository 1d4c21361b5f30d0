// SPDX-License-Identifier: MIT

import IglooContracts

/// What becomes of a value that does not fit the declared type of its column.
enum SQLiteMismatchPolicy: UInt8, Sendable {
    /// The statement fails.
    case error
    /// It is read as NULL.
    case null
    /// Columns that hold such values are read as text.
    case text
}

/// The options of an SQLite catalog, checked.
struct SQLiteOptions: Sendable {
    var path: String
    var policy = SQLiteMismatchPolicy.error
    var busyTimeoutMilliseconds = 5000

    static let specifications: [OptionSpecification] = [
        .init("path", .path, documentation: "The database file."),
        .init(
            "on_mismatch", .choice, defaultText: "error", allowed: ["error", "null", "text"],
            documentation: "A value that does not fit its column's declared type: an error, NULL,"
                + " or the whole column is text."),
        .init(
            "busy_timeout", .duration, defaultText: "5s",
            documentation: "How long to wait for a writer that holds the database."),
    ]

    init(_ values: OptionValues) throws(IglooError) {
        guard let path = values.string("path"), !path.isEmpty else {
            throw IglooError(
                .invalidArgument, "option path is missing",
                hint: "CREATE CATALOG shop USING sqlite OPTIONS (path 'shop.db')")
        }
        guard !path.utf8.contains(0) else {
            throw IglooError(.invalidArgument, "a path cannot hold a zero byte")
        }
        self.path = path.hasPrefix("file://") ? String(path.dropFirst(7)) : path
        switch values.string("on_mismatch") ?? "error" {
        case "null": policy = .null
        case "text": policy = .text
        default: policy = .error
        }
        if let nanoseconds = values.integer("busy_timeout") {
            guard nanoseconds >= 0, nanoseconds <= 3_600_000_000_000 else {
                throw IglooError(.invalidArgument, "option busy_timeout must be 0s to 1h")
            }
            busyTimeoutMilliseconds = Int(nanoseconds / 1_000_000)
        }
    }
}
