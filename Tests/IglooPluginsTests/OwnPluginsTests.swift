// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooContracts
import Testing

@testable import IglooPlugins

/// The plugins of this repository, through the loader, as a host meets them.
@Suite struct OwnPluginsTests {
    private static let ids = ["csv", "json", "parquet", "sqlite", "postgres"]

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

    @Test func theGuideListsTheOptionsAsTheyAre() throws {
        try expectGuide("connectors.md") { guide in
            var chapters = guide.components(separatedBy: "\n## ")
            for id in Self.ids {
                let chapter = try #require(chapters.firstIndex { $0.hasPrefix("\(id)\n") })
                chapters[chapter] = try withOptions(
                    try registry.connector(named: id).options, chapters[chapter])
            }
            return chapters.joined(separator: "\n## ")
        }
        try expectGuide("http.md") { guide in
            try withOptions(registry.kind(FrontEndKind.self, named: "http").options, guide)
        }
    }

    /// `IGLOO_REWRITE_GUIDES=1` writes what is expected into the guide.
    private func expectGuide(_ name: String, _ expected: (String) throws -> String) throws {
        let url = URL(fileURLWithPath: "\(PluginFixtures.root)/docs/guides/\(name)")
        let guide = try String(contentsOf: url, encoding: .utf8)
        let expected = try expected(guide)
        if ProcessInfo.processInfo.environment["IGLOO_REWRITE_GUIDES"] != nil {
            try expected.write(to: url, atomically: true, encoding: .utf8)
        }
        #expect(guide == expected)
    }

    /// The text with the rows of its one table of options as they are.
    private func withOptions(_ options: [OptionSpecification], _ text: String) throws -> String {
        let heading = "| Option | Values | Default | |\n|---|---|---|---|\n"
        var parts = text.components(separatedBy: heading)
        try #require(parts.count == 2, "there is one table of options")
        let rest = parts[1].split(separator: "\n", omittingEmptySubsequences: false)
            .drop { $0.hasPrefix("|") }.joined(separator: "\n")
        parts[1] = options.map(guideRow).joined() + rest
        return parts.joined(separator: heading)
    }

    private func guideRow(_ option: OptionSpecification) -> String {
        let values =
            switch option.type {
            case .string: "text"
            case .secret: "text, secret"
            case .bool: "true, false"
            case .integer, .double: "number"
            case .duration: "duration"
            case .byteCount: "size"
            case .choice: option.allowed.joined(separator: ", ")
            case .list: "list"
            case .path: "path"
            }
        let usual = option.defaultText.map { $0.isEmpty ? "" : "`\($0)`" } ?? ""
        let name = "`\(option.name)`" + (option.flags.contains(.required) ? ", required" : "")
        return "| \(name) | \(values) | \(usual) | \(option.documentation) |\n"
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
