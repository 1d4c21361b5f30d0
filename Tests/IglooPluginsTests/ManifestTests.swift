// SPDX-License-Identifier: MIT

import IglooContracts
import Testing

@testable import IglooPlugins

@Suite struct ManifestTests {
    private func parse(_ text: String) throws -> Manifest {
        try Manifest.parse(text, path: "/etc/igloo/igloo.toml")
    }

    @Test func readsAll() throws {
        let manifest = try parse(
            """
            manifest = 1
            [plugins]
            dirs = ["/usr/lib/igloo", "local"]
            auto = true
            trust = "signed"
            keys = ["acme.pub"]
            [[plugin]]
            id = "acme"
            sha256 = "\(String(repeating: "0F", count: 32))"
            path = "acme/igloo-acme.so"
            options = { level = 3 }
            [[plugin]]
            id = "other"
            enabled = false
            [catalog.sales]
            connector = "acme"
            host = "db1"
            port = 5432
            ratio = 0.5
            on = true
            names = ["a", "b"]
            [catalog."My Files"]
            connector = "csv"
            """)
        #expect(manifest.directories == ["/usr/lib/igloo", "/etc/igloo/local"])
        #expect(manifest.isAutomatic)
        #expect(manifest.trust == .signed && manifest.keyPaths == ["/etc/igloo/acme.pub"])
        #expect(
            manifest.plugins[0].hash?.description == String(repeating: "0f", count: 32))
        #expect(manifest.plugins.map(\.id) == ["acme", "other"])
        #expect(manifest.plugins[0].path == "/etc/igloo/acme/igloo-acme.so")
        #expect(manifest.plugins[0].options.map(\.name) == ["level"])
        #expect(!manifest.plugins[1].isEnabled)
        #expect(manifest.catalogs.map(\.name) == ["sales", "My Files"])
        #expect(
            manifest.catalogs[0].options.map(\.value) == [
                .string("db1"), .integer(5432), .double(0.5), .bool(true), .list(["a", "b"]),
            ])
        #expect(manifest.catalogs[0].options[1].place == "/etc/igloo/igloo.toml:18:8")
        #expect(manifest.catalogs[0].options[0].folder == "/etc/igloo")
    }

    @Test(arguments: [
        ("manifest = 1\nplugin = ", "2:10", "", nil),
        ("[plugins]\nauto = true", "1:1", "version", "manifest = 1"),
        ("manifest = 2", "1:12", "version 1", nil),
        ("manifest = 1\n[plugnis]", "2:2", "unknown key \"plugnis\"", "did you mean \"plugins\"?"),
        (
            "manifest = 1\n[plugins]\ndir = []", "3:1", "\"dir\" in [plugins]",
            "did you mean \"dirs\"?"
        ),
        ("manifest = 1\n[plugins]\ndirs = \"x\"", "3:8", "a list of texts, not a text", nil),
        ("manifest = 1\n[plugins]\ndirs = [1]", "3:9", "must be a text, not a number", nil),
        ("manifest = 1\n[plugins]\nauto = 1", "3:8", "true or false, not a number", nil),
        (
            "manifest = 1\n[plugins]\ntrust = \"anny\"", "3:9", "trust is one of",
            "did you mean \"any\"?"
        ),
        ("manifest = 1\n[host]", "2:2", "not supported by this build", nil),
        ("manifest = 1\n[secrets.vault]", "2:10", "of which plugin", "plugin = \"vault\""),
        ("manifest = 1\n[secrets.env]\nplugin = \"x\"", "2:10", "cannot be called \"env\"", nil),
        (
            "manifest = 1\n[secrets.a]\nplugin = \"a\"\nkey = { secret = \"b:c\" }", "2:10",
            "come from file: or env:", nil
        ),
        ("manifest = 1\n[plugin]\nid = \"a\"", "2:2", "a list of tables", "write [[plugin]]"),
        ("manifest = 1\n[[plugin]]\npath = \"x\"", "2:1", "needs an id", nil),
        ("manifest = 1\n[[plugin]]\nid = \"A b\"", "3:6", "no id of a plugin", nil),
        ("manifest = 1\n[[plugin]]\nid = \"a\"\n[[plugin]]\nid = \"a\"", "4:1", "named twice", nil),
        (
            "manifest = 1\n[[plugin]]\nid = \"a\"\nsha256 = \"x\"", "4:10",
            "64 hexadecimal digits", "igloo plugin pin"
        ),
        (
            "manifest = 1\n[catalog.x]\nconector = \"csv\"", "2:10", "which connector",
            "\"conector\""
        ),
        ("manifest = 1\n[catalog.x]\nconnector = 5", "3:13", "must be a text", nil),
        ("manifest = 1\n[catalog.x]\nconnector = \"c\"\np = \"${HOME}/x\"", "4:5", "${...}", nil),
        (
            "manifest = 1\n[catalog.x]\nconnector = \"c\"\np = { secret = \"hunter2\" }", "4:16",
            "provider:reference", "env:PASSWORD"
        ),
        (
            "manifest = 1\n[catalog.x]\nconnector = \"c\"\npushdown.limit = false", "4:1",
            "not supported", nil
        ),
        (
            "manifest = 1\n[catalog.x]\nconnector = \"c\"\np = { a = 1 }", "4:1",
            "cannot be a table", nil
        ),
        (
            "manifest = 1\n[catalog.x]\nconnector = \"c\"\nd = 1979-05-27", "4:5", "date or time",
            nil
        ),
        ("manifest = 1\nmanifest = 1", "2:12", "redefine", nil),
    ])
    func errorsNameThePlace(text: String, place: String, words: String, hint: String?) throws {
        let error = try failure { try parse(text) }
        #expect(error.message.hasPrefix("/etc/igloo/igloo.toml:\(place): "), "\(error)")
        #expect(error.message.contains(words), "\(error)")
        if let hint { #expect(error.hint?.contains(hint) == true, "\(error)") }
    }

    @Test func filesAreReadAndMissed() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("m.toml", "manifest = 1\n[plugins]\ndirs = [\"plugins\"]")
        #expect(try Manifest.read(path: path).directories == ["\(folder.path)/plugins"])
        #expect(try failure { try Manifest.read(path: path + "x") }.code == .notFound)
        let binary = try folder.write("b.toml", [0xFF, 0xFE])
        #expect(try failure { try Manifest.read(path: binary) }.message.contains("UTF-8"))
        #expect(throws: IglooError.self) { try Manifest.read(path: folder.path) }
    }

    /// Deeply nested and odd documents end in an error, never in a crash.
    @Test func hostileDocuments() throws {
        let deep = "manifest = 1\nx = " + String(repeating: "[", count: 100_000)
        #expect(throws: IglooError.self) { try parse(deep) }
        #expect(throws: IglooError.self) { try parse("a\0b = 1") }
        #expect(throws: IglooError.self) { try parse("x = \"\\uD800\"") }
        #expect(throws: IglooError.self) { try parse("x = 99999999999999999999999") }
    }
}
