// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import IglooEngine
import IglooEngineTesting
import Testing

/// The examples of pages of docs/sql, run one after the other in one session for each page.
///
/// With `IGLOO_COMPLETE=1` in the environment the answers in the pages are written anew.
@Suite struct SQLPagesTests {
    @Test(arguments: ["statements", "types"])
    func everyExampleAnswersAsWritten(_ name: String) throws {
        let path = Places.root.appendingPathComponent("docs/sql/\(name).md").path
        let page = try Places.text(path)
        let folder = NSTemporaryDirectory() + "igloo-statements-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let made = try Self.completed(page, EngineSession(), folder)
        if ProcessInfo.processInfo.environment["IGLOO_COMPLETE"] != nil {
            try Data(made.utf8).write(to: URL(fileURLWithPath: path))
            return
        }
        let lines = zip(page.split(separator: "\n"), made.split(separator: "\n"))
        for (written, answered) in lines where written != answered {
            Issue.record("docs/sql/\(name).md says '\(written)', Igloo '\(answered)'")
            return
        }
        #expect(page == made)
    }

    /// The page with the engine's answers behind each statement.
    private static func completed(
        _ page: String, _ session: EngineSession, _ folder: String
    ) throws -> String {
        var output: [Substring] = []
        var isSQL = false
        var statement = ""
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isSQL = line == "```sql" }
            if isSQL && line.hasPrefix("-- ") { continue }
            output.append(line)
            guard isSQL, !line.hasPrefix("```") else { continue }
            statement += line + "\n"
            guard line.hasSuffix(";") else { continue }
            output += answer(to: placed(statement, folder), session).map { "-- \($0)"[...] }
            statement = ""
        }
        return output.joined(separator: "\n")
    }

    /// Files of the page stand in a folder of their own.
    private static func placed(_ sql: String, _ folder: String) -> String {
        sql.replacing(/'(\w+\.(?:csv|json|parquet|txt))'/) { "'\(folder)/\($0.1)'" }
    }

    private static func answer(to sql: String, _ session: EngineSession) -> [String] {
        do throws(IglooError) {
            switch try session.session.execute(sql) {
            case .done(let tag): return [tag]
            case .rows(let stream):
                var lines: [String] = []
                while let batch = try stream.next() {
                    for row in try session.texts(of: batch) {
                        lines.append(row.map { $0 ?? "NULL" }.joined(separator: " | "))
                    }
                }
                return lines + (stream.tag.map { [$0] } ?? [])
            }
        } catch {
            return ["ERROR \(error.sqlState.rawValue): \(error.message)"]
        }
    }
}
