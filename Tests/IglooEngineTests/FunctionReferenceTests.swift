// SPDX-License-Identifier: MIT

import Foundation
import IglooEngine
import IglooEngineTesting
import IglooPlan
import IglooSQLLogic
import Testing

/// The table of functions: its examples, its page, and itself as a table.
@Suite struct FunctionReferenceTests {
    @Test func everyExampleGivesItsResult() throws {
        let session = try EngineSession()
        for entry in FunctionTable.entries {
            guard let (call, result) = entry.example else { continue }
            switch session.run("SELECT \(call)") {
            case .rows(let rows, _):
                let found = rows.first?.first ?? nil
                #expect(found ?? "" == result, "\(call)")
            case .failure(let state, let message):
                Issue.record("\(call): \(state) \(message)")
            case .done: Issue.record("\(call) gives no rows")
            }
        }
    }

    /// With `IGLOO_COMPLETE=1` in the environment the page is written anew.
    @Test func pageIsTrue() throws {
        let path = Places.root.appendingPathComponent("docs/sql/functions.md")
        if ProcessInfo.processInfo.environment["IGLOO_COMPLETE"] != nil {
            try Data(FunctionReference.page.utf8).write(to: path)
            return
        }
        let found = try String(contentsOf: path, encoding: .utf8)
        #expect(
            found == FunctionReference.page,
            "docs/sql/functions.md is old: run this test with IGLOO_COMPLETE=1")
    }

    @Test func functionsAreATable() throws {
        let session = try EngineSession()
        let sql = """
            SELECT signature, example, result FROM igloo_functions() WHERE name = 'levenshtein'
            """
        guard case .rows(let rows, 3) = session.run(sql) else {
            Issue.record("no rows of igloo_functions()")
            return
        }
        #expect(rows == [["(text, text) -> bigint", "levenshtein('kitten', 'sitting')", "3"]])
    }

    @Test func namesAreUnique() {
        var seen: Set<String> = []
        for entry in FunctionTable.entries {
            #expect(seen.insert(entry.name).inserted, "\(entry.name) is there twice")
        }
    }
}
