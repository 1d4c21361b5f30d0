// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooContracts
import Testing

@testable import PostgresConnector

/// Splits, snapshots, the pool, cancellation, and what goes wrong.
@Suite struct PostgresScanTests {
    private let server: PostgresServer
    private let context = CallContext()

    private static let big = Result {
        try PostgresServer.shared.get().run(
            "CREATE TABLE big (k bigint, v text)",
            "INSERT INTO big SELECT k, 'value number ' || k FROM generate_series(1, 50000) AS k",
            "ANALYZE big")
    }

    init() throws {
        server = try PostgresServer.shared.get()
        _ = try Self.big.get()
    }

    private func failure(_ body: () throws -> Void) -> IglooError? {
        do {
            try body()
            return nil
        } catch {
            return error as? IglooError
        }
    }

    @Test func splitsHoldEveryRowOnce() throws {
        let connector = try server.connector()
        let plan = try Scan(connector, "big").answer
        let (rows, splitCount) = try Scan.rows(connector, plan, 100_000)
        #expect(splitCount > 10)
        let keys = rows.compactMap { row in if case .int(let key) = row[0] { key } else { nil } }
        #expect(keys.sorted() == Array(1...50_000))
        #expect(plan.estimatedRowCount == 50_000)
        let counted = try Scan(connector, "big", columns: [])
        #expect(counted.rows.count == 50_000)
        let (countedApart, _) = try Scan.rows(connector, counted.answer, 100_000)
        #expect(countedApart.count == 50_000)
    }

    @Test func splitsSeeOneState() throws {
        try server.run(
            "CREATE TABLE moving AS SELECT * FROM big", "ANALYZE moving")
        let connector = try server.connector()
        let opened = try connector.openTable(schema: "", name: "moving", context)
        let plan = try connector.plan(ScanRequest(table: opened.handle, columns: [0]), context)
        let splits = try connector.splits(
            handle: plan.handle, targetByteCount: 200_000, context)
        let page = try #require(try splits.next(countMax: 1_000, context))
        #expect(page.count > 3)
        try server.run(
            "DELETE FROM moving WHERE k % 2 = 0", "INSERT INTO moving VALUES (-1, 'new')",
            "UPDATE moving SET v = 'changed'")
        var count = 0
        for split in page.reversed() {
            let reader = try connector.open(handle: plan.handle, split: split.payload, context)
            while let batch = try reader.next(context) { count += batch.rowCount }
        }
        #expect(count == 50_000)
        _ = splits
    }

    @Test func thePoolIsBounded() throws {
        let connector = try server.connector([
            "max_connections": .integer(1), "connect_timeout": .integer(300_000_000),
        ])
        let plan = try Scan(connector, "big").answer
        // One connection: no second one to keep a snapshot, so one split.
        let (rows, splitCount) = try Scan.rows(connector, plan, 100_000)
        #expect(rows.count == 50_000 && splitCount == 1)
        let split = PostgresSplit().encoded()
        let first = try connector.open(handle: plan.handle, split: split, context)
        _ = try first.next(context)
        let second = try connector.open(handle: plan.handle, split: split, context)
        let error = failure { _ = try second.next(context) }
        #expect(error?.sqlState == SQLState(rawValue: "53300"))
        #expect(error?.message.contains("all 1 connections") == true)
        while try first.next(context) != nil {}
        let third = try connector.open(handle: plan.handle, split: split, context)
        #expect(try third.next(context) != nil)
    }

    @Test func cancellingReachesTheServer() throws {
        try server.run(
            "CREATE VIEW slow AS SELECT k, pg_sleep(0.01) IS NULL AS nap FROM big ORDER BY k")
        let connector = try server.connector(["schema": .string("public")])
        let opened = try connector.openTable(schema: "", name: "slow", context)
        let plan = try connector.plan(ScanRequest(table: opened.handle, columns: [0, 1]), context)
        let token = CancellationToken()
        let reader = try connector.open(
            handle: plan.handle, split: PostgresSplit().encoded(), context)
        Thread.detachNewThread {
            usleep(300_000)
            token.cancel()
        }
        let start = Date()
        let error = failure { _ = try reader.next(CallContext(cancellation: token)) }
        #expect(error?.code == .cancelled)
        #expect(Date().timeIntervalSince(start) < 2)
        let active = """
            SELECT count(*) FROM pg_stat_activity
            WHERE state = 'active' AND query LIKE 'COPY%nap%' AND pid <> pg_backend_pid()
            """
        var running = "1"
        for _ in 0..<40 where running != "0" {
            running = try server.run(active)[0][0] ?? ""
            usleep(50_000)
        }
        #expect(running == "0")
    }

