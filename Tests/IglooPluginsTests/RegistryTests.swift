// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import Testing

@testable import IglooPlugins

@Suite struct RegistryTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func nothingIsLoadedToListPlugins() throws {
        let path = try PluginFixtures.compile(into: folder, name: "libigloo-numbers.so")
        _ = try folder.write("igloo-torn.so", "ELF?")
        _ = try folder.write("README.md", "")
        let registry = PluginRegistry(directories: [folder.path])
        let listed = registry.describeAll()
        #expect(listed.map(\.id) == ["torn", "numbers"])
        #expect(listed[0].note == nil && listed[0].problem?.contains("ELF") == true)
        #expect(listed[1].path == path && listed[1].note?.version == "1.0")
        #expect(!listed[1].isLoaded)
        #expect(registry.connectorNames == ["numbers"])
        _ = try registry.connector(named: "numbers")
        #expect(registry.describeAll()[1].isLoaded)
    }

    @Test func aMissingPluginIsNamedWithAllPlaces() throws {
        let other = try TemporaryFolder()
        let registry = PluginRegistry(directories: [folder.path, other.path])
        let error = try failure { try registry.connector(named: "postgres") }
        #expect(error.code == .notFound)
        for words in [
            "\"postgres\"", "igloo-postgres.so", "libigloo-postgres.so", folder.path, other.path,
        ] {
            #expect(error.message.contains(words), "\(error)")
        }
        let file = try failure { try registry.connector(forFileExtension: "CSV") }
        #expect(file.message.contains(".csv") && file.message.contains("igloo-csv.so"), "\(file)")
        let function = try failure { try registry.connector(forFunction: "read_csv") }
        #expect(function.message.contains("igloo-csv.so"), "\(function)")
    }

    @Test func filesAreKnownByTheirNames() throws {
        _ = try PluginFixtures.compile(into: folder)
        let registry = PluginRegistry(directories: [folder.path])
        for path in ["a.num", "/x.y/b.NUM", "**/*.num", "c.num.gz", "d.e.num.zst"] {
            #expect(try registry.connector(forFile: path).name == "numbers")
        }
        for path in ["", "a", "/x.num/a", "num", "a.gz", "/"] {
            #expect(throws: IglooError.self, "\(path)") { try registry.connector(forFile: path) }
        }
    }

    @Test func aPluginThatComesLaterIsFound() throws {
        let registry = PluginRegistry(directories: [folder.path])
        #expect(throws: IglooError.self) { try registry.connector(named: "numbers") }
        _ = try PluginFixtures.compile(into: folder)
        #expect(try registry.connector(named: "numbers").name == "numbers")
        let near = try failure { try registry.connector(named: "number") }
        #expect(near.hint == "there is a connector \"numbers\"", "\(near)")
    }

    @Test func theManifestDecides() throws {
        let path = try PluginFixtures.compile(into: folder)
        func registry(_ text: String) throws -> PluginRegistry {
            PluginRegistry(
                manifest: try Manifest.parse("manifest = 1\n" + text, path: "\(folder.path)/m.toml")
            )
        }
        // Folders are searched for what is named; everything in them only if said so.
        #expect(throws: IglooError.self) {
            try registry("[plugins]\ndirs = [\".\"]").connector(named: "numbers")
        }
        for text in [
            "[plugins]\ndirs = [\".\"]\nauto = true",
            "[plugins]\ndirs = [\".\"]\n[[plugin]]\nid = \"numbers\"",
            "[[plugin]]\nid = \"numbers\"\npath = \"igloo-numbers.so\"",
        ] {
            #expect(try registry(text).connector(named: "numbers").name == "numbers")
        }
        let disabled = try failure {
            try registry(
                "[plugins]\ndirs = [\".\"]\nauto = true\n[[plugin]]\nid = \"numbers\"\nenabled = false"
            )
            .connector(named: "numbers")
        }
        #expect(disabled.hint?.contains("disables") == true, "\(disabled)")
        let wrong = try failure {
            try registry("[[plugin]]\nid = \"letters\"\npath = \"\(path)\"")
                .connector(named: "letters")
        }
        #expect(wrong.message.contains("is the plugin \"numbers\""), "\(wrong)")
        let missing = try failure {
            try registry("[[plugin]]\nid = \"letters\"\npath = \"gone.so\"").connector(
                named: "letters")
        }
        #expect(missing.message.contains("\(folder.path)/gone.so"), "\(missing)")
    }

    @Test func catalogsAreMade() throws {
        _ = try PluginFixtures.compile(into: folder)
        let manifest = try Manifest.parse(
            """
            manifest = 1
            [[plugin]]
            id = "numbers"
            options = { start = 4 }
            [catalog.good]
            connector = "numbers"
            [catalog.typo]
            connector = "numbers"
            strat = 5
            [catalog.none]
            connector = "nowhere"
            """, path: "/m.toml")
        let registry = PluginRegistry(manifest: manifest, directories: [folder.path])
        let context = CallContext()
        #expect(try registry.open(manifest.catalogs[0], context).listSchemas(context) == ["main"])
        let typo = try failure { try registry.open(manifest.catalogs[1], context) }
        #expect(
            typo.message.hasPrefix("/m.toml:9:9: ") && typo.hint == "did you mean \"start\"?",
            "\(typo)")
        let none = try failure { try registry.open(manifest.catalogs[2], context) }
        #expect(none.message.hasPrefix("/m.toml:10:10: catalog \"none\": "), "\(none)")
    }

    @Test func twoThatOfferTheSameAreAConflict() throws {
        let other = try TemporaryFolder()
        let path = try PluginFixtures.compile(into: folder)
        // Another plugin, whose note claims the same connector.
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let old = Array("id=numbers".utf8)
        let index = try #require(bytes.indices.first { bytes[$0...].starts(with: old) })
        bytes.replaceSubrange(index..<(index + old.count), with: Array("id=numberz".utf8))
        try other.write("igloo-numberz.so", bytes)
        let registry = PluginRegistry(directories: [folder.path, other.path])
        let error = try failure { try registry.connector(named: "numbers") }
        #expect(error.code == .conflict, "\(error)")
        #expect(error.message.contains(folder.path) && error.message.contains(other.path))
    }
}
