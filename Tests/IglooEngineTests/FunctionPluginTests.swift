// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import IglooEngine
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// Functions of a plugin in C, good ones and such that break the contract, through SQL.
@Suite struct FunctionPluginTests {
    private let session: EngineSession
    /// Compiled once, whoever comes first.
    private static let folder = Result {
        try CompiledPlugin.folder("functions.c", id: "cfunctions")
    }

    init() throws {
        let engine = try Engine(
            EngineConfiguration(pluginDirectories: [try Self.folder.get()], threadCount: 4))
        session = EngineSession(engine.makeSession())
    }

    private func rows(_ sql: String) -> String {
        switch session.run(sql) {
        case .done: "done"
        case .failure(let state, let message): "\(state): \(message)"
        case .rows(let rows, _):
            rows.map { $0.map { $0 ?? "NULL" }.joined(separator: "|") }.joined(separator: "\n")
        }
    }

    @Test(arguments: [
        ("SELECT plus_one(n) FROM (VALUES (1), (NULL), (3)) v(n)", "2\nNULL\n4"),
        ("SELECT plus_one(NULL), c.plus_one(41)", "NULL|42"),
        ("SELECT plus_one(n) FROM (SELECT 1::bigint AS n WHERE false)", ""),
        ("SELECT plus_one('7'), plus_one(7::smallint)", "8|8"),
        (
            "SELECT byte_length(t) FROM (VALUES ('a'), (NULL), ('größer als zwölf')) v(t)",
            "1\nNULL\n19"
        ),
        (
            "SELECT or_else(a, b) FROM (VALUES (1, 2), (NULL, 3), (NULL, NULL)) v(a, b)",
            "1\n3\nNULL"
        ),
        ("SELECT count(DISTINCT ticks()) FROM range(10000)", "10000"),
        ("SELECT sum(plus_one(range)) FROM range(100000)", "5000050000"),
        ("SELECT count(*) FROM range(5000) WHERE plus_one(range) % 2 = 0", "2500"),
        // What a condition has removed is not computed.
        (
            "SELECT CASE WHEN n < 9223372036854775807 THEN plus_one(n) END "
                + "FROM (VALUES (1), (9223372036854775807)) v(n)", "2\nNULL"
        ),
        (
            "SELECT plus_one(range) AS n, count(*) FROM range(3) GROUP BY plus_one(range) ORDER BY 1",
            "1|1\n2|1\n3|1"
        ),
    ])
    func functionsOfValues(sql: String, expected: String) { #expect(rows(sql) == expected) }

    @Test(arguments: [
        ("SELECT total(range) FROM range(100000)", "4999950000"),
        ("SELECT total(n), rows_seen(n) FROM (VALUES (1), (NULL), (3)) v(n)", "4|3"),
        ("SELECT total(range), rows_seen(range) FROM range(0)", "0|0"),
        (
            "SELECT total(DISTINCT range % 10), total(range) FILTER (WHERE range < 5) FROM range(100)",
            "45|10"
        ),
        (
            "SELECT range % 3 AS g, total(range) FROM range(9) GROUP BY 1 ORDER BY 1",
            "0|9\n1|12\n2|15"
        ),
        (
            "SELECT g, total(n) FROM (VALUES (1, NULL), (2, 5), (1, NULL)) v(g, n) GROUP BY g "
                + "ORDER BY g", "1|0\n2|5"
        ),
        (
            "SELECT total(range) OVER (ORDER BY range ROWS 1 PRECEDING) FROM range(4) ORDER BY range",
            "0\n1\n3\n5"
        ),
        (
            "SELECT (SELECT total(range) FROM range(v.n) WHERE range < v.n) FROM (VALUES (0), (3)) v(n)"
                + " ORDER BY n", "0\n3"
        ),
    ])
    func aggregates(sql: String, expected: String) {
        #expect(rows(sql) == expected)
        _ = session.run("SET debug_force_spilling = on")
        #expect(rows(sql) == expected)
    }

    /// Many groups on several threads are merged by their partial values.
    @Test func groupsMergeOverThreads() {
        let sql =
            "SELECT count(*), sum(t), sum(r) FROM (SELECT range % 5000 AS g, total(range) AS t, "
            + "rows_seen(range) AS r FROM range(300000) GROUP BY g)"
        #expect(rows(sql) == "5000|44999850000|300000")
        _ = session.run("SET debug_force_spilling = on")
        #expect(rows(sql) == "5000|44999850000|300000")
    }

    @Test(arguments: [
        ("SELECT * FROM upto(3)", "1\n2\n3"), ("SELECT count(*) FROM upto(0)", "0"),
        ("SELECT count(*) FROM c.upto(100000) AS u(x) WHERE x % 2 = 0", "50000"),
        ("SELECT u.n + v.n FROM upto(2) u, upto(2) v ORDER BY 1", "2\n3\n3\n4"),
        ("SELECT * FROM upto(NULL)", ""),
        ("SELECT * FROM endless(1) LIMIT 2", "0\n0"),
        ("SELECT * FROM upto(-1)", "22023: upto takes no negative number"),
    ])
    func functionsOfRows(sql: String, expected: String) { #expect(rows(sql) == expected) }

    @Test(arguments: [
        ("SELECT plus_one(9223372036854775807)", "22003: plus_one: bigint out of range"),
        ("SELECT raise('P0001')", "P0001: raised on demand"),
        ("SELECT raise(x) FROM (VALUES ('22012')) v(x)", "22012: raised on demand"),
        ("SELECT plus_one('x')", "22P02: invalid input syntax for type bigint: \"x\""),
        ("SELECT plus_one(1.5)", "42883: function plus_one(decimal(2,1)) does not exist"),
        (
            "SELECT total(*) FROM range(3)",
            "42809: total is a plugin's function: ORDER BY and * do not apply"
        ),
        (
            "SELECT total(range ORDER BY range) FROM range(3)",
            "42809: total is a plugin's function: ORDER BY and * do not apply"
        ),
    ])
    func errorsArriveWhole(sql: String, expected: String) { #expect(rows(sql) == expected) }

    @Test(arguments: [
        ("SELECT bad_length(range) FROM range(3)", "bad_length gave 2 values for 3 rows"),
        ("SELECT bad_type(range) FROM range(3)", "bad_type gave values that cannot be"),
        ("SELECT bad_text(range) FROM range(3)", "bad_text gave values that cannot be"),
        ("SELECT bad_nothing(range) FROM range(3)", "bad_nothing gave values that cannot be"),
        ("SELECT bad_bound(range) FROM range(3)", "it bound the function bad_bound to nothing"),
        ("SELECT bad_total(range) FROM range(3)", "bad_total gave 0 values for 1 groups"),
        (
            "SELECT bad_emit(range) FROM range(3)",
            "bad_emit gave values of type double, where it had said int64"
        ),
        (
            "SELECT * FROM bad_rows(3)",
            "bad_rows gives rows of n: string, where it had said n: int64"
        ),
        ("SELECT bad_status(range) FROM range(3)", "it answered status 3"),
    ])
    func breachesAreToldOfAndDoNoHarm(sql: String, expected: String) {
        let outcome = rows(sql)
        #expect(outcome.hasPrefix("XX000: the plugin broke its contract"), "\(outcome)")
        #expect(outcome.contains(expected), "\(outcome)")
        #expect(rows("SELECT plus_one(1)") == "2")
    }

    @Test(arguments: ["SELECT slow(range) FROM range(3)", "SELECT count(*) FROM endless(1)"])
    func cancelReachesTheFunction(sql: String) {
        var session = session
        session.secondsMax = 0.3
        let start = DispatchTime.now()
        let outcome = session.run(sql)
        guard case .failure(let state, _) = outcome else {
            Issue.record("it ended: \(outcome)")
            return
        }
        #expect(state == "57014")
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
        #expect(seconds < 2)
    }

    /// A call that hears nothing of its cancellation is given up after five seconds, with its instance
    /// and its thread; all others go on.
    @Test func aCallThatHangsIsGivenUp() throws {
        let engine = try Engine(
            EngineConfiguration(pluginDirectories: [try Self.folder.get()], threadCount: 1))
        var hanging = EngineSession(engine.makeSession())
        hanging.secondsMax = 0.3
        let start = DispatchTime.now()
        // Computed while it is planned, for it is a constant, and then by a compute thread.
        for sql in ["SELECT hangs_when_planned(1)", "SELECT sum(hangs(range)) FROM range(3)"] {
            guard case .failure(let state, _) = hanging.run(sql) else {
                Issue.record("\(sql) did not fail")
                return
            }
            #expect(state == "57014", "\(sql)")
        }
        let session = EngineSession(engine.makeSession())
        // This one waits for the thread, and may have been bound to the instance that is given up.
        let waiting = session.run("SELECT sum(plus_one(range)) FROM range(3)")
        if case .failure(let state, let message) = waiting {
            #expect(state == "58030" && message.contains("is given up"), "\(message)")
        }
        guard case .rows(let rows, _) = session.run("SELECT sum(plus_one(range)) FROM range(3)")
        else {
            Issue.record("there is no thread left")
            return
        }
        #expect(rows == [["6"]])
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
        #expect(seconds > 5 && seconds < 15, "\(seconds)")
    }

    @Test func explainNamesThem() {
        let plan = rows("EXPLAIN SELECT total(plus_one(n)) FROM upto(3) u")
        #expect(plan.contains("c.total(c.plus_one(n))"), "\(plan)")
        #expect(plan.contains("c.upto"), "\(plan)")
    }

    @Test func manySessionsCallAtOnce() async throws {
        let engine = try Engine(
            EngineConfiguration(pluginDirectories: [try Self.folder.get()], threadCount: 4))
        await withTaskGroup(of: String.self) { group in
            for _ in 0..<8 {
                let session = EngineSession(engine.makeSession())
                group.addTask {
                    guard
                        case .rows(let rows, _) = session.run(
                            "SELECT sum(plus_one(range)), total(range) FROM range(200000)")
                    else { return "" }
                    return rows[0].map { $0 ?? "" }.joined(separator: "|")
                }
            }
            for await outcome in group { #expect(outcome == "20000100000|19999900000") }
        }
    }

    /// A manifest gives libraries names of their own.
    @Test func theManifestNamesLibraries() throws {
        let path = try Self.folder.get()
        let manifest = """
            manifest = 1
            [[plugin]]
            id = "cfunctions"
            path = "\(path)/igloo-cfunctions.so"
            [functions.mine]
            use = "c"
            """
        let engine = try Engine(
            EngineConfiguration(manifest: .text(manifest, folder: path)))
        let session = EngineSession(engine.makeSession())
        guard case .rows(let rows, _) = session.run("SELECT mine.plus_one(1), plus_one(2)") else {
            Issue.record("it failed")
            return
        }
        #expect(rows == [["2", "3"]])
        guard case .failure(let state, _) = session.run("SELECT c.plus_one(1)") else {
            Issue.record("it did not fail")
            return
        }
        #expect(state == "42883")
    }

    /// Two libraries with a function of the same name: the name alone does not do.
    @Test func ambiguousNamesHaveToBeQualified() throws {
        let path = try Self.folder.get()
        let manifest = """
            manifest = 1
            [[plugin]]
            id = "cfunctions"
            path = "\(path)/igloo-cfunctions.so"
            [functions.one]
            use = "c"
            [functions.two]
            use = "c"
            """
        let engine = try Engine(EngineConfiguration(manifest: .text(manifest, folder: path)))
        let session = EngineSession(engine.makeSession())
        guard case .failure(let state, let message) = session.run("SELECT plus_one(1)") else {
            Issue.record("it did not fail")
            return
        }
        #expect(state == "42725" && message == "function plus_one is not unique")
        guard case .rows(let rows, _) = session.run("SELECT two.plus_one(1)") else {
            Issue.record("it failed")
            return
        }
        #expect(rows == [["2"]])
    }
}