    @Test func aDeadlineEndsAWait() throws {
        let connector = try server.connector()
        var late = CallContext()
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        late.deadlineNanoseconds = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) - 1
        let error = failure { try connector.ping(late) }
        #expect(error == nil || error?.code == .deadlineExceeded)
    }

    @Test func listsWhatThereIs() throws {
        try server.run(
            "CREATE SCHEMA IF NOT EXISTS \"Odd One\"",
            "CREATE TABLE \"Odd One\".\"T 1\" (\"a \"\"b\" int)",
            "COMMENT ON TABLE \"Odd One\".\"T 1\" IS 'a comment'")
        let connector = try server.connector()
        #expect(try connector.listSchemas(context).contains("Odd One"))
        let tables = try connector.listTables(schema: "Odd One", prefix: "T", context)
        #expect(tables.map(\.name) == ["T 1"] && tables[0].comment == "a comment")
        #expect(try connector.listTables(schema: "Odd One", prefix: "x", context).isEmpty)
        let opened = try connector.openTable(schema: "odd one", name: "t 1", context)
        #expect(opened.schema.fields.map(\.name) == ["a \"b"])
        let plan = try connector.plan(ScanRequest(table: opened.handle, columns: [0]), context)
        #expect(try Scan.rows(connector, plan, 1 << 30).rows.isEmpty)
    }

    @Test func whatIsNotThereIsNamed() throws {
        let connector = try server.connector()
        let table = failure { _ = try connector.openTable(schema: "", name: "bigg", context) }
        #expect(table?.sqlState == .undefinedTable && table?.hint == "did you mean 'big'?")
        let schema = failure { _ = try connector.openTable(schema: "pubic", name: "big", context) }
        #expect(schema?.sqlState == .undefinedSchema && schema?.hint == "did you mean 'public'?")
        let password = failure {
            try server.connector(["password": .string("wrong one")]).ping(context)
        }
        #expect(password?.code == .unauthenticated)
        #expect(password?.message.contains("wrong one") == false)
        let port = failure { try server.connector(["port": .integer(1)]).ping(context) }
        #expect(port?.code == .unavailable && port?.message.contains("127.0.0.1:1") == true)
        let database = failure {
            try server.connector(["database": .string("nowhere")]).ping(context)
        }
        #expect(database?.message.contains("nowhere") == true)
    }

    @Test func urlsAreTakenApart() throws {
        let url = "postgresql://igloo:secret%20of%20the%20tests@127.0.0.1:\(server.port)/postgres"
        let values = OptionValues(["url": .string(url)])
        try postgresConnector.create(values, context).ping(context)
        // What is given beside the URL counts more.
        var wrong = values
        wrong["database"] = .string("nowhere")
        let error = failure { try postgresConnector.create(wrong, context).ping(context) }
        #expect(error?.message.contains("nowhere") == true)
        let malformed = failure {
            _ = try postgresConnector.create(OptionValues(["url": .string("http://x")]), context)
        }
        #expect(malformed?.code == .invalidArgument)
        let nobody = failure { _ = try postgresConnector.create(OptionValues(), context) }
        #expect(nobody?.message == "option user is missing")
    }

    @Test func rolesWithoutRightsAreRefused() throws {
        try server.run(
            "CREATE ROLE guest LOGIN PASSWORD 'guest'", "CREATE TABLE private (k int)",
            "REVOKE ALL ON private FROM PUBLIC")
        let connector = try server.connector([
            "user": .string("guest"), "password": .string("guest"),
        ])
        let error = failure { _ = try Scan(connector, "private") }
        #expect(error?.sqlState == .insufficientPrivilege && error?.code == .permissionDenied)
    }

    @Test func aChangedTableIsNoticed() throws {
        try server.run(
            "CREATE TABLE changing (a int, b text)", "INSERT INTO changing VALUES (1, 'x')")
        let connector = try server.connector()
        let opened = try connector.openTable(schema: "", name: "changing", context)
        let request = ScanRequest(table: opened.handle, columns: [0, 1])
        let plan = try connector.plan(request, context)
        try server.run("ALTER TABLE changing ALTER a TYPE bigint")
        #expect(failure { _ = try connector.plan(request, context) }?.code == .invalidState)
        // A plan made before is still read, but never wrongly.
        let error = failure { _ = try Scan.rows(connector, plan, 1 << 30) }
        #expect(error?.message.contains("changed") == true)
        try server.run("DROP TABLE changing")
        #expect(failure { _ = try connector.plan(request, context) }?.code == .invalidState)
    }

    @Test func aLostConnectionIsReplaced() throws {
        let connector = try server.connector(["max_connections": .integer(2)])
        try connector.ping(context)
        try server.run(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'igloo' AND pid <> pg_backend_pid()
                AND query = 'SELECT 1'
            """)
        usleep(200_000)
        try connector.ping(context)
    }

    @Test func statisticsAreTheServers() throws {
        let connector = try server.connector()
        let plan = try Scan(connector, "big").answer
        let found = try connector.statistics(handle: plan.handle, columns: [0, 1], context)
        let statistics = try #require(found)
        #expect(statistics.rowCount == 50_000 && !statistics.isExact)
        #expect(statistics.columns.map(\.distinctCount) == [50_000, 50_000])
        #expect(statistics.columns[1].averageByteCount ?? 0 > 10)
    }
}
