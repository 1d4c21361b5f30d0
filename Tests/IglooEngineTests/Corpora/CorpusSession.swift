// SPDX-License-Identifier: MIT

import Foundation
import IglooEngine
import IglooSQLLogic

/// Lets statements of others' files run that Igloo says otherwise: several in one record, and
/// DataFusion's external tables, which become views of files.
final class CorpusSession: LogicSession {
    private let session: any LogicSession

    init(_ session: any LogicSession) { self.session = session }

    func run(_ sql: String) -> LogicOutcome {
        var outcome = LogicOutcome.done
        for statement in Self.statements(of: sql) {
            let words = statement.split(whereSeparator: \.isWhitespace).prefix(3)
                .map { $0.lowercased() }
            let isExternal = words.first == "create" && words.contains("external")
            outcome = isExternal ? external(statement) : session.run(statement)
            if words.first == "drop", case .failure("42809", _) = outcome {
                // It is a view that stands for a table.
                outcome = session.run(
                    statement.replacing(/(?i)^\s*drop\s+table/, with: "DROP VIEW"))
            }
            if case .failure = outcome { return outcome }
        }
        return outcome
    }

    private static func statements(of sql: String) -> [String] {
        let bytes = Array(sql.utf8) + Array("\n;".utf8)
        var scanner = StatementScanner()
        var statements: [String] = []
        while let range = scanner.next(in: bytes) {
            statements.append(String(decoding: bytes[range].dropLast(), as: UTF8.self))
        }
        // What has no end, such as an open string, is for the engine to judge.
        return statements.isEmpty ? [sql] : statements
    }

    private static let refusal = LogicOutcome.failure(
        state: "0A000", message: "not a statement that views can stand for")

    /// `CREATE EXTERNAL TABLE t (...) STORED AS CSV LOCATION 'path'`, as a view of the file.
    private func external(_ sql: String) -> LogicOutcome {
        guard
            let match = sql.firstMatch(of: /(?i)external\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)/),
            let location = sql.firstMatch(of: /(?i)location\s+'([^']*)'/)
        else { return Self.refusal }
        let head = sql[match.range.upperBound..<location.range.lowerBound]
        let stored = head.firstMatch(of: /(?i)\b(stored|with|options)\b/)
        let rest = head[..<(stored?.range.lowerBound ?? head.endIndex)]
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
