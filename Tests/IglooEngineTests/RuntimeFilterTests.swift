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
              (range % 50)::decimal(9, 2) AS price, 'x' || range AS payload,
              CASE WHEN range % 1000 = 5 THEN 'NaN'::double WHEN range % 70 = 0 THEN NULL
                ELSE (range * 31 % 1000) * 0.5 - 9 END AS weight
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

    // MARK: - Orders

    @Test(arguments: ["id", "spread", "grouped", "name", "day", "small", "price", "weight"])
    func firstRowsAreTheSameWithBounds(key: String) {
        for order in ["", "DESC", "NULLS FIRST", "DESC NULLS LAST"] {
            for limit in ["LIMIT 3", "LIMIT 700 OFFSET 10"] {
                agree(
                    "SELECT f.id, f.payload, f.name FROM facts f WHERE f.id % 3 = 1 "
                        + "ORDER BY f.\(key) \(order), f.id \(limit)")
            }
        }
    }

    @Test func firstRowsOfJoinsAreTheSameWithBounds() {
        for kind in ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"] {
            agree(
                "SELECT f.id, f.payload, k.n FROM facts f \(kind) keys k ON f.id = k.id "
                    + "ORDER BY f.spread, f.id, k.n LIMIT 20")
            agree(
                "SELECT f.id, f.payload, k.n FROM facts f \(kind) keys k ON f.id = k.id "
                    + "ORDER BY k.n DESC, f.id LIMIT 20")
        }
        agree(
            "SELECT id, n FROM (SELECT f.id, 1 AS n FROM facts f UNION ALL SELECT k.id, 2 FROM keys k) u "
                + "ORDER BY id, n LIMIT 10")
        agree("SELECT f.id, count(*) FROM facts f GROUP BY f.id ORDER BY f.id LIMIT 10")
    }

    @Test(arguments: ["id", "spread DESC", "weight NULLS LAST"])
    func explainShowsBounds(order: String) {
        let plan = rows(
            "EXPLAIN ANALYZE SELECT f.payload FROM '\(folder)/facts.parquet' f ORDER BY f.\(order) "
                + "LIMIT 10"
        )
        .compactMap { $0[0] }
        let scan = plan.first { $0.contains("facts.parquet") } ?? ""
        #expect(scan.contains("first rows of an order"), "\(plan.joined(separator: "\n"))")
        #expect(!scan.contains("rows 100000"), "\(scan)")
    }

    // MARK: - Conditions and footers

    @Test func conditionsOnTextsAreDecidedLast() {
        for pattern in [
            "%99%1", "x1%9", "%7", "%x%", "x%", "x1", "%", "", "%9%9%9%", "x_1%", "x\\1%",
        ] {
            for negation in ["", "NOT "] {
                agree(
                    "SELECT count(*), min(f.payload), max(f.id), count(f.name) FROM facts f "
                        + "WHERE f.payload \(negation)LIKE '\(pattern)' AND f.spread < 30000")
                agree(
                    "SELECT count(*), min(f.payload), max(f.name) FROM facts f WHERE f.payload "
                        + "\(negation)LIKE '\(pattern)' AND (f.name LIKE '%1%' OR f.small = 7) "
                        + "AND f.day >= DATE '2003-01-01'")
            }
        }
    }

    @Test func footersAnswerCountsAndBounds() {
        let query =
            "SELECT count(*), count(f.small), min(f.day), max(f.day), min(f.small), max(f.id), "
            + "min(f.spread), count(f.payload) FROM facts f"
        agree(query)
        agree(query + " WHERE f.id > 50000")
        agree("SELECT min(f.payload), max(f.weight), count(*) FROM facts f")
        agree("SELECT count(DISTINCT f.day), max(f.day) FROM facts f")
        let plan = rows(
            "EXPLAIN (PHYSICAL) "
                + query.replacingOccurrences(
                    of: "facts f", with: "'\(folder)/facts.parquet' f")
        ).compactMap { $0[0] }
        #expect(plan.contains { $0.contains("(footers)") }, "\(plan)")
    }

    /// Of a small table whose keys have gaps the other side's scan is told, too.
    @Test func smallTablesTellScans() {
        let join = "FROM '\(folder)/facts.parquet' f JOIN '\(folder)/keys.parquet' k ON f.id = k.id"
        let plan = rows("EXPLAIN ANALYZE SELECT count(f.payload) \(join)").compactMap { $0[0] }
        let scan = plan.first { $0.contains("facts.parquet") } ?? ""
        #expect(scan.contains("runtime filters id: Bloom filter"), "\(plan)")
    }
}
