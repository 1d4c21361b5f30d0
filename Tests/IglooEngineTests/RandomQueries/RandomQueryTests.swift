// SPDX-License-Identifier: MIT

import Foundation
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// Random queries, answered by this engine and by DuckDB.
///
/// `IGLOO_QUERIES` says how many, `IGLOO_SEED` repeats a run, `IGLOO_QUERY_REPORT` names a file to
/// which all that differs is written.
@Suite(.enabled(if: DuckDBPeer.python != nil, "no Python with duckdb: set IGLOO_PYTHON"))
struct RandomQueryTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let batchCount = 50

    @Test func agreeWithDuckDB() throws {
        let wanted = Self.environment["IGLOO_QUERIES"].flatMap { Int($0) } ?? 400
        let seed = Self.environment["IGLOO_SEED"].flatMap { UInt64($0) } ?? 2026
        let peer = try DuckDBPeer(python: try #require(DuckDBPeer.python))
        var findings: [String] = []
        var counts = (run: 0, answered: 0, bothFail: 0)
        var round: UInt64 = 0
        while counts.run < wanted {
            var queries = RandomQueries(seed: seed &* 1_000_003 &+ round)
            round += 1
            let session = try EngineSession()
            let setup = queries.tables.flatMap(\.definition)
            for statement in setup {
                guard case .done = session.run(statement) else {
                    Issue.record("\(statement): \(session.run(statement))")
                    return
                }
            }
            let texts = (0..<Self.batchCount).map { _ in queries.query() }
            for (text, theirs) in zip(texts, try peer.answers(setup: setup, queries: texts)) {
                counts.run += 1
                let ours = session.run(text)
                if case .rows = ours { counts.answered += 1 }
                guard let reason = QueryDifference.between(ours, theirs, text) else { continue }
                findings.append((setup + [text, "=> \(reason)", ""]).joined(separator: ";\n"))
            }
        }
        print(
            "\(counts.run) queries, seed \(seed): \(counts.answered) answered, "
                + "\(findings.count) differ from DuckDB")
        if let path = Self.environment["IGLOO_QUERY_REPORT"] {
            try Data(findings.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
        }
        for finding in findings.prefix(5) { Issue.record("\(finding)") }
        #expect(findings.isEmpty, "seed \(seed): \(findings.count) of \(counts.run) differ")
        #expect(counts.answered * 100 > counts.run * 80, "too few queries are answered")
    }
}

/// What two engines' answers to a query differ in.
enum QueryDifference {
    static func between(
        _ ours: LogicOutcome, _ theirs: DuckDBPeer.Answer, _ sql: String
    ) -> String? {
        switch ours {
        case .done: return "rows were expected"
        case .failure(let state, let message):
            guard theirs.error == nil else { return nil }
            // Which rows are computed before a condition removes them is up to the engine.
            return state.hasPrefix("22") ? nil : "\(state) \(message)"
        case .rows(let rows, _):
            guard let expected = theirs.rows else {
                let error = theirs.error ?? ""
                return isFault(error) ? nil : "DuckDB: \(error)"
            }
            return difference(rows, expected, isOrdered: isOrdered(sql))
        }
    }

    /// Errors of values, not of the statement.
    private static func isFault(_ message: String) -> Bool {
        message.hasPrefix("Out of Range") || message.hasPrefix("Conversion")
            || message.hasPrefix("Invalid Input")
    }

    private static func isOrdered(_ sql: String) -> Bool {
        guard let range = sql.range(of: " order by ", options: .backwards) else { return false }
        return !sql[range.upperBound...].contains(")")
    }

    private static func difference(
        _ ours: [[String?]], _ theirs: [[String?]], isOrdered: Bool
    ) -> String? {
        guard ours.count == theirs.count else {
            return "\(ours.count) rows, DuckDB has \(theirs.count)"
        }
        let (left, right) = isOrdered ? (ours, theirs) : (sorted(ours), sorted(theirs))
        for (row, pair) in zip(left, right).enumerated() {
            for (column, values) in zip(pair.0, pair.1).enumerated()
            where !agree(values.0, values.1) {
                return
                    "row \(row + 1), column \(column + 1): \(values.0 ?? "NULL"), "
                    + "DuckDB has \(values.1 ?? "NULL")"
            }
        }
        return nil
    }

    private static func agree(_ ours: String?, _ theirs: String?) -> Bool {
        guard let ours, let theirs else { return ours == nil && theirs == nil }
        return ours == theirs || canonical(ours) == canonical(theirs)
            || ResultComparison.areClose(theirs, ours)
    }

    private static func sorted(_ rows: [[String?]]) -> [[String?]] {
        rows.sorted { left, right in
            let (a, b) = (left.map(key), right.map(key))
            return a.lexicographicallyPrecedes(b)
        }
    }

    private static func key(_ value: String?) -> String { value.map(canonical) ?? "\u{1}NULL" }

    /// Numbers in one form, with the digits that rounding leaves alone.
    private static func canonical(_ text: String) -> String {
        switch text {
        case "Infinity", "inf": return "inf"
        case "-Infinity", "-inf": return "-inf"
        case "NaN", "nan": return "nan"
        default: break
        }
        guard let number = Double(text), text.contains(where: { ".eE".contains($0) }) || number == 0
        else { return text }
        if number == 0 { return "0" }
        return String(format: "%.12g", number)
    }
}
