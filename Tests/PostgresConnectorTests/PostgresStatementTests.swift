// SPDX-License-Identifier: MIT

import IglooEngineTesting
import IglooSQLLogic
import Testing

/// Whole statements over a hostile table of a server, with pushdown and without.
@Suite struct PostgresStatementTests {
    private let server: PostgresServer

    init() throws { server = try PostgresServer.shared.get() }

    private func session() throws -> EngineSession {
        let session = try EngineSession()
        let made = session.run(
            """
            CREATE CATALOG pg USING postgres OPTIONS (host '127.0.0.1', port \(server.port),
                user 'igloo', password '\(server.password)', database 'postgres', sslmode 'disable')
            """)
        if case .failure(_, let message) = made { Issue.record("\(message)") }
        return session
    }

    private func explained(_ session: EngineSession, _ sql: String) -> [String] {
        guard case .rows(let rows, _) = session.run("EXPLAIN (PUSHDOWN) \(sql)") else { return [] }
        return rows.map { "\($0[1] ?? ""): \($0[3] ?? "")" }
    }

    @Test func groupsAndFirstRowsAreTheServers() throws {
        try server.run(
            "DROP TABLE IF EXISTS sales",
            "CREATE TABLE sales AS SELECT n AS id, n % 5 AS shop, (n % 7)::text AS kind "
                + "FROM generate_series(1, 1000) n")
        let session = try session()
        let grouped =
            "SELECT shop, count(*), sum(id), avg(id) FROM pg.public.sales WHERE id > 500 "
            + "GROUP BY shop ORDER BY shop LIMIT 2"
        let all = ["projection", "filter", "aggregate", "sort", "limit"].map { "\($0): pushed" }
        #expect(explained(session, grouped) == all)
        guard case .rows(let rows, _) = session.run(grouped) else {
            Issue.record("no rows")
            return
        }
        #expect(
            rows == [["0", "100", "75250", "752.5"], ["1", "100", "74850", "748.5"]])
        let first = "SELECT id FROM pg.public.sales ORDER BY kind DESC, id LIMIT 3"
        #expect(explained(session, first).suffix(2) == ["sort: pushed", "limit: pushed"])
        guard case .rows(let ids, _) = session.run(first) else { return }
        #expect(ids == [["6"], ["13"], ["20"]])
        let refused = "SELECT kind, stddev(id) FROM pg.public.sales GROUP BY kind"
        #expect(explained(session, refused).last == "aggregate: refused")
    }

    @Test func rowsAreTheSameWithPushdownAndWithout() throws {
        try server.run(
            "DROP TABLE IF EXISTS difficult",
            """
            CREATE TABLE difficult (k int PRIMARY KEY, i bigint, s int, r double precision, t text,
                n text COLLATE "en-x-icu", d date, m numeric(20, 3), b boolean, c char(4))
            """,
            """
            INSERT INTO difficult SELECT n,
                (ARRAY[NULL, 0, 1, -1, 7, 9223372036854775807, -9223372036854775808])[1 + n % 7],
                CASE WHEN n % 11 = 0 THEN NULL ELSE n % 13 - 6 END,
                (ARRAY[NULL, 0.0, '-0', 1.5, 'NaN', 'Infinity', '-Infinity', 1e300]::float8[])[1 + n % 8],
                (ARRAY[NULL, '', ' ', 'a', 'A', 'a ', 'ä', 'a%b', '_', '😀', 'é', E'e\\u0301'])[1 + n % 12],
                (ARRAY[NULL, '', ' ', 'a', 'A', 'a ', 'ä', 'b', '_', 'é', E'e\\u0301'])[1 + n % 11],
                (ARRAY[NULL, '1970-01-01', '2024-02-29', '0001-01-01', '9999-12-31']::date[])[1 + n % 5],
                (ARRAY[NULL, 0, 1.5, -99999999999999999.999, 0.001])[1 + n % 5],
                (ARRAY[NULL, true, false])[1 + n % 3], (ARRAY[NULL, 'a', 'a b', ''])[1 + n % 4]
            FROM generate_series(0, 599) n
            """)
        let words = ["''", "' '", "'a'", "'A'", "'a '", "'ä'", "'_'", "'\u{1F600}'", "'é'", "'b'"]
        var difference = PushdownDifference(
            table: "pg.public.difficult", key: "k",
            columns: [
                .init("i", ["0", "1", "-1", "7", "9223372036854775807", "1.5"]),
                .init("s", ["0", "3", "-5", "100"], isSummable: true),
                .init("r", ["0.0", "-0.0", "1.5", "'NaN'::double", "'Infinity'::double"]),
                .init("t", words, isText: true), .init("n", words, isText: true),
                .init("d", ["DATE '1970-01-01'", "DATE '2024-02-29'", "DATE '9999-12-31'"]),
                .init(
                    "m", ["0", "1.5", "0.001", "-99999999999999999.999", "0.0015"], isSummable: true
                ),
                .init("b", ["true", "false"]),
                .init("c", ["'a'", "'a b'", "''", "'a   '"], isText: true),
            ])
        let (findings, answeredCount) = difference.run(try session(), statementCount: 500)
        #expect(findings.isEmpty, "seed \(difference.seed): \(findings)")
        #expect(answeredCount > 300)
    }
}
