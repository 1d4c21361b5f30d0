// SPDX-License-Identifier: MIT

import Foundation
import IglooEngine
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// What joins have learnt reaches the readers of Parquet files; the rows are the same.
@Suite struct RuntimeFilterTests {
    private let session: EngineSession
    private let folder: String

    init() throws {
        session = try EngineSession()
        folder = NSTemporaryDirectory() + "igloo-runtime-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        write(
            """
            SELECT range AS id, (range * 7919 % 100000)::integer AS spread, range / 100 AS grouped,
              'name ' || range % 5000 AS name, DATE '2000-01-01' + (range % 3000)::integer AS day,
              CASE WHEN range % 10 = 0 THEN NULL ELSE (range % 30000)::smallint END AS small,
              (range % 50)::decimal(9, 2) AS price, 'x' || range AS payload
            FROM range(100000)
            """, "facts")
        write(
            """
            SELECT (range * 37)::bigint AS id, (range * 37)::integer AS spread,
              'name ' || range AS name, DATE '2000-01-01' + range::integer AS day,
              range::smallint AS small, range AS n, range::decimal(9, 2) AS price
            FROM range(2500)
            """, "keys")
    }

    private func write(_ query: String, _ name: String) {
        let outcome = session.run("COPY (\(query)) TO '\(folder)/\(name).parquet'")
        if case .failure(let state, let message) = outcome { Issue.record("\(state) \(message)") }
        _ = session.run("CREATE TABLE \(name) AS \(query)")
    }

    private func rows(_ sql: String) -> [[String?]] {
        switch session.run(sql) {
        case .rows(let rows, _): return rows
        case .done: return []
        case .failure(let state, let message):
            Issue.record("\(sql): \(state) \(message)")
            return []
        }
    }

    /// Over tables in memory, whose scans are told nothing, and over files.
    private func agree(_ sql: String) {
        let files = sql.replacingOccurrences(of: "facts f", with: "'\(folder)/facts.parquet' f")
            .replacingOccurrences(of: "keys k", with: "'\(folder)/keys.parquet' k")
        #expect(rows(files) == rows(sql), "\(sql)")
    }

    @Test(arguments: ["id", "spread", "name", "day", "small", "price"])
    func joinsAreTheSameWithFilters(key: String) {
        for condition in ["k.n < 20", "k.n = 7", "k.n < 0", "k.n > 300", "k.n BETWEEN 900 AND 950"]
        {
            agree(
                "SELECT count(*), count(f.payload), min(f.payload), sum(f.id) FROM facts f JOIN keys k "
                    + "ON f.\(key) = k.\(key) WHERE \(condition)")
            agree(
                "SELECT count(*), max(f.payload) FROM facts f WHERE f.\(key) IN "
                    + "(SELECT k.\(key) FROM keys k WHERE \(condition)) AND f.id > 100")
            agree(
                "SELECT count(*), count(k.n) FROM facts f LEFT JOIN (SELECT * FROM keys k WHERE "
                    + "\(condition)) k ON f.\(key) = k.\(key)")
        }
    }

    /// Which rows a limit takes is open, how many it takes is not: one in 37 has a partner, while
    /// 1,000 of them would have one if those without were left out below the limit.
    @Test func rowsUnderALimitAreCounted() throws {
        let found = rows(
            "SELECT count(*) FROM (SELECT * FROM '\(folder)/facts.parquet' LIMIT 1000) f "
                + "JOIN '\(folder)/keys.parquet' k ON f.id = k.id")
        let count = try #require(found.first?.first.flatMap { $0.flatMap { Int($0) } })
        #expect(count < 500)
    }

    @Test func severalJoinsTellOneScan() {
        agree(
            "SELECT count(*), sum(f.id) FROM facts f JOIN keys k ON f.id = k.id JOIN (SELECT * FROM "
                + "keys k WHERE k.n < 1000) d ON f.spread = d.spread WHERE k.n < 2000")
    }

    @Test(arguments: [
        ("k.n = 7", "spread: 1 value"), ("k.n < 300", "spread: 300 values"),
        ("k.n < 1700", "spread: bitmap"), ("k.n < 2000", "spread: Bloom filter"),
    ])
    func explainShowsThem(condition: String, expected: String) {
        let plan = rows(
            "EXPLAIN ANALYZE SELECT count(f.payload) FROM '\(folder)/facts.parquet' f JOIN "
                + "'\(folder)/keys.parquet' k ON f.spread = k.spread WHERE \(condition)"
        )
        .compactMap { $0[0] }
        let scan = plan.first { $0.contains("facts.parquet") } ?? ""
        #expect(scan.contains("runtime filters \(expected)"), "\(plan.joined(separator: "\n"))")
        // Rows are left out before they leave the source.
        #expect(!scan.contains("rows 100000"), "\(scan)")
    }
}
