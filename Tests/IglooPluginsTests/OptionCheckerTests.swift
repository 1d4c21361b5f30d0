// SPDX-License-Identifier: MIT

import IglooContracts
import Testing

@testable import IglooPlugins

@Suite struct OptionCheckerTests {
    private let checker = OptionChecker(
        [
            OptionSpecification("host", .string, flags: .required, documentation: "Where it is."),
            OptionSpecification("port", .integer, defaultText: "5432", documentation: "Its port."),
            OptionSpecification("tls", .bool, documentation: "Whether to encrypt."),
            OptionSpecification("wait", .duration, documentation: "How long to wait."),
            OptionSpecification("size", .byteCount, documentation: "How much to read."),
            OptionSpecification(
                "mode", .choice, allowed: ["fast", "slow"], documentation: "How to go about it."),
            OptionSpecification("password", .secret, documentation: "What to say."),
            OptionSpecification("names", .list, documentation: "Who."),
            OptionSpecification("share", .double, documentation: "Of what."),
            OptionSpecification("path", .path, documentation: "Where."),
        ], owner: "connector \"acme\"")

    private func check(_ name: String, _ value: GivenOption.Value) throws -> OptionValue? {
        try checker.check([GivenOption("host", .text("h")), GivenOption(name, value)])[name]
    }

    @Test func convertsAndFillsIn() throws {
        let values = try checker.check([GivenOption("host", .string("h"))])
        #expect(values.string("host") == "h")
        #expect(values.integer("port") == 5432)
        #expect(values["tls"] == nil)
        #expect(try check("tls", .text("ON")) == .bool(true))
        #expect(try check("share", .integer(2)) == .double(2))
        #expect(try check("names", .text("a, b")) == .list(["a", "b"]))
        #expect(try check("path", .string("/x")) == .string("/x"))
    }

    @Test(arguments: [
        ("5s", 5_000_000_000), ("200ms", 200_000_000), ("1h30m", 5_400_000_000_000),
        ("1.5s", 1_500_000_000), ("0", 0), ("3 us", 3_000), ("2d", 172_800_000_000_000),
    ])
    func durations(text: String, nanoseconds: Int64) throws {
        #expect(try check("wait", .text(text)) == .integer(nanoseconds))
    }

    @Test(arguments: [
        ("8MiB", 8 << 20), ("1GB", 1_000_000_000), ("512", 512), ("64k", 65536), ("1.5 KiB", 1536),
        ("7B", 7),
    ])
    func sizes(text: String, byteCount: Int64) throws {
        #expect(try check("size", .string(text)) == .integer(byteCount))
        #expect(try check("size", .integer(byteCount)) == .integer(byteCount))
    }

    @Test(arguments: ["", "s", "5", "5 parsecs", "-1s", "1e400s", "99999999999d", "5s!", "١s"])
    func badDurations(text: String) throws {
        let error = try failure { try check("wait", .text(text)) }
        #expect(error.code == .invalidArgument && error.message.contains("200ms"), "\(error)")
    }

    @Test(arguments: ["", "MiB", "8XiB", "-1", "99999999999TB"])
    func badSizes(text: String) throws {
        #expect(throws: IglooError.self) { try check("size", .text(text)) }
    }

    @Test func errorsNameThings() throws {
        let unknown = try failure {
            try checker.check([GivenOption("hots", .text("h"), place: "m.toml:3:1")])
        }
        #expect(unknown.message == "m.toml:3:1: connector \"acme\" has no option \"hots\"")
        #expect(unknown.hint == "did you mean \"host\"?")
        let missing = try failure { try checker.check([]) }
        #expect(missing.message == "connector \"acme\" needs the option \"host\"")
        #expect(missing.hint == "Where it is.")
        let type = try failure { try check("port", .string("5")) }
        #expect(
            type.message == "option \"port\" of connector \"acme\" takes a whole number, not \"5\"")
        let word = try failure { try check("mode", .text("fats")) }
        #expect(word.message.contains("one of fast, slow") && word.hint == "did you mean \"fast\"?")
        #expect(throws: IglooError.self) { try check("host", .text("twice")) }
        #expect(throws: IglooError.self) { try check("tls", .text("perhaps")) }
        #expect(throws: IglooError.self) { try check("tls", .integer(2)) }
        #expect(throws: IglooError.self) { try check("names", .bool(true)) }
        #expect(throws: IglooError.self) { try check("mode", .integer(1)) }
        let secret = try failure { try check("password", .integer(12345)) }
        #expect(!secret.message.contains("12345"), "\(secret)")
    }
}
