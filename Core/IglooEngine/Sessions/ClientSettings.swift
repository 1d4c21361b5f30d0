// SPDX-License-Identifier: MIT

/// What PostgreSQL's clients set as they connect. Most have one value here: another is refused, for
/// it would be a promise that is not kept.
enum ClientSettings {
    static let declarations: [Settings.Declaration] = [
        Settings.Declaration(
            name: "application_name", documentation: "What the client calls itself.",
            defaultText: "", check: { _ in true }),
        fixed(
            "client_encoding", "How texts are written: UTF8, and nothing else.", "UTF8",
            ["utf8", "utf-8", "unicode"]),
        fixed(
            "datestyle", "How dates are written: ISO.", "ISO, MDY", ["iso", "iso, mdy", "iso,mdy"]),
        fixed(
            "extra_float_digits",
            "1 to 3, which mean the same: the shortest digits that give the number.", "1",
            ["1", "2", "3"]),
        fixed(
            "default_table_access_method", "How tables are kept: heap, in PostgreSQL's word.",
            "heap",
            ["heap"]),
        fixed("default_tablespace", "Where tables are kept: in memory.", "", [""]),
        fixed("search_path", "USE says where names are looked for.", "", [""]),
        fixed("row_security", "There is none: off.", "off", ["off", "on"]),
        fixed("lock_timeout", "Nobody waits for locks: 0.", "0", ["0"]),
        fixed("idle_in_transaction_session_timeout", "None: 0.", "0", ["0"]),
        fixed("transaction_timeout", "None: 0.", "0", ["0"]),
        fixed("xmloption", "There is no XML.", "content", ["content", "document"]),
        Settings.Declaration(
            name: "check_function_bodies", documentation: "Macros are bound where they are called.",
            defaultText: "off", check: { Settings.bool($0) != nil }),
        Settings.Declaration(
            name: "client_min_messages", documentation: "What the client wants to hear of.",
            defaultText: "notice", check: { _ in true }),
        fixed("intervalstyle", "How intervals are written: postgres.", "postgres", ["postgres"]),
        fixed(
            "standard_conforming_strings", "Backslashes in '...' are backslashes: on.", "on",
            ["on", "true", "yes", "1"]),
    ]

    private static func fixed(
        _ name: String, _ documentation: String, _ value: String, _ allowed: Set<String>
    ) -> Settings.Declaration {
        Settings.Declaration(
            name: name, documentation: documentation, defaultText: value,
            check: { allowed.contains($0.lowercased()) })
    }
}
