// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooContracts
import IglooFiles
import IglooParquet
import Testing

/// The files of apache/parquet-testing, compared with what pyarrow reads from them.
@Suite(
    .enabled(
        if: Places.shared != nil, "no shared test data: set IGLOO_SHARED to its folder"),
    .enabled(if: Places.python != nil, "no Python with pyarrow: set IGLOO_PYTHON"))
struct CorpusTests {
    static let folder = Places.shared?.appendingPathComponent("corpora/parquet-testing")

    static func files(_ name: String) -> [String] {
        guard let folder = folder?.appendingPathComponent(name) else { return [] }
        return Places.names(folder).map { folder.appendingPathComponent($0 + ".parquet").path }
    }

    static let good = files("data") + files("data/geospatial")

    /// Its two texts of 1 GiB each are more than a test should read.
    static let tooLarge = ["large_string_map.brotli.parquet"]

    @Test(arguments: good)
    func `a good file reads as pyarrow reads it`(path: String) throws {
        let name = (path as NSString).lastPathComponent
        if Self.tooLarge.contains(name) { return }
        var options = ParquetOptions()
        options.checksPages = !name.contains("corrupt")
        let file = try ParquetFile(try FileReader(path: path), options)
        let rows = Rendering.rows(try readAll(file))
        let expected = try Places.reference(path)
        #expect(rows.count == expected.count)
        for (index, (row, wanted)) in zip(rows, expected).enumerated() where row != wanted {
            Issue.record("row \(index): \(row) instead of \(wanted)")
            break
        }
    }

    @Test(arguments: files("bad_data"))
    func `a bad file is an error that names it`(path: String) throws {
        let error = #expect(throws: IglooError.self) {
            _ = try readAll(try ParquetFile(try FileReader(path: path)))
        }
        #expect(error?.code == .invalidData)
        #expect(error?.message.contains(path) == true)
    }

    @Test func `encrypted files and columns are not supported, and said to be so`() throws {
        guard let folder = Self.folder?.appendingPathComponent("data") else { return }
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        let encrypted = names.filter { $0.hasSuffix(".encrypted") }
        #expect(!encrypted.isEmpty)
        for name in encrypted {
            let path = folder.appendingPathComponent(name).path
            let error = #expect(throws: IglooError.self) {
                _ = try readAll(try ParquetFile(try FileReader(path: path)))
            }
            #expect(error?.code == .unsupported, "\(name)")
            #expect(error?.message.contains("encrypted") == true, "\(name)")
        }
    }
}
