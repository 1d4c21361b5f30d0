// SPDX-License-Identifier: MIT

import Testing

/// `igloo config ...`
@Suite struct ConfigCommandTests {
    private let place: CommandProcess

    init() throws { place = try CommandProcess() }

    @Test func everythingWrongIsTold() throws {
        try place.compile()
        try place.write(
            "m.toml",
            """
            manifest = 1
            [[plugin]]
            id = "numbers"
            path = "igloo-numbers.so"
            [[plugin]]
            id = "gone"
            [catalog.a]
            connector = "numbers"
            strat = 5
            [catalog.b]
            connector = "sqlite"
            busy_timeout = "soon"
            [catalog.c]
            connector = "numbres"
            """)
        let outcome = try place.igloo("config", "check", "--manifest", "m.toml")
        #expect(outcome.status == 1, "\(outcome)")
        for words in [
            "the plugin \"gone\" is missing", "m.toml:9:9: ", "did you mean \"start\"?",
            "m.toml:12:16: option \"busy_timeout\"", "takes a time",
            "there is a connector \"numbers\"",
        ] {
            #expect(outcome.errors.contains(words), "\(words): \(outcome)")
        }
        try place.write("bad.toml", "manifest = 1\n[plugins]\nauto = 1\n")
        let bad = try place.igloo("config", "check", "--manifest", "bad.toml")
        #expect(bad.status == 1 && bad.errors.contains("bad.toml:3:8: "), "\(bad)")
        let none = try place.igloo("config", "check")
        #expect(none.status == 1 && none.errors.contains("--manifest FILE"), "\(none)")
    }

    @Test func goodManifestsAreConnectedOnDemand() throws {
        try place.write(
            "m.toml",
            "manifest = 1\n[catalog.shop]\nconnector = \"sqlite\"\npath = \"shop.sqlite\"\n")
        let good = try place.igloo("config", "check", "--manifest", "m.toml")
        #expect(good.status == 0, "\(good)")
        #expect(good.output == "m.toml: 1 catalogs, 0 plugins, nothing to complain about\n")
        let gone = try place.igloo("config", "check", "--manifest", "m.toml", "--connect")
        #expect(gone.status == 1 && gone.errors.contains("shop.sqlite"), "\(gone)")
    }

    @Test func optionsAreExplained() throws {
        try place.write(
            "m.toml",
            """
            manifest = 1
            [[plugin]]
            id = "postgres"
            options = { max_connections = 3 }
            [catalog.db]
            connector = "postgres"
            host = "db1"
            password = "hunter2"
            """)
        let outcome = try place.igloo("config", "explain", "catalog.db", "--manifest", "m.toml")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("= db1"), "\(outcome)")
        #expect(outcome.output.contains("m.toml:7:8"), "\(outcome)")
        #expect(outcome.output.contains("m.toml:4:31, for the whole plugin"), "\(outcome)")
        #expect(outcome.output.contains("= ***") && !outcome.output.contains("hunter2"))
        #expect(outcome.output.contains("default"), "\(outcome)")
        let near = try place.igloo("config", "explain", "catalog.bd", "--manifest", "m.toml")
        #expect(near.status == 1 && near.errors.contains("did you mean \"db\"?"), "\(near)")
    }
}
