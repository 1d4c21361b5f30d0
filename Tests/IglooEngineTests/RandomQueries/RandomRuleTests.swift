// SPDX-License-Identifier: MIT

import Foundation
import IglooArrowTesting
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// Rules change how a query is run, never what it gives: random queries with all rules and without
/// some or all of them.
///
/// `IGLOO_QUERIES` says how many, `IGLOO_SEED` repeats a run.
struct RandomRuleTests {
    private static let environment = ProcessInfo.processInfo.environment

    /// As `SET disabled_rules` names them.
    private static let rules = [
        "boolean_simplification", "predicate_pushdown", "join_ordering", "constant_folding",
        "projection_pruning", "shared_inlining", "shared_filters", "recursion_invariants",
    ]

    @Test func rowsAreTheSameWithoutRules() throws {
        let wanted = Self.environment["IGLOO_QUERIES"].flatMap { Int($0) } ?? 300
        let seed = Self.environment["IGLOO_SEED"].flatMap { UInt64($0) } ?? 2026
        var findings: [String] = []
        var count = 0
        var round: UInt64 = 0
        while count < wanted {
            var queries = RandomQueries(seed: seed &* 1_000_003 &+ round)
            var generator = SeededGenerator(seed: seed &+ round)
            round += 1
            let engine = try EngineSession()
            let setup = queries.tables.flatMap(\.definition)
            for statement in setup { _ = engine.run(statement) }
            for _ in 0..<25 {
                count += 1
                let sql = queries.query()
                let isBare = Int.random(in: 0..<3, using: &generator) == 0
                let disabled = Self.rules.filter { _ in
                    isBare || Bool.random(using: &generator)
                }
                _ = engine.run("SET disabled_rules = '\(disabled.joined(separator: ","))'")
                let plain = engine.run(sql)
                _ = engine.run("RESET disabled_rules")
                guard let reason = difference(engine.run(sql), plain, sql) else { continue }
                findings.append(
                    (setup + [sql, "without \(disabled): \(reason)"]).joined(separator: ";\n"))
            }
        }
        for finding in findings.prefix(5) { Issue.record("\(finding)") }
        #expect(findings.isEmpty, "seed \(seed): \(findings.count) of \(count) differ")
    }

    private func difference(
        _ ruled: LogicOutcome, _ plain: LogicOutcome, _ sql: String
    ) -> String? {
        switch plain {
        case .rows(let rows, _):
            return QueryDifference.between(
                ruled, DuckDBPeer.Answer(rows: rows, error: nil), sql)
        case .failure(let state, let message):
            // Values of rows that a rule takes away early may fail without it.
            if state.hasPrefix("22") { return nil }
            if case .failure(state, _) = ruled { return nil }
            return "\(state) \(message)"
        case .done: return "rows were expected"
        }
    }
}
