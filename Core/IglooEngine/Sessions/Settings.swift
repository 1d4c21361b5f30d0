// SPDX-License-Identifier: MIT

import IglooContracts
import IglooExecution
import IglooPlugins
import IglooSQL

/// What a session may SET, declared once.
struct Settings: Sendable {
    /// A setting: its name, a word on it, and its default as text.
    struct Declaration: Sendable {
        var name: String
        var documentation: String
        var defaultText: String
        var check: @Sendable (String) -> Bool
        /// How a checked value is kept.
        var normal: @Sendable (String) -> String = { $0 }
    }

    static let declarations = (own + ClientSettings.declarations).sorted { $0.name < $1.name }

    private static let own: [Declaration] = [
        Declaration(
            name: "catalog",
            documentation: "Where table names of one part are looked for.",
            defaultText: "", check: { _ in true }),
        Declaration(
            name: "default_null_order",
            documentation: "Where NULLs stand when ORDER BY does not say: nulls_last, nulls_first, "
                + "nulls_last_on_asc_first_on_desc or nulls_first_on_asc_last_on_desc.",
            defaultText: BinderSettings.NullOrder.greatest.rawValue,
            check: { BinderSettings.NullOrder(named: $0) != nil }),
        Declaration(
            name: "debug_force_spilling",
            documentation: "For tests: operators write rows out although they could hold them.",
            defaultText: "off", check: { Self.bool($0) != nil }),
        Declaration(
            name: "disabled_rules",
            documentation: "Rewrite rules that are not to be used, separated by commas.",
            defaultText: "", check: { _ in true }),
        Declaration(
            name: "integer_division",
            documentation: "Whether / of integers truncates; else it gives a double.",
            defaultText: "on", check: { Self.bool($0) != nil }),
        Declaration(
            name: "memory_limit",
            documentation:
                "Bytes a query may hold, such as 600MB or 8GiB; none: what the process may.",
            defaultText: "", check: { $0.isEmpty || Self.byteCount($0) != nil }),
        Declaration(
            name: "pushdown",
            documentation: "Whether sources are asked to take over filters, sorts and limits.",
            defaultText: "on", check: { Self.bool($0) != nil }),
        Declaration(
            name: "schema",
            documentation: "The schema in memory where tables are looked for and made.",
            defaultText: "main", check: { !$0.isEmpty }),
        Declaration(
            name: "statement_timeout",
            documentation: "How long a statement may take, such as 500ms or 2min; 0: as long as it "
                + "wants. Without a unit, milliseconds.",
            defaultText: "0", check: { StatementTimeout.nanoseconds($0) != nil }),
        Declaration(
            name: "temp_directory",
            documentation: "Where rows that memory cannot hold are written meanwhile.",
            defaultText: "", check: { !$0.isEmpty }),
        Declaration(
            name: "temp_file_encryption",
            documentation: "Whether temporary files are encrypted, by AES-256.",
            defaultText: "off", check: { Self.bool($0) != nil }),
        Declaration(
            name: "timezone",
            documentation: "The zone in which instants are shown and taken apart.",
            defaultText: "UTC", check: { SessionTimeZone.name($0) != nil },
            normal: { SessionTimeZone.name($0) ?? $0 }),
    ]

    private var values: [String: String] = [:]
    /// Where this process's defaults differ from those declared.
    private let defaults: [String: String]

    init(temporaryFolder: String) { defaults = ["temp_directory": temporaryFolder] }

    static func bool(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "on", "true", "yes", "1": true
        case "off", "false", "no", "0": false
        default: nil
        }
    }

    /// A size above zero.
    static func byteCount(_ text: String) -> Int? {
        guard let count = OptionText.byteCount(text), count > 0 else { return nil }
        return Int(count)
    }

    /// - Throws: `notFound` with the nearest setting, `invalidArgument` for a bad value.
    mutating func set(_ name: String, _ value: String?) throws(IglooError) {
        let declaration = try Self.declaration(name)
        if let value, !declaration.check(value) {
            throw IglooError(
                .invalidArgument,
                "invalid value for parameter \"\(declaration.name)\": \"\(value)\"")
        }
        values[declaration.name] = value.map { declaration.normal($0) }
    }

    mutating func resetAll() { values = [:] }

    func text(_ name: String) throws(IglooError) -> String {
        let declaration = try Self.declaration(name)
        return self[declaration.name]
    }

    /// The value of a setting that is known to exist.
    subscript(name: String) -> String {
        values[name] ?? defaults[name]
            ?? Self.declarations.first { $0.name == name }?.defaultText ?? ""
    }

    private static func declaration(_ name: String) throws(IglooError) -> Declaration {
        if let known = declarations.first(where: { $0.name == name.lowercased() }) { return known }
        let nearest = NearestName.among(declarations.map(\.name), to: name)
        throw IglooError(
            .notFound, "unrecognized configuration parameter \"\(name)\"",
            hint: nearest.map { "did you mean \"\($0)\"?" } ?? "SHOW ALL lists them")
    }
}
