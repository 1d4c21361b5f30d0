// SPDX-License-Identifier: MIT

import IglooEngineTesting
import IglooSQLLogic
import Testing

/// Statements that write to the tables of a server, as a second session of it sees them.
@Suite struct PostgresModificationTests {
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

    private func expect(
        _ session: EngineSession, _ sql: String, _ wanted: LogicOutcome,
        at location: SourceLocation = #_sourceLocation
    ) {
        let found = session.run(sql)
        switch (found, wanted) {
        case (.done, .done): break
        case (.rows(let left, _), .rows(let right, _)):
            #expect(left == right, "\(sql)", sourceLocation: location)
        case (.failure(let left, let message), .failure(let right, _)):
            #expect(left == right, "\(sql): \(message)", sourceLocation: location)
        default: Issue.record("\(sql): \(found)", sourceLocation: location)
        }
    }

    private func run(
        _ session: EngineSession, _ statements: [String],
        at location: SourceLocation = #_sourceLocation
    ) {
        for sql in statements { expect(session, sql, .done, at: location) }
    }

    private func refuse(
        _ session: EngineSession, _ sql: String, _ state: String,
        at location: SourceLocation = #_sourceLocation
    ) {
        expect(session, sql, .failure(state: state, message: ""), at: location)
    }

    @Test func rowsAreWritten() throws {
        try server.run(
            "DROP TABLE IF EXISTS stock",
            "CREATE TABLE stock (item text PRIMARY KEY, count int NOT NULL DEFAULT 7, price numeric(8, 2))"
        )
        let session = try session()
        run(
            session,
            [
                "INSERT INTO pg.stock VALUES ('nut', 1, 0.5), ('bolt', 2, NULL)",
                "INSERT INTO pg.public.stock (item, price) SELECT 'screw', 1.25",
                "INSERT INTO pg.stock (price, item, count) SELECT price, item || '2', count * 10 "
                    + "FROM pg.stock WHERE item <> 'screw'",
            ])
        let all = "SELECT * FROM stock ORDER BY item COLLATE \"C\""
        #expect(
            try server.run(all) == [
                ["bolt", "2", nil], ["bolt2", "20", nil], ["nut", "1", "0.50"],
                ["nut2", "10", "0.50"], ["screw", "7", "1.25"],
            ])
        run(
            session,
            [
                "UPDATE pg.stock SET count = count + 1, price = 9 WHERE item LIKE 'n%'",
                "UPDATE pg.stock AS s SET price = n.p FROM (VALUES ('bolt', 4.5)) AS n (i, p) "
                    + "WHERE s.item = n.i",
                "DELETE FROM pg.stock WHERE count >= 20",
                "INSERT INTO pg.stock VALUES ('nut', 50, 5), ('gear', 1, 1) "
                    + "ON CONFLICT (item) DO UPDATE SET count = excluded.count, price = excluded.price",
            ])
        #expect(
            try server.run(all) == [
                ["bolt", "2", "4.50"], ["gear", "1", "1.00"], ["nut", "50", "5.00"],
                ["nut2", "11", "9.00"], ["screw", "7", "1.25"],
            ])
        run(
            session,
            [
                """
                MERGE INTO pg.stock AS t USING (VALUES ('nut', 0), ('bolt', 3), ('cog', 8)) AS s (i, n)
                ON t.item = s.i
                WHEN MATCHED AND s.n = 0 THEN DELETE
                WHEN MATCHED THEN UPDATE SET count = t.count + s.n
                WHEN NOT MATCHED THEN INSERT (item, count, price) VALUES (s.i, s.n, 2)
                """
            ])
        #expect(
            try server.run(all) == [
                ["bolt", "5", "4.50"], ["cog", "8", "2.00"], ["gear", "1", "1.00"],
                ["nut2", "11", "9.00"], ["screw", "7", "1.25"],
            ])
        expect(
            session, "UPDATE pg.stock SET count = 0 WHERE item = 'cog' RETURNING item, count",
            .rows([["cog", "0"]], columnCount: 2))
        run(session, ["TRUNCATE pg.stock"])
        #expect(try server.run(all).isEmpty)
    }

    @Test func tablesAreMade() throws {
        try server.run("DROP TABLE IF EXISTS made, plain")
        let session = try session()
        run(
            session,
            [
                "CREATE TABLE pg.made AS SELECT n AS id, 'row ' || n AS t, n / 4.0 AS d, "
                    + "DATE '2024-02-29' AS day, [n, NULL] AS l FROM (VALUES (1), (2), (NULL)) v (n)",
                "CREATE TABLE IF NOT EXISTS pg.made AS SELECT 1 AS x",
                "CREATE TABLE pg.public.plain (a integer NOT NULL, b text)",
            ])
        #expect(
            try server.run("SELECT id, t, d::float8, day, l FROM made ORDER BY id") == [
                ["1", "row 1", "0.25", "2024-02-29", "{1,NULL}"],
                ["2", "row 2", "0.5", "2024-02-29", "{2,NULL}"],
                [nil, nil, nil, "2024-02-29", "{NULL,NULL}"],
            ])
        refuse(session, "CREATE TABLE pg.made AS SELECT 1 AS x", "42P07")
        refuse(session, "CREATE TABLE pg.keyed (a integer PRIMARY KEY)", "0A000")
        refuse(session, "INSERT INTO pg.plain VALUES (NULL, 'x')", "23502")
        // Without a catalog's name tables are made in memory.
        run(
            session,
            ["CREATE TABLE made AS SELECT 1 AS x", "INSERT INTO pg.plain SELECT x, 'm' FROM made"])
        #expect(try server.run("SELECT * FROM plain") == [["1", "m"]])
    }

    @Test func whatIsRefusedChangesNothing() throws {
        try server.run(
            "DROP TABLE IF EXISTS guarded, keyless",
            "CREATE TABLE guarded (k int PRIMARY KEY, v int CHECK (v > 0))",
            "CREATE TABLE keyless (k int)", "INSERT INTO guarded VALUES (1, 1), (2, 2)",
            "INSERT INTO keyless VALUES (1)")
        let session = try session()
        refuse(session, "INSERT INTO pg.guarded VALUES (3, 3), (1, 1)", "23505")
        refuse(session, "UPDATE pg.guarded SET v = v - 1", "23514")
        refuse(session, "UPDATE pg.guarded SET k = k + 1", "0A000")
        refuse(
            session, "INSERT INTO pg.guarded SELECT k + 2, 10 / (k - 2) FROM pg.guarded", "22012")
        refuse(session, "DELETE FROM pg.keyless", "0A000")
        refuse(session, "UPDATE pg.guarded SET w = 1", "42703")
        refuse(session, "INSERT INTO pg.nowhere VALUES (1)", "42P01")
        refuse(session, "INSERT INTO pg.guarded VALUES (5, DEFAULT)", "0A000")
        refuse(session, "INSERT INTO pg.guarded VALUES (1, 9) ON CONFLICT DO NOTHING", "0A000")
        #expect(try server.run("SELECT * FROM guarded ORDER BY k") == [["1", "1"], ["2", "2"]])
        run(session, ["INSERT INTO pg.keyless VALUES (2)"])
        #expect(try server.run("SELECT count(*) FROM keyless") == [["2"]])
    }

    @Test func transactionsHoldForTheServer() throws {
        try server.run(
            "DROP TABLE IF EXISTS account", "CREATE TABLE account (k int PRIMARY KEY, v int)",
            "INSERT INTO account VALUES (1, 100), (2, 0)")
        let session = try session()
        let all = "SELECT * FROM account ORDER BY k"
        run(
            session,
            [
                "BEGIN", "UPDATE pg.account SET v = v - 30 WHERE k = 1",
                "UPDATE pg.account SET v = v + 30 WHERE k = 2",
            ])
        expect(
            session, "SELECT v FROM pg.account ORDER BY k",
            .rows([["70"], ["30"]], columnCount: 1))
        #expect(try server.run(all) == [["1", "100"], ["2", "0"]])
        refuse(session, "CREATE TABLE here (x int)", "0A000")
        refuse(session, "SELECT 1", "25P02")
        run(session, ["ROLLBACK"])
        #expect(try server.run(all) == [["1", "100"], ["2", "0"]])
        run(session, ["BEGIN", "UPDATE pg.account SET v = 1 WHERE k = 1", "COMMIT"])
        #expect(try server.run(all) == [["1", "1"], ["2", "0"]])
        // Somebody else was faster.
        run(session, ["BEGIN", "INSERT INTO pg.account VALUES (3, 3)"])
        try server.run("UPDATE account SET v = 5 WHERE k = 2")
        refuse(session, "UPDATE pg.account SET v = 6 WHERE k = 2", "40001")
        run(session, ["ROLLBACK"])
        #expect(try server.run(all) == [["1", "1"], ["2", "5"]])
    }

    @Test func whoLeavesUndoesWhatIsOpen() throws {
        try server.run("DROP TABLE IF EXISTS left_open", "CREATE TABLE left_open (k int)")
        var session: EngineSession? = try session()
        run(session!, ["BEGIN", "INSERT INTO pg.left_open VALUES (1)"])
        session = nil
        // A lock that nobody holds any more.
        try server.run("BEGIN", "LOCK TABLE left_open IN ACCESS EXCLUSIVE MODE NOWAIT", "ROLLBACK")
        #expect(try server.run("SELECT count(*) FROM left_open") == [["0"]])
    }
}
