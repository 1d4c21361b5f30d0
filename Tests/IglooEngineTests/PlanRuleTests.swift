// SPDX-License-Identifier: MIT

import Foundation
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// The files of Tests/SQL/Plans: what each rule of the planner does, as the plan without it and the
/// plan with it. A file is named after its rule; it begins with the statements that make its tables.
///
/// With `IGLOO_COMPLETE=1` in the environment the plans in the files are replaced by those that the
/// planner makes; look at the difference before it is committed.
@Suite struct PlanRuleTests {
    private static let folder = Places.root.appendingPathComponent("Tests/SQL/Plans").path

    static let rules =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { $0.hasSuffix(".plans") }.map { String($0.dropLast(".plans".count)) }.sorted()

    /// Blocks of lines with empty lines between them.
    private struct Block {
        var comment: String
        var sql: String
        var before: String?
        var after: String?

        init(_ lines: ArraySlice<String>) {
            let parts = lines.split(whereSeparator: { $0.hasPrefix("----") })
            let head = parts.first ?? []
            comment = head.filter { $0.hasPrefix("#") }.joined(separator: "\n")
            sql = head.filter { !$0.hasPrefix("#") }.joined(separator: "\n")
            before = parts.count > 1 ? parts[1].joined(separator: "\n") : nil
            after = parts.count > 2 ? parts[2].joined(separator: "\n") : nil
        }

        /// Whether it shows plans; what makes tables only runs.
        var isQuery: Bool {
            let word = sql.lowercased().prefix { $0.isLetter }
            return ["select", "with", "from"].contains(word)
        }

        var text: String {
            var lines = comment.isEmpty ? [] : [comment]
            if !sql.isEmpty { lines.append(sql) }
            if let before { lines += ["---- before", before] }
            if let after { lines += ["---- after", after] }
            return lines.joined(separator: "\n")
        }
    }

    @Test func everyRuleHasAFile() throws {
        #expect(
            Set(Self.rules)
                == [
                    "boolean_simplification", "constant_folding", "join_ordering",
                    "predicate_pushdown", "projection_pruning", "recursion_invariants",
                    "shared_filters", "shared_inlining",
                ])
    }

    @Test(arguments: rules)
    func everyPlanIsAsWritten(rule: String) throws {
        let path = "\(Self.folder)/\(rule).plans"
        let isCompleting = ProcessInfo.processInfo.environment["IGLOO_COMPLETE"] != nil
        let session = try EngineSession()
        let lines = try Places.text(path).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        var texts: [String] = []
        for block in lines.split(separator: "") {
            var block = Block(block)
            if block.isQuery {
                let before = try plan(of: block.sql, without: rule, session)
                let after = try plan(of: block.sql, without: "", session)
                #expect(before != after, "\(rule) does nothing to \(block.sql)")
                if !isCompleting {
                    #expect(before == block.before, "\(block.sql)")
                    #expect(after == block.after, "\(block.sql)")
                }
                (block.before, block.after) = (before, after)
            } else if !block.sql.isEmpty, case .failure(_, let message) = session.run(block.sql) {
                Issue.record("\(block.sql): \(message)")
            }
            texts.append(block.text)
        }
        if isCompleting {
            let text = texts.joined(separator: "\n\n") + "\n"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        }
    }

    private func plan(
        of sql: String, without rule: String, _ session: EngineSession
    ) throws -> String {
        _ = session.run("SET disabled_rules = '\(rule)'")
        guard case .rows(let rows, _) = session.run("EXPLAIN (LOGICAL) \(sql)") else {
            Issue.record("no plan of \(sql)")
            return ""
        }
        return rows.map { $0.map { $0 ?? "" }.joined() }.joined(separator: "\n")
    }
}
