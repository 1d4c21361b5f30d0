// SPDX-License-Identifier: MIT

import Foundation
import IglooSQLLogic

/// Lets files run that make small tables: `CREATE TABLE` and `INSERT ... VALUES` become views of
/// literal rows. What cannot be done this way is refused, as the engine would.
final class TablesAsViews: LogicSession {
    private struct Table {
        var name: String
        var columns: [(name: String, type: String)]
        var rows: [String] = []
        var isCurrent = false
    }

    private let session: any LogicSession
    private var tables: [String: Table] = [:]

    init(_ session: any LogicSession) { self.session = session }

    func run(_ sql: String) -> LogicOutcome {
        let words = sql.split(whereSeparator: \.isWhitespace).prefix(3).map { $0.lowercased() }
        switch words.first {
        case "create" where words.contains("external"): return external(sql)
        case "create" where words.contains("table"): return asQuery(sql) ?? create(sql)
        case "insert": return insert(sql)
        case "drop" where words.count > 1 && words[1] == "table": return drop(sql)
        // Indexes change no answer.
        case "create" where words.contains("index"), "drop" where words.contains("index"):
            return .done
        default: break
        }
        for name in tables.keys {
            if let failure = refresh(name) { return failure }
        }
        return session.run(sql)
    }

    private static let refusal = LogicOutcome.failure(
        state: "0A000", message: "not a statement that views can stand for")

    // MARK: - Statements

    private func create(_ sql: String) -> LogicOutcome {
        guard let open = sql.firstIndex(of: "("),
            let name = sql[..<open].split(whereSeparator: \.isWhitespace).last?.lowercased()
        else { return Self.refusal }
        var groups = Self.groups(of: sql[open...])
        guard !groups.items.isEmpty else { return Self.refusal }
        var table = Table(name: name, columns: [])
        for part in Self.parts(of: groups.items.removeFirst()) {
            let words = part.split(whereSeparator: \.isWhitespace)
            let isComputed = words.contains {
                ["default", "as", "generated"].contains($0.lowercased())
            }
            guard words.count >= 2, !isComputed else { return Self.refusal }
            let constraints: Set = ["primary", "unique", "check", "foreign", "constraint"]
            if constraints.contains(words[0].lowercased().prefix { $0.isLetter }.description) {
                continue
            }
            table.columns.append((String(words[0]), Self.type(words.dropFirst())))
        }
        let rest = groups.rest.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        guard rest.isEmpty || rest == "as values" else { return Self.refusal }
        table.rows = groups.items.map { "(\($0))" }
        tables[name] = table
        return refresh(name) ?? .done
    }

    /// `CREATE TABLE t AS SELECT ...`, as a view; `nil` for other statements.
    private func asQuery(_ sql: String) -> LogicOutcome? {
        guard
            let match = sql.firstMatch(
                of:
                    /(?i)^create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?table\s+(?:if\s+not\s+exists\s+)?(\w+)\s+as\b/
            )
        else { return nil }
        tables[match.1.lowercased()] = nil
        return session.run("CREATE OR REPLACE VIEW \(match.1) AS \(sql[match.range.upperBound...])")
    }

