// SPDX-License-Identifier: MIT

/// Reads sqllogictest files as SQLite, DuckDB and DataFusion write them.
struct LogicParser {
    private let lines: [Substring]
    private var index = 0
    private var skipped: [String] = []
    private var only: [String] = []

    init(_ text: String) {
        // To Swift, a carriage return with its line feed is one character.
        lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }

    /// All items up to the file's end, or to the `endloop` of the loop that is read.
    mutating func items() -> [LogicItem] {
        var items: [LogicItem] = []
        while index < lines.count {
            let line = lines[index]
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard let word = words.first, !line.hasPrefix("#") else {
                index += 1
                continue
            }
            index += 1
            switch word {
            case "statement", "query": items.append(.record(record(words)))
            case "skipif": skipped += words.dropFirst()
            case "onlyif": only += words.dropFirst()
            case "require", "require-env": items.append(.require(words.dropFirst().first ?? ""))
            case "halt":
                // `onlyif other` before it is about that engine alone.
                if only.isEmpty { items.append(.halt) }
                (skipped, only) = ([], [])
            case "loop", "concurrentloop": items.append(numbers(words))
            case "foreach", "concurrentforeach": items.append(texts(words))
            case "endloop": return items
            default: break
            }
        }
        return items
    }

    // MARK: - Loops

    private mutating func numbers(_ words: [String]) -> LogicItem {
        let bounds = words.dropFirst(2).compactMap { Int($0) }
        let range = bounds.count == 2 && bounds[0] <= bounds[1] ? bounds[0]..<bounds[1] : 0..<0
        return .loop(
            variable: words.count > 1 ? words[1] : "", values: range.map { "\($0)" },
            body: items())
    }

    private mutating func texts(_ words: [String]) -> LogicItem {
        let values = words.dropFirst(2).flatMap { Self.typeSets[$0] ?? [$0] }
        return .loop(variable: words.count > 1 ? words[1] : "", values: values, body: items())
    }

    private static let typeSets: [String: [String]] = {
        let signed = ["tinyint", "smallint", "integer", "bigint", "hugeint"]
        let integral = signed + ["utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"]
        return [
            "<signed>": signed, "<integral>": integral,
            "<numeric>": integral + ["float", "double"],
            "<alltypes>": integral + [
                "float", "double", "bool", "interval", "varchar", "date", "time", "timestamp",
            ],
        ]
    }()

    // MARK: - Records

    private mutating func record(_ words: [String]) -> LogicRecord {
        let line = index
        var sql: [Substring] = []
        while index < lines.count, !lines[index].isEmpty, lines[index] != "----" {
            if !lines[index].hasPrefix("#") { sql.append(lines[index]) }
            index += 1
        }
        let hasSeparator = index < lines.count && lines[index] == "----"
        if hasSeparator { index += 1 }
        let start = index
        while hasSeparator, index < lines.count, !lines[index].isEmpty { index += 1 }
        defer { (skipped, only) = ([], []) }
        var words = words
        var connection = ""
        if let last = words.last, words.count > 2, last.wholeMatch(of: /con[0-9a-z]*/) != nil {
            connection = last
            words.removeLast()
        }
        return LogicRecord(
            sql: Self.statement(sql), expectation: expectation(words, lines[start..<index]),
            line: line, iteration: "", connection: connection, skipped: skipped, only: only,
            resultLines: start..<index, hasSeparator: hasSeparator)
    }

    /// Without the semicolon at its end.
    private static func statement(_ lines: [Substring]) -> String {
        var text = lines.joined(separator: "\n")[...]
        while let last = text.last, last == ";" || last == " " || last == "\n" { text.removeLast() }
        return String(text)
    }

    private func expectation(
        _ words: [String], _ result: ArraySlice<Substring>
    ) -> LogicRecord.Expectation {
        let kind = words.count > 1 ? words[1] : ""
        if kind == "error" {
            let message = result.joined(separator: "\n")
            let isState =
                words.count > 2 && words[2].count == 5
                && words[2].allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber) }
            return .failure(
                state: isState ? words[2] : nil, message: message.isEmpty ? nil : message)
        }
        guard words[0] == "query" else { return .success }
        let rest = words.dropFirst(2)
        let sort = rest.first.flatMap { ExpectedRows.Sort(rawValue: $0) }
        return .rows(
            ExpectedRows(
                types: Array(kind), sort: sort ?? .nosort,
                label: sort == nil ? nil : rest.dropFirst().first, lines: result.map(String.init)))
    }
}
