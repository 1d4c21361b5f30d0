// SPDX-License-Identifier: MIT

import IglooEngineTesting
import IglooSQLLogic
import Testing

/// What EXPLAIN (ANALYZE) tells of operators.
@Suite struct AnalyzeTests {
    private static func plan(_ session: EngineSession, _ sql: String) throws -> [String] {
        guard case .rows(let lines, _) = session.run("EXPLAIN (ANALYZE) \(sql)") else {
            Issue.record("no plan")
            return []
        }
        return lines.compactMap { $0[0] }
    }

    @Test func operatorsTellRowsTimeAndMemory() throws {
        let session = try EngineSession()
        _ = session.run("CREATE TABLE facts AS SELECT i, i % 1000 AS k FROM range(50000) AS r(i)")
        _ = session.run("CREATE TABLE few AS SELECT i AS k FROM range(3) AS r(i)")
        let lines = try Self.plan(
            session,
            "SELECT k, count(*) FROM facts JOIN few USING (k) WHERE i % 2 = 0 GROUP BY k ORDER BY k"
        )
        let join = try #require(lines.first { $0.contains("Hash join") })
        #expect(join.contains(" ms") && join.contains("memory "))
        let sort = try #require(lines.first { $0.contains("Sort ") })
        #expect(sort.contains("rows in 2, out 2"))
        #expect(lines.last?.contains("peak memory") == true)
    }

    /// A join far above a scan says which of its rows may find partners.
    @Test func scansTellWhatFiltersOfJoinsLeftOut() throws {
        let session = try EngineSession()
        _ = session.run("CREATE TABLE facts AS SELECT i, i % 1000 AS k FROM range(50000) AS r(i)")
        _ = session.run("CREATE TABLE few AS SELECT i AS k FROM range(3) AS r(i)")
        let lines = try Self.plan(
            session,
            """
            SELECT count(*) FROM (SELECT k, sum(i) AS s FROM facts GROUP BY k) AS g
            JOIN few ON few.k = g.k
            """)
        #expect(lines.contains { $0.contains("joins' filters kept 150 of 50000") }, "\(lines)")
    }
}
