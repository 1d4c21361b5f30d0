// SPDX-License-Identifier: MIT

import Foundation
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// The files of Tests/Plans, one for each rule of the planner: what it makes of plans.
///
/// A file has paragraphs. `setup` is followed by statements, one a line; `query` by a query, and
/// that by the plan without any rule (`---- before`) and with this rule alone (`---- after`). With
/// `IGLOO_COMPLETE=1` in the environment the plans are replaced by those that the planner makes.
@Suite struct PlanFileTests {
    private static let folder = Places.root.appendingPathComponent("Tests/Plans").path

    static let names =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { $0.hasSuffix(".plan") }.sorted()

    private static let rules = names.map { String($0.dropLast(".plan".count)) }

    @Test(arguments: names)
    func plansAreAsWritten(name: String) throws {
        let path = "\(Self.folder)/\(name)"
        let text = try Places.text(path)
        let session = try EngineSession()
        var paragraphs: [String] = []
        for paragraph in text.components(separatedBy: "\n\n") {
            let all = paragraph.split(separator: "\n").map(String.init)
            let comments = all.prefix { $0.hasPrefix("#") }
            let lines = Array(all.dropFirst(comments.count))
            switch lines.first {
            case "setup":
                for statement in lines.dropFirst() {
                    if case .failure(_, let message) = session.run(statement) {
                        Issue.record("\(name): \(statement)\n\(message)")
                    }
                }
                paragraphs.append(paragraph)
            case "query":
                let text = try planned(lines, by: name, session)
                paragraphs.append((comments + [text]).joined(separator: "\n"))
            default: paragraphs.append(paragraph)
            }
        }
        let found = paragraphs.joined(separator: "\n\n").trimmingCharacters(in: .newlines) + "\n"
        if ProcessInfo.processInfo.environment["IGLOO_COMPLETE"] != nil {
            try Data(found.utf8).write(to: URL(fileURLWithPath: path))
            return
        }
        for (wanted, found) in zip(
            text.components(separatedBy: "\n\n"), found.components(separatedBy: "\n\n"))
        where wanted.trimmingCharacters(in: .newlines) != found.trimmingCharacters(in: .newlines) {
            Issue.record("\(name): written\n\(wanted)\nfound\n\(found)")
        }
    }

    /// The paragraph of a query with the plans that the planner makes.
    private func planned(
        _ lines: [String], by name: String, _ session: EngineSession
    ) throws -> String {
        let sql = lines.dropFirst().prefix { !$0.hasPrefix("----") }.joined(separator: "\n")
        let rule = name.dropLast(".plan".count)
        var text = "query\n\(sql)"
        for (heading, disabled) in [
            ("before", Self.rules), ("after", Self.rules.filter { $0 != rule }),
        ] {
            let list = disabled.joined(separator: ", ")
            if case .failure(_, let message) = session.run("SET disabled_rules = '\(list)'") {
                Issue.record("\(message)")
            }
            let outcome = session.run("EXPLAIN (LOGICAL) \(sql)")
            guard case .rows(let rows, _) = outcome else {
                Issue.record("\(name): \(sql)\n\(outcome)")
                continue
            }
            text += "\n---- \(heading)\n"
            text += rows.compactMap { $0[0] }.joined(separator: "\n")
        }
        return text
    }

    @Test func everyRuleHasItsFile() throws {
        let folder = Places.root.appendingPathComponent("Core/IglooPlanner/Rules").path
        var missing: [String] = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let source = try Places.text("\(folder)/\(file)")
            guard source.contains("PlannerRule {"),
                let match = source.firstMatch(of: /let name = "([a-z_]+)"/)
            else { continue }
            if !Self.rules.contains(String(match.1)) { missing.append(String(match.1)) }
        }
        #expect(missing.isEmpty, "no Tests/Plans/\(missing).plan")
    }
}
