// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import IglooPlugins
import Testing

@testable import IglooConformance

@Suite struct ConfigurationTests {
    private func read(_ text: String) throws -> Configuration {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-conformance-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("conformance.toml").path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return try Configuration.read(path: path, target: "/target")
    }

    private func problem(_ text: String) -> String {
        do {
            _ = try read(text)
        } catch {
            return "\(error)"
        }
        return "none"
    }

    @Test func everythingIsRead() throws {
        let configuration = try read(
            """
            conformance = 1
            connector = "acme"
            libraries = ["libpq.so.5"]
            timeout = 99
            cancel_within = 2000
            [options]
            path = "{target}/a.db"
            port = 5432
            [bad_endpoint]
            port = 1
            [data]
            load = "cmd:./seed.sh"
            unload = "cmd:./drop.sh"
            alter = "cmd:./alter.sh"
            schema = "main"
            big_rows = 1000
            [tables]
            core = "{target}/core.x"
            [types.core]
            int8 = "int64"
            [lost]
            nested = "it has none"
            [lost.core]
            null = "nobody needs it"
            [[waiver]]
            check = "elf.nodelete"
            reason = "old linker"
            ticket = "#1"
            expires = "2999-12-31"
            """)
        #expect(configuration.connector == "acme" && configuration.libraries == ["libpq.so.5"])
        #expect(configuration.timeoutSeconds == 99 && configuration.cancelMilliseconds == 2_000)
        #expect(configuration.options.map(\.value) == [.string("/target/a.db"), .integer(5_432)])
        #expect(configuration.badEndpoint?.map(\.name) == ["port"])
        #expect(configuration.loadCommand == "./seed.sh" && configuration.schema == "main")
        #expect(configuration.unloadCommand == "./drop.sh")
        #expect(configuration.alterCommand == "./alter.sh" && configuration.bigRowCount == 1_000)
        #expect(configuration.tables == ["core": "/target/core.x"])
        #expect(configuration.types == ["core.int8": "int64"])
        #expect(
            configuration.lost == ["nested": "it has none", "core.null": "nobody needs it"])
        #expect(configuration.waivers.map(\.check) == ["elf.nodelete"])
    }

    @Test func mistakesAreNamedWithTheirPlace() {
        #expect(problem("").contains("conformance = 1"))
        #expect(problem("conformance = 2").contains(":1:1: this kit reads version 1 only"))
        #expect(problem("conformance = 1\nwavier = 1").contains("did you mean \"waiver\""))
        #expect(problem("conformance = 1\ntimeout = 0").contains(":2:1"))
        #expect(problem("conformance = 1\n[data]\nload = \"seed\"").contains("cmd:"))
        #expect(problem("conformance = 1\n[data]\nload = \"write-facet\"").contains("written to"))
        #expect(problem("conformance = 1\n[options]\nx = { a = 1 }").contains("no option is"))
        #expect(
            problem("conformance = 1\n[[waiver]]\ncheck = \"elf.nodelete\"").contains("a reason"))
        #expect(problem("conformance = 1\n[[waiver]]\ncheck = \"nothing\"").contains("no check"))
        #expect(problem("conformance = ").contains(":1:"))
    }
}
