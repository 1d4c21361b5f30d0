// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooContracts
import Testing

@testable import IglooPlugins

/// The plugins of this repository, through the loader, as a host meets them.
@Suite struct OwnPluginsTests {
    private static let ids = ["csv", "json", "parquet", "sqlite"]

    private var registry: PluginRegistry {
        PluginRegistry(directories: [Folders.folder(of: PluginFixtures.memoryPlugin)])
    }

    @Test(arguments: ids)
    func isProperlyBuiltAndAgreesWithItsNote(id: String) throws {
        let listing = try #require(registry.describeAll().first { $0.id == id })
        #expect(listing.problem == nil)
        let note = try #require(listing.note)
        #expect(note.runtime == "swift-static")
        let kind = try registry.connector(named: id)
        // Files that need no catalog are found by their names and by functions.
        #expect(note.fileExtensions.isEmpty == !kind.capabilities.contains(.readsFiles))
        #expect(note.functions.isEmpty == note.fileExtensions.isEmpty)
        for function in note.functions {
            #expect(try registry.connector(forFunction: function).name == kind.name)
        }
        for fileExtension in note.fileExtensions {
            #expect(try registry.connector(forFile: "x.\(fileExtension)").name == kind.name)
        }
        let image = try ELFImage(FileByteSource(path: listing.path))
        #expect(!image.needed.contains { $0.contains("libswift") || $0.contains("Foundation") })
    }

    @Test(arguments: ids)
    func theGuideNamesEveryOption(id: String) throws {
        let path = "\(PluginFixtures.root)/docs/guides/connectors.md"
        let guide = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        let chapter = try #require(
            guide.components(separatedBy: "\n## ").first { $0.hasPrefix("\(id)\n") })
        for option in try registry.connector(named: id).options {
            #expect(chapter.contains("| `\(option.name)` |"), "\(option.name)")
        }
    }

    @Test func aFileIsRead() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("people.csv", "name,age\nada,36\ngrace,85\n")
        let context = CallContext()
        let connector = try registry.makeConnector(
            try registry.connector(forFile: path), options: [], context)
        let table = try connector.openTable(schema: "", name: path, context)
        #expect(table.schema.fields.map(\.name) == ["name", "age"])
        let answer = try connector.plan(
            ScanRequest(table: table.handle, columns: [1, 0]), context)
        var rows: [[Scalar]] = []
        let splits = try connector.splits(
            handle: answer.handle, targetByteCount: 1 << 20, context)
        while let page = try splits.next(countMax: 8, context) {
            for split in page {
                let reader = try connector.open(
                    handle: answer.handle, split: split.payload, context)
                while let batch = try reader.next(context) {
                    try batch.validate(.full)
                    for row in 0..<batch.rowCount {
                        rows.append(batch.columns.map { $0.scalar(at: row) })
                    }
                }
            }
        }
        #expect(rows == [[.int(36), .text("ada")], [.int(85), .text("grace")]])
        let missing = try failure {
            try connector.openTable(schema: "", name: "\(folder.path)/peopel.csv", context)
        }
        #expect(missing.origin == "csv", "\(missing)")
    }
}
