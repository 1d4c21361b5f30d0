// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
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
        #expect(
            configuration.kind == "connector" && configuration.kindName == "acme"
                && configuration.libraries == ["libpq.so.5"])
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

    @Test func otherKindsAreRead() throws {
        let functions = try read(
            """
            conformance = 1
            functions = "geo"
            [[call]]
            function = "f"
            arguments = ["int64", "string"]
            rows = [[1, "a"], [{}, "b"]]
            groups = [0, 1]
            results = [1.5, {}]
            tolerance = 0.5
            refuses = [["double"], []]
            [entries]
            persistent = true
            corrupt = "cmd:./damage.sh"
            [store]
            compacts_after = 7
            [streams]
            listen = "{target}/socket"
            volume_mib = 2
            frame_max = 100
            identity = "node"
            [streams.stranger]
            key = "other"
            [client]
            protocol = "http"
            execute = "cmd:./client.sh"
            refused = "401"
            [secret]
            reference = "a"
            value = "b"
            """)
        let call = try #require(functions.calls.first)
        #expect(functions.kind == "functions" && functions.kindName == "geo")
        #expect(call.rows == [[.int(1), .text("a")], [.null, .text("b")]])
        #expect(call.arguments == [.int64, .utf8] && call.groups == [0, 1])
        #expect(try call.results?.map { try $0.scalar(.float64) } == [.float(1.5), .null])
        #expect(call.refuses == [[.float64], []] && call.tolerance == 0.5)
        #expect(functions.entries.isPersistent && functions.entries.corruptCommand == "./damage.sh")
        #expect(functions.store.compactsAfter == 7)
        #expect(functions.streams.address == "/target/socket")
        #expect(functions.streams.volumeByteCount == 2 << 20)
        #expect(functions.streams.stranger?.map(\.name) == ["key"])
        #expect(functions.client.executeCommand == "./client.sh")
        #expect(functions.secret.value == "b")
        let runs = try read(
            """
            conformance = 1
            operator = "o"
            [[run]]
            spec = "s"
            ordered = true
            refuses = [[["string"]]]
            [[run.inputs]]
            types = ["int64"]
            rows = [[1]]
            """)
        #expect(runs.runs.first?.inputs.first?.rows == [[.int(1)]])
        #expect(runs.runs.first?.refuses == [[[.utf8]]] && runs.runs.first?.isOrdered == true)
    }

    @Test func mistakesOfOtherKindsAreNamed() {
        func problem(_ text: String) -> String { self.problem("conformance = 1\n" + text) }
        #expect(problem("cache = \"a\"\nkv = \"b\"").contains("one thing is tested at a time"))
        #expect(problem("[[call]]\narguments = [\"int\"]").contains("names types as Arrow does"))
        #expect(problem("[[call]]\nrows = []").contains("the name of its function"))
        #expect(
            problem("[[call]]\narguments = [\"int64\"]\nrows = [[\"a\"]]")
                .contains(":4:10: a text is no value of the type int64"))
        #expect(
            problem("[[call]]\narguments = [\"int64\"]\nrows = [[1, 2]]").contains(
                "a row of 2 values"))
        #expect(problem("[entries]\npersistant = true").contains("did you mean \"persistent\""))
        #expect(problem("[store]\ncompacts_after = 0").contains("a number from 1"))
        #expect(problem("[streams]\nvolume = 1").contains("unknown key"))
        #expect(problem("[client]\nexecute = \"x\"").contains("cmd:"))
        #expect(problem("[secret]\nvalue = \"x\"").contains("go together"))
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
