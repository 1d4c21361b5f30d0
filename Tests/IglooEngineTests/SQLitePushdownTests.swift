// SPDX-License-Identifier: MIT

import Foundation
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// Statements over a hostile table of SQLite, with pushdown and without.
@Suite struct SQLitePushdownTests {
    private static let words = [
        "NULL", "''", "' '", "'a'", "'A'", "'a '", "'ä'", "'Ä'", "'a%b'", "'_'", "'\u{1F600}'",
        "'b'", "'10'",
        "'9'", "'é'", "'e\u{301}'",
    ]
    private static let integers = [
        "NULL", "0", "1", "-1", "7", "9223372036854775807", "-9223372036854775808", "1000",
    ]
    private static let reals = ["NULL", "0.0", "-0.0", "1.5", "1e308", "-1e308", "1e-300", "0.1"]
    private static let days = [
        "NULL", "'1970-01-01'", "'2024-02-29'", "'0001-01-01'", "'9999-12-31'",
    ]

    @Test func rowsAreTheSameWithPushdownAndWithout() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-pushdown-\(UUID().uuidString).db").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try fill(path)
        let session = try EngineSession()
        let outcome = session.run("CREATE CATALOG hostile USING sqlite OPTIONS (path '\(path)')")
        if case .failure(_, let message) = outcome { Issue.record("\(message)") }
        var difference = PushdownDifference(
            table: "hostile.t", key: "k",
            columns: [
                .init("i", ["0", "1", "-1", "7", "9223372036854775807", "1.5", "1000"]),
                .init("s", ["0", "3", "-5", "100"], isSummable: true),
                .init("r", ["0.0", "-0.0", "1.5", "1e308", "0.1"]),
                .init("t", Self.words.filter { $0 != "NULL" }, isText: true),
                .init("n", Self.words.filter { $0 != "NULL" }, isText: true),
                .init("d", ["DATE '1970-01-01'", "DATE '2024-02-29'", "DATE '2025-01-01'"]),
            ])
        let (findings, answeredCount) = difference.run(session, statementCount: 800)
        #expect(findings.isEmpty, "seed \(difference.seed): \(findings)")
        #expect(answeredCount > 500)
    }

    private func fill(_ path: String) throws {
        var rows: [String] = []
        for key in 0..<600 {
            func pick(_ values: [String], _ factor: Int) -> String {
                values[(key * factor + key / 7) % values.count]
            }
            let small = key % 11 == 0 ? "NULL" : "\(key % 13 - 6)"
            rows.append(
                "(\(key), \(pick(Self.integers, 3)), \(small), \(pick(Self.reals, 5)), "
                    + "\(pick(Self.words, 7)), \(pick(Self.words, 3)), \(pick(Self.days, 1)))")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "sqlite3", path,
            """
            CREATE TABLE t (k INTEGER PRIMARY KEY, i INTEGER, s INTEGER, r REAL, t TEXT,
                n TEXT COLLATE NOCASE, d DATE);
            CREATE INDEX by_text ON t (n); CREATE INDEX by_number ON t (i);
            INSERT INTO t VALUES \(rows.joined(separator: ","));
            """,
        ]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
