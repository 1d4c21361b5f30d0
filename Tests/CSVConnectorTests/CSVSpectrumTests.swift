// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooContracts
import Testing

@testable import CSVConnector

/// The corpus csv-spectrum: every file must read as the JSON beside it.
@Suite struct CSVSpectrumTests {
    private static var folder: String {
        let shared =
            ProcessInfo.processInfo.environment["IGLOO_SHARED"]
            ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../shared").standardizedFileURL.path
        return shared + "/corpora/csv/csv-spectrum"
    }

    @Test func everyFile() throws {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: Self.folder + "/csvs")
        else {
            print("skipped: no csv-spectrum at \(Self.folder) (set IGLOO_SHARED)")
            return
        }
        for name in names.sorted() where name.hasSuffix(".csv") {
            let path = Self.folder + "/csvs/" + name
            let stem = name.dropLast(4)
            let data = try Data(
                contentsOf: URL(fileURLWithPath: Self.folder + "/json/\(stem).json"))
            guard let expected = try? JSONSerialization.jsonObject(with: data) as? [[String: String]]
            else {
                // One file is Latin-1, and its expectation too.
                #expect(failure { _ = try readTable(path) }?.message.contains("UTF-8") == true)
                continue
            }
            let answer = try readTable(
                path, ["all_varchar": .bool(true), "header": .bool(true)])
            let columns = answer.schema.fields.map(\.name)
            let found = answer.rows.map { row in
                Dictionary(uniqueKeysWithValues: zip(columns, row.map { $0 ?? "" }))
            }
            #expect(found == expected, "\(name)")
        }
    }
}
