// SPDX-License-Identifier: MIT

import IglooContracts
import IglooEngine
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// Operators of a plugin in C, through SQL.
@Suite struct OperatorPluginTests {
    private let session: EngineSession
    private static let folder = Result {
        try CompiledPlugin.folder("operator.c", id: "coperators")
    }

    init() throws {
        let engine = try Engine(
            EngineConfiguration(pluginDirectories: [try Self.folder.get()], threadCount: 4))
        session = EngineSession(engine.makeSession())
        _ = session.run("CREATE TABLE t AS SELECT range AS n, range % 3 AS g FROM range(10000)")
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
        ("SELECT * FROM c_last((SELECT n FROM t ORDER BY n), '3')", "9997\n9998\n9999"),
        ("SELECT x FROM c_last((SELECT n FROM t ORDER BY n DESC), '2') AS l(x) ORDER BY x", "0\n1"),
        (
            "SELECT sum(n), count(*) FROM c_last((SELECT n FROM t WHERE g = 0), '100000')",
            "16668333|3334"
        ),
        (
            "WITH few AS (SELECT n FROM t WHERE n < 5 ORDER BY n) "
                + "SELECT * FROM c_last(TABLE few, '2')",
            "3\n4"
        ),
        (
            "SELECT count(*) FROM c_last((SELECT n FROM t), "
                + "(SELECT n FROM t WHERE n < 10), '10000000')",
            "22023: c_last wants a number of rows"
        ),
        (
            "SELECT count(*) FROM c_last((SELECT n FROM t), "
                + "(SELECT n FROM t WHERE n < 10), '100000')",
            "10010"
        ),
        ("SELECT count(*) FROM c_last((SELECT n FROM t WHERE false), '5')", "0"),
        (
            "SELECT a.n, b.n FROM c_last((SELECT n FROM t ORDER BY n), '2') a "
                + "JOIN t b ON a.n = b.n + 1 WHERE a.n > 9998", "9999|9998"
        ),
        ("SELECT * FROM c_last(TABLE t, '5')", "42804: c_last wants inputs of one bigint column"),
        ("SELECT * FROM c_last((SELECT n FROM t), 'many')", "22023: c_last wants a number of rows"),
        (
            "SELECT * FROM c_last((SELECT n FROM t), 5)",
            "42804: the operator c_last takes queries and one constant text"
        ),
        (
            "SELECT * FROM bad_step((SELECT n FROM t), '1')",
            "XX000: an operator asks for input although all its inputs have ended"
        ),
    ])
    func stepsOfQueries(sql: String, expected: String) { #expect(rows(sql) == expected) }

    @Test func explainNamesThem() {
        let plan = rows("EXPLAIN SELECT * FROM c_last((SELECT n FROM t), '3')")
        #expect(plan.contains("Operator c_last"), "\(plan)")
        let logical = rows("EXPLAIN (LOGICAL) SELECT * FROM c_last((SELECT n FROM t), '3')")
        #expect(logical.contains("Operator c_last"), "\(logical)")
    }
}
