// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooConnectorTesting
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

    private static func withoutCarriageReturns(_ text: String) -> String {
        text.replacingOccurrences(of: "\r\n", with: "\n")
    }

    @Test func everyFile() throws {
        guard
            let names = try? FileManager.default.contentsOfDirectory(atPath: Self.folder + "/csvs")
        else {
            print("skipped: no csv-spectrum at \(Self.folder) (set IGLOO_SHARED)")
            return
        }
        // The expectation of location_coordinates has a telephone number that its file has not.
        for name in names.sorted()
        where name.hasSuffix(".csv") && name != "location_coordinates.csv" {
            let path = Self.folder + "/csvs/" + name
            let stem = name.dropLast(4)
            let data = try Data(
                contentsOf: URL(fileURLWithPath: Self.folder + "/json/\(stem).json"))
            let json = try JSONSerialization.jsonObject(with: data)
            // One expectation has line ends that its file has not.
            let list = try #require(json as? [[String: String]])
            let expected = list.map { $0.mapValues(Self.withoutCarriageReturns) }
            let answer = try readTable(
                path, ["all_varchar": .bool(true), "header": .bool(true)])
            let columns = answer.schema.fields.map(\.name)
            let found = answer.rows.map { row in
                Dictionary(
                    uniqueKeysWithValues: zip(
                        columns, row.map { Self.withoutCarriageReturns($0 ?? "") }))
            }
            #expect(found == expected, "\(name)")
        }
    }
}
