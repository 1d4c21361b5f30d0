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

    /// Of the lines that EXPLAIN (PUSHDOWN) has on joins: what became of each, and why.
    private func joins(_ session: EngineSession, _ sql: String) -> [String] {
        guard case .rows(let rows, _) = session.run("EXPLAIN (PUSHDOWN) \(sql)") else { return [] }
        return rows.filter { $0[1] == "join" }.map { "\($0[3] ?? ""): \($0[4] ?? "")" }
    }

    @Test func joinsOfOneServerAreTheServers() throws {
        try server.run(
            "DROP TABLE IF EXISTS shops, orders",
            "CREATE TABLE shops (id int PRIMARY KEY, name text, opened interval)",
            "CREATE TABLE orders (id bigint PRIMARY KEY, shop bigint, price int, kept interval)",
            "INSERT INTO shops SELECT n, 'shop ' || n, n * interval '1 day' FROM generate_series(1, 10) n",
            "INSERT INTO orders SELECT n, n % 12, n % 50, n * interval '1 day' "
                + "FROM generate_series(1, 1000) n", "ANALYZE shops", "ANALYZE orders")
        let session = try session()
        let grouped =
            "SELECT s.name, sum(o.price) FROM pg.public.orders o JOIN pg.public.shops s "
            + "ON o.shop = s.id WHERE o.price > 40 GROUP BY s.name ORDER BY s.name LIMIT 2"
        let steps = ["projection", "filter", "projection", "join"]
        let above = ["projection", "aggregate", "sort", "limit"]
        #expect(explained(session, grouped) == (steps + above).map { "\($0): pushed" })
        guard case .rows(let rows, _) = session.run(grouped) else {
            Issue.record("no rows")
            return
        }
        #expect(rows.map { $0[0] } == ["shop 1", "shop 10"])
        let pushed = [
            "SELECT o.id, s.name FROM pg.public.orders o LEFT JOIN pg.public.shops s ON o.shop = s.id",
            "SELECT o.id, s.name FROM pg.public.shops s RIGHT JOIN pg.public.orders o ON o.shop = s.id",
            "SELECT id FROM pg.public.orders o WHERE EXISTS "
                + "(SELECT 1 FROM pg.public.shops s WHERE s.id = o.shop AND s.id < o.price)",
            "SELECT id FROM pg.public.orders o WHERE NOT EXISTS "
                + "(SELECT 1 FROM pg.public.shops s WHERE s.id = o.shop)",
        ]
        for sql in pushed { #expect(joins(session, sql) == ["pushed: exact"], "\(sql)") }
        // The server's tables are joined first, although another order names them.
        let numbers = (1...10).map { "(\($0))" }.joined(separator: ", ")
        let three =
            "SELECT count(*) FROM pg.public.orders o JOIN (VALUES \(numbers)) v(x) ON o.shop = v.x "
            + "JOIN pg.public.shops s ON o.shop = s.id"
        #expect(joins(session, three).contains("pushed: exact"), "\(joins(session, three))")
        let refused = [
            ("JOIN (VALUES (1)) v(x) ON o.shop = v.x", "side"),
            ("FULL JOIN pg.public.shops s ON o.shop = s.id", "kind"),
            ("JOIN pg.public.shops s ON o.kept = s.opened", "connector: interval"),
            ("JOIN pg.public.shops s ON o.shop + 1 = s.id + 1", "may_fail"),
            ("JOIN pg.public.orders s ON o.price = s.price", "cost"),
            ("JOIN other.public.shops s ON o.shop = s.id", "sources"),
        ]
        _ = session.run(
            """
            CREATE CATALOG other USING postgres OPTIONS (host '127.0.0.1', port \(server.port),
                user 'igloo', password '\(server.password)', database 'postgres', sslmode 'disable')
            """)
        for (join, reason) in refused {
            let found = joins(session, "SELECT o.id FROM pg.public.orders o \(join)")
            #expect(found.count == 1, "\(join): \(found)")
            #expect(found.first?.hasPrefix("refused: \(reason)") == true, "\(join): \(found)")
        }
        _ = session.run("SET pushdown = false")
        #expect(joins(session, pushed[0]) == ["refused: setting: pushdown is off"])
    }

    @Test func rowsAreTheSameWithPushdownAndWithout() throws {
        try server.run(
            "DROP TABLE IF EXISTS difficult",
            """
            CREATE TABLE difficult (k int PRIMARY KEY, i bigint, s int, r double precision, t text,
                n text COLLATE "en-x-icu", d date, m numeric(20, 3), b boolean, c char(4))
                WITH (autovacuum_enabled = false)
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
