// SPDX-License-Identifier: MIT

import CSQLite
import Foundation
import IglooArrow
import IglooConnectorTesting
import IglooContracts
import Testing

@testable import SQLiteConnector

@Suite struct SQLiteReadingTests {
    @Test func typesByDeclaration() throws {
        let database = try Database(
            """
            CREATE TABLE t (i INTEGER PRIMARY KEY, r REAL, t TEXT, b BLOB, n DECIMAL(10,2),
                w NUMERIC(30,4), ok BOOLEAN, d DATE, at DATETIME, z TIMESTAMPTZ, c TIME, u, v VARCHAR(9))
            """,
            """
            INSERT INTO t VALUES (1, 1, 'ä', x'0001', 12.34, '123456789012.5', 1, '2024-02-29',
                '2024-01-01 00:00:01.5', '2024-01-01T00:00:00+01:00', '12:00', 7, 8),
                (2, 2.5, '', x'', 3, 1, 'false', '1969-12-31', '1970-01-01T00:00', '1970-01-01', '00:00:01', NULL, NULL),
                (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
            """)
        let answer = try readTable(database, "t")
        #expect(
            answer.schema.fields.map { "\($0.type)" } == [
                "int64", "double", "string_view", "binary_view", "decimal64(10, 2)",
                "decimal128(30, 4)", "bool", "date32[day]", "timestamp[us]",
                "timestamp[us, tz=UTC]", "time64[us]", "int64", "string_view",
            ])
        #expect(
            answer.rows[0] == [
                "1", "1.0", "ä", "0 1", "1234", "1234567890125000", "true", "19782",
                "1704067201500000", "1704063600000000", "43200000000", "7", "8",
            ])
        #expect(answer.rows[1][2] == "" && answer.rows[1][3] == "" && answer.rows[1][6] == "false")
        #expect(answer.rows[2] == ["3"] + Array(repeating: nil, count: 12))
        #expect(try readTable(database, "t", columns: [2, 0, 2]).rows[0] == ["ä", "1", "ä"])
        #expect(try readTable(database, "t", columns: []).rows.count == 3)
    }

    @Test func mismatches() throws {
        let database = try Database(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, d DATE)",
            "INSERT INTO t VALUES (10, 1, '2024-01-01'), (20, 'many', '2024-01-02'), (30, 3, 'soon')"
        )
        let error = try #require(failure { _ = try readTable(database, "t") })
        #expect(error.code == .invalidData)
        for part in ["'t'", "'n'", "rowid 20", "'many'", "BIGINT"] {
            #expect(error.message.contains(part), "\(error.message)")
        }
        let nulls = try readTable(database, "t", ["on_mismatch": .string("null")])
        #expect(nulls.rows == [["10", "1", "19723"], ["20", nil, "19724"], ["30", "3", nil]])
        #expect(nulls.notices.first?.message.hasPrefix("2 values") == true)
        let texts = try readTable(database, "t", ["on_mismatch": .string("text")])
        #expect(texts.rows[1] == ["20", "many", "2024-01-02"])
        #expect(texts.schema.fields[0].type == .int64 && texts.schema.fields[1].type == .utf8View)
        #expect(try readTable(database, "t", columns: [0]).rows.count == 3)
    }

    @Test func kindsOfTables() throws {
        let database = try Database(
            "CREATE TABLE \"odd \"\"näme; --\" (\"a b\" TEXT, \"select\" INT, \"Ü\" REAL)",
            "INSERT INTO \"odd \"\"näme; --\" VALUES ('x', 1, 2.5)",
            "CREATE TABLE w (k TEXT PRIMARY KEY, v INT) WITHOUT ROWID",
            "INSERT INTO w VALUES ('b', 2), ('a', 1)",
            "CREATE TABLE g (a INT, b INT GENERATED ALWAYS AS (a * 2) STORED, c INT AS (a + 1))",
            "INSERT INTO g VALUES (5)", "CREATE TABLE none (a INT)",
            "CREATE TABLE hidden (rowid TEXT, oid INT)", "INSERT INTO hidden VALUES ('r', 1)",
            "CREATE VIEW v AS SELECT a, a || 'x' AS t, a * 1.5 AS r FROM g")
        #expect(try readTable(database, "odd \"näme; --").rows == [["x", "1", "2.5"]])
        #expect(try readTable(database, "w").rows == [["a", "1"], ["b", "2"]])
        #expect(try readTable(database, "G").rows == [["5", "10", "6"]])
        #expect(try readTable(database, "none").rows.isEmpty)
        #expect(try readTable(database, "hidden").rows == [["r", "1"]])
        #expect(try readTable(database, "v").rows == [["5", "5x", "7.5"]])
        let connector = try makeConnector(database.path)
        let tables = try connector.listTables(schema: "", prefix: "", CallContext())
        #expect(tables.map(\.name) == ["g", "hidden", "none", "odd \"näme; --", "v", "w"])
        #expect(tables[4].kind == .view)
        let error = try #require(failure { _ = try readTable(database, "nonne") })
        #expect(error.code == .notFound && error.hint == "did you mean 'none'?")
    }

    @Test func brokenDatabases() throws {
        let database = try Database("CREATE TABLE t (a TEXT)")
        database.run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
                + " INSERT INTO t SELECT hex(randomblob(50)) FROM n")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: database.path))
        let place = database.folder.path + "/broken.db"
        func openBroken(_ data: Data) throws -> IglooError? {
            try data.write(to: URL(fileURLWithPath: place))
            return failure {
                let connector = try makeConnector(place)
                let context = CallContext()
                let table = try connector.openTable(schema: "", name: "t", context)
                let plan = try connector.plan(
                    ScanRequest(table: table.handle, columns: [0]), context)
                let reader = try connector.open(
                    handle: plan.handle, split: SQLiteRange().encoded(), context)
                while try reader.next(context) != nil {}
            }
        }
        #expect(try openBroken(bytes) == nil)
        #expect(
            try openBroken(Data("hello, this is not a database at all".utf8))?.code == .invalidData)
        #expect(try openBroken(Data())?.code == .notFound)
        var torn = bytes
        torn.replaceSubrange(
            4096..<torn.count, with: Data(repeating: 0x5A, count: torn.count - 4096))
        #expect(try openBroken(torn)?.code == .invalidData)
        #expect(try openBroken(bytes.prefix(10_000))?.code == .invalidData)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            var flipped = bytes
            for _ in 0..<20 {
                flipped[Int.random(in: 0..<flipped.count, using: &random)] = UInt8.random(
                    in: 0...255)
            }
            _ = try openBroken(flipped)
        }
        #expect(
            failure { _ = try makeConnector(database.folder.path).ping(CallContext()) }?.code
                == .invalidArgument)
        #expect(
            failure { _ = try makeConnector(place + "x").ping(CallContext()) }?.code == .notFound)
    }

    @Test func schemaChangesAndWriters() throws {
        let database = try Database("CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1), (2)")
        let context = CallContext()
        let connector = try makeConnector(database.path, ["busy_timeout": .integer(20_000_000)])
        let table = try connector.openTable(schema: "main", name: "t", context)
        let plan = try connector.plan(ScanRequest(table: table.handle, columns: [0]), context)
        let reader = try connector.open(
            handle: plan.handle, split: SQLiteRange().encoded(), context)
        let first = try reader.next(context)
        #expect(first?.rowCount == 2)
        // The reader is not at its end, and yet a writer commits.
        database.run("INSERT INTO t VALUES (3)")
        database.run("ALTER TABLE t ADD COLUMN b TEXT")
        #expect(
            failure {
                _ = try connector.plan(ScanRequest(table: table.handle, columns: [0]), context)
            }?
            .code == .invalidState)
        database.run("BEGIN EXCLUSIVE")
        let busy = try #require(
            failure { _ = try connector.openTable(schema: "", name: "t", context) })
        #expect(busy.code == .unavailable && busy.isRetryable)
        database.run("COMMIT")
    }

    @Test func writeAheadLog() throws {
        let database = try Database(
            "PRAGMA journal_mode = WAL", "CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1)")
        database.run("BEGIN")
        database.run("INSERT INTO t VALUES (2)")
        #expect(try readTable(database, "t").rows == [["1"]])
        database.run("COMMIT")
        #expect(try readTable(database, "t").rows.count == 2)
    }

    @Test func cancelledScansEnd() throws {
        let database = try Database("CREATE TABLE t (a INT)")
        database.run(
            "CREATE VIEW endless AS WITH RECURSIVE n(i) AS"
                + " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0")
        let context = CallContext()
        let connector = try makeConnector(database.path)
        var table = SQLiteTable(path: database.path, name: "endless")
        table.columns = [SQLiteColumn(name: "i", declared: "INT", type: .int64)]
        table.schemaVersion = 2
        let plan = try connector.plan(
            ScanRequest(table: try table.encoded(), columns: [0]), context)
        let reader = try connector.open(
            handle: plan.handle, split: SQLiteRange().encoded(), context)
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.05)
            context.cancellation.cancel()
        }
        let start = Date()
        #expect(failure { _ = try reader.next(context) }?.code == .cancelled)
        #expect(Date().timeIntervalSince(start) < 5)
    }

    @Test func splitsGiveEveryRowOnce() throws {
        let database = try Database("CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)")
        database.run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
                + " INSERT INTO t SELECT i * 3 - 5000, i FROM n")
        let whole = try readTable(database, "t")
        #expect(whole.rows.count == 20_000 && whole.splitCount == 1)
        for size in [1, 5000, 100_000] {
            let answer = try readTable(database, "t", splitByteCount: size)
            #expect(answer.rows == whole.rows && answer.splitCount > 1)
            #expect(
                try readTable(database, "t", columns: [], splitByteCount: size).rows.count == 20_000
            )
        }
        database.run("INSERT INTO t VALUES (9223372036854775807, 1), (-9223372036854775808, 2)")
        #expect(try readTable(database, "t", splitByteCount: 5000).rows.count == 20_002)
        let connector = try makeConnector(database.path)
        let statistics = try #require(
            try connector.statistics(
                handle: try readTable(database, "t").plan.handle, columns: [], CallContext()))
        #expect(statistics.rowCount ?? 0 >= 20_002)
        database.run("ANALYZE")
        #expect(
            try connector.statistics(
                handle: try readTable(database, "t").plan.handle, columns: [], CallContext())?
                .rowCount == 20_002)
    }
}
