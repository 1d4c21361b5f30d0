// SPDX-License-Identifier: MIT

import Foundation
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// The 22 queries of TPC-H over Parquet files of scale 0.01, against the answers beside them.
@Suite(.enabled(if: Places.corpora != nil, "the shared corpora are absent: set IGLOO_SHARED"))
struct TPCHTests {
    private static let tables = [
        "customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier",
    ]

    @Test(arguments: 1...22)
    func theAnswerIsRight(number: Int) throws {
        let folder = try #require(Places.corpora) + "/tpch"
        let name = number < 10 ? "q0\(number)" : "q\(number)"
        let session = try EngineSession()
        for table in Self.tables {
            let path = "\(folder)/data/sf0.01/\(table).parquet"
            guard case .done = session.run("CREATE VIEW \(table) AS SELECT * FROM '\(path)'") else {
                Issue.record("no view of \(path)")
                return
            }
        }
        let query = try Places.text("\(folder)/queries/\(name).sql")
        let answer = try Places.text("\(folder)/answers/sf0.01/\(name).csv")
        guard case .rows(let rows, _) = session.run(query) else {
            Issue.record("\(name): \(session.run(query))")
            return
        }
        let expected = Self.rows(answer)
        #expect(rows.count == expected.count)
        for (index, (found, wanted)) in zip(rows, expected).enumerated() {
            let isSame =
                found.count == wanted.count
                && zip(found, wanted).allSatisfy { Self.agree($0 ?? "", $1) }
            #expect(isSame, "\(name), row \(index + 1): \(found), not \(wanted)")
        }
    }

    /// A line of names, then rows of values with `|` between them.
    private static func rows(_ text: String) -> [[String]] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map {
            $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private static func agree(_ found: String, _ wanted: String) -> Bool {
        found == wanted || ResultComparison.areClose(wanted, found)
    }
}
