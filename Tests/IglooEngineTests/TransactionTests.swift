// SPDX-License-Identifier: MIT

import IglooContracts
import IglooEngine
import IglooEngineTesting
import Testing

/// Several sessions of one engine.
@Suite struct TransactionTests {
    private let engine: Engine
    private let one: Session
    private let two: Session

    init() throws {
        engine = try Engine(EngineConfiguration(pluginDirectories: [Places.plugins]))
        one = engine.makeSession()
        two = engine.makeSession()
        try run(one, "CREATE TABLE t (a integer PRIMARY KEY, b integer)")
        try run(one, "INSERT INTO t VALUES (1, 10), (2, 20)")
    }

    @discardableResult
    private func run(_ session: Session, _ sql: String) throws -> String {
        switch try session.execute(sql) {
        case .done(let tag): return tag
        case .rows(let stream):
            var values: [String] = []
            while let batch = try stream.next() {
                values += try EngineSession(session).texts(of: batch).map { row in
                    row.map { $0 ?? "NULL" }.joined(separator: " ")
                }
            }
            return values.joined(separator: ", ")
        }
    }

    private func state(_ session: Session, _ sql: String) -> String {
        do {
            try run(session, sql)
            return "no error"
        } catch {
            return (error as? IglooError)?.sqlState.rawValue ?? "\(error)"
        }
    }

    @Test func tagsAreThoseOfPostgreSQL() throws {
        #expect(try run(one, "INSERT INTO t VALUES (3, 30), (4, 40)") == "INSERT 0 2")
        #expect(try run(one, "UPDATE t SET b = 0 WHERE a > 1") == "UPDATE 3")
        #expect(try run(one, "DELETE FROM t WHERE a > 3") == "DELETE 1")
        #expect(try run(one, "CREATE TABLE u AS SELECT * FROM t") == "SELECT 3")
        #expect(
            try run(
                one, "MERGE INTO u USING t ON u.a = t.a WHEN MATCHED THEN DELETE") == "MERGE 3")
        #expect(try run(one, "BEGIN") == "BEGIN")
        #expect(try run(one, "COMMIT") == "COMMIT")
        guard case .rows(let stream) = try one.execute("DELETE FROM t RETURNING a") else {
            Issue.record("no rows")
            return
        }
        #expect(stream.tag == "DELETE 3")
    }

    @Test func othersSeeWhatIsCommitted() throws {
        try run(one, "BEGIN")
        try run(one, "INSERT INTO t VALUES (3, 30)")
        try run(two, "BEGIN")
        #expect(try run(two, "SELECT count(*) FROM t") == "2")
        try run(one, "COMMIT")
        // A snapshot stays.
        #expect(try run(two, "SELECT count(*) FROM t") == "2")
        try run(two, "COMMIT")
        #expect(try run(two, "SELECT count(*) FROM t") == "3")
    }

    @Test func theSecondWriterFails() throws {
        try run(one, "BEGIN")
        try run(two, "BEGIN")
        try run(one, "UPDATE t SET b = 11 WHERE a = 1")
        #expect(state(two, "UPDATE t SET b = 12 WHERE a = 1") == "40001")
        #expect(two.transactionStatus == .failed)
        #expect(state(two, "SELECT 1") == "25P02")
        #expect(try run(two, "COMMIT") == "ROLLBACK")
        try run(one, "COMMIT")
        #expect(try run(two, "SELECT b FROM t ORDER BY a") == "11, 20")
    }

    @Test func differentRowsDoNotMeet() throws {
        try run(one, "BEGIN")
        try run(two, "BEGIN")
        try run(one, "UPDATE t SET b = 11 WHERE a = 1")
        try run(two, "UPDATE t SET b = 21 WHERE a = 2")
        try run(two, "COMMIT")
        try run(one, "COMMIT")
        #expect(try run(one, "SELECT b FROM t ORDER BY a") == "11, 21")
    }

    @Test func theSameKeyMeets() throws {
        try run(one, "BEGIN")
        try run(two, "BEGIN")
        try run(one, "INSERT INTO t VALUES (5, 1)")
        try run(two, "INSERT INTO t VALUES (5, 2)")
        try run(one, "COMMIT")
        #expect(["23505", "40001"].contains(state(two, "COMMIT")))
        #expect(two.transactionStatus == .none)
        #expect(try run(two, "SELECT b FROM t WHERE a = 5") == "1")
    }

    @Test func aFailureWhileRowsAreReadEndsTheTransaction() throws {
        try run(one, "BEGIN")
        #expect(state(one, "SELECT 1 / (a - 1) FROM t") == "22012")
        #expect(state(one, "SELECT 1") == "25P02")
        try run(one, "ROLLBACK")
    }

    @Test func temporaryTablesAreASessionsOwn() throws {
        try run(one, "CREATE TEMP TABLE own (a integer)")
        #expect(state(two, "SELECT * FROM own") == "42P01")
        try run(two, "CREATE TEMP TABLE own AS SELECT 1 AS b")
        #expect(try run(two, "SELECT b FROM own") == "1")
        #expect(try run(one, "SELECT count(*) FROM own") == "0")
    }

    @Test func manyRowsAtOnce() throws {
        try run(
            one, "CREATE TABLE digits AS VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
        let join = (0..<5).map { "digits d\($0)" }.joined(separator: ", ")
        let value = (0..<5).map { "d\($0).column1 * 1\(String(repeating: "0", count: $0))" }
        let sql = "SELECT \(value.joined(separator: " + ")) AS n FROM \(join)"
        #expect(
            try run(one, "CREATE TABLE many (n integer PRIMARY KEY) AS \(sql)") == "SELECT 100000")
        #expect(state(one, "UPDATE many SET n = n + 1 WHERE n % 2 = 0") == "23505")
        #expect(try run(one, "UPDATE many SET n = n + 1") == "UPDATE 100000")
        #expect(try run(one, "DELETE FROM many WHERE n % 10 > 0") == "DELETE 90000")
        #expect(try run(two, "SELECT count(*), sum(n) FROM many") == "10000 500050000")
    }
}