    /// `CREATE EXTERNAL TABLE t (...) STORED AS CSV LOCATION 'path'`, as a view of the file.
    private func external(_ sql: String) -> LogicOutcome {
        guard
            let match = sql.firstMatch(of: /(?i)external\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)/),
            let location = sql.firstMatch(of: /(?i)location\s+'([^']*)'/)
        else { return Self.refusal }
        let rest = sql[match.range.upperBound..<location.range.lowerBound]
        var columns: [(name: String, type: String)] = []
        if let open = rest.firstIndex(of: "("),
            let list = Self.groups(of: rest[open...]).items.first
        {
            for part in Self.parts(of: list) {
                let words = part.split(whereSeparator: \.isWhitespace)
                guard words.count >= 2 else { return Self.refusal }
                columns.append((String(words[0]), Self.type(words.dropFirst())))
            }
        }
        let items = columns.map { "CAST(\($0.name) AS \($0.type)) AS \($0.name)" }
        let names = columns.isEmpty ? "" : "(\(columns.map(\.name).joined(separator: ", ")))"
        return session.run(
            "CREATE OR REPLACE VIEW \(match.1) AS SELECT "
                + (items.isEmpty ? "*" : items.joined(separator: ", "))
                + " FROM '\(location.1)' AS source\(names)")
    }

    private func insert(_ sql: String) -> LogicOutcome {
        let copy = sql.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
        if copy.count == 7, copy[3...5] == ["select", "*", "from"], let source = tables[copy[6]],
            source.columns.count == tables[copy[2]]?.columns.count
        {
            tables[copy[2]]?.rows += source.rows
            tables[copy[2]]?.isCurrent = false
            return .done
        }
        guard let range = sql.range(of: "values", options: .caseInsensitive) else {
            return Self.refusal
        }
        let head = sql[..<range.lowerBound]
        let open = head.firstIndex(of: "(")
        let words = head[..<(open ?? head.endIndex)].split(whereSeparator: \.isWhitespace)
        let groups = Self.groups(of: sql[range.upperBound...])
        guard let name = words.last?.lowercased(), let table = tables[name],
            groups.rest.allSatisfy(\.isWhitespace)
        else { return Self.refusal }
        var order = table.columns.indices.map { $0 }
        if let open {
            let names = Self.parts(of: Self.groups(of: head[open...]).items.first ?? "").map {
                $0.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
            }
            order = table.columns.map { names.firstIndex(of: $0.name.lowercased()) ?? -1 }
        }
        for group in groups.items {
            let values = Self.parts(of: group)
            guard order.allSatisfy({ $0 < values.count }) else { return Self.refusal }
            let row = order.map { $0 < 0 ? "NULL" : values[$0] }
            tables[name]?.rows.append("(\(row.joined(separator: ", ")))")
        }
        tables[name]?.isCurrent = false
        return .done
    }

    private func drop(_ sql: String) -> LogicOutcome {
        guard let name = sql.split(whereSeparator: \.isWhitespace).last?.lowercased(),
            tables.removeValue(forKey: name) != nil
        else { return Self.refusal }
        return session.run("DROP VIEW \(name)")
    }

    /// Makes the view say what the table holds; the failure, if that cannot be done.
    private func refresh(_ name: String) -> LogicOutcome? {
        guard let table = tables[name], !table.isCurrent else { return nil }
        let casts = table.columns.enumerated().map { index, column in
            let value = table.rows.isEmpty ? "NULL" : "v\(index)"
            return "CAST(\(value) AS \(column.type)) AS \(column.name)"
        }
        let names = table.columns.indices.map { "v\($0)" }.joined(separator: ", ")
        let source =
            table.rows.isEmpty
            ? "WHERE false"
            : "FROM (VALUES \(table.rows.joined(separator: ", "))) AS literal(\(names))"
        let outcome = session.run(
            "CREATE OR REPLACE VIEW \(name) AS SELECT \(casts.joined(separator: ", ")) \(source)")
        guard case .done = outcome else { return outcome }
        tables[name]?.isCurrent = true
        return nil
    }

    // MARK: - Text

    /// `DOUBLE PRECISION`, `DECIMAL(10, 2)`; without constraints.
    private static func type(_ words: ArraySlice<Substring>) -> String {
        let ends: Set = ["not", "null", "primary", "unique", "check", "default", "references"]
        return words.prefix { !ends.contains($0.lowercased()) }.joined(separator: " ")
    }

    /// The contents of the parentheses at the outermost level, and what stands outside of them.
    private static func groups(of text: Substring) -> (items: [String], rest: String) {
        var items: [String] = []
        var rest = ""
        var depth = 0
        var item = ""
        scan(text) { character, isQuoted in
            if !isQuoted && character == ")" {
                depth -= 1
                if depth == 0 {
                    items.append(item)
                    item = ""
                    return
                }
            }
            if depth > 0 {
                item.append(character)
            } else if character != "(" && !(character == "," && !isQuoted) {
                rest.append(character)
            }
            if !isQuoted && character == "(" { depth += 1 }
        }
        return (items, rest)
    }

    /// What stands between commas at the outermost level.
    private static func parts(of text: String) -> [String] {
        var parts = [""]
        var depth = 0
        scan(text[...]) { character, isQuoted in
            if !isQuoted && "([{".contains(character) { depth += 1 }
            if !isQuoted && ")]}".contains(character) { depth -= 1 }
            if character == "," && depth == 0 && !isQuoted {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }

    private static func scan(_ text: Substring, _ body: (Character, Bool) -> Void) {
        var quote: Character?
        for character in text {
            if let open = quote {
                body(character, true)
                if character == open { quote = nil }
            } else {
                if character == "'" || character == "\"" { quote = character }
                body(character, quote != nil)
            }
        }
    }
}
