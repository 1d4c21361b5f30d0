// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// `igloo plugin ...`, as users type it.
@Suite struct PluginCommandTests {
    private let place: CommandProcess

    init() throws { place = try CommandProcess() }

    private let manifest = """
        manifest = 1
        # What follows is mine.
        [plugins]
        dirs = ["."]   # here

        [[plugin]]
        id = "numbers" # the one

        [catalog.shop]
        connector = "sqlite"
        path = "shop.sqlite"

        """

    @Test func wrongUsageIsTold() throws {
        let none = try place.igloo("plugin")
        #expect(none.status == 2 && none.errors.contains("which command?"), "\(none)")
        let near = try place.igloo("plugin", "lsit")
        #expect(near.status == 2 && near.errors.contains("did you mean 'list'?"), "\(near)")
        let option = try place.igloo("plugin", "verify", "x.so", "--kye", "a")
        #expect(option.status == 2 && option.errors.contains("did you mean --key?"), "\(option)")
        let missing = try place.igloo("plugin", "lint")
        #expect(missing.status == 2 && missing.errors.contains("FILE.so is missing"), "\(missing)")
        let value = try place.igloo("plugin", "list", "--manifest")
        #expect(value.status == 2 && value.errors.contains("needs a value"), "\(value)")
        let many = try place.igloo("plugin", "lint", "a.so", "b.so")
        #expect(many.status == 2 && many.errors.contains("'b.so'"), "\(many)")
    }

    @Test(arguments: [
        ["plugin"], ["config"], ["plugin", "new"], ["plugin", "build"], ["plugin", "run"],
        ["plugin", "list"], ["plugin", "describe"], ["plugin", "lint"],
        ["plugin", "pin"], ["plugin", "sign"], ["plugin", "verify"], ["plugin", "clear"],
        ["config", "check"], ["config", "explain"],
    ])
    func eachHasItsHelp(words: [String]) throws {
        let outcome = try place.run(["\(CommandProcess.folder)/igloo"] + words + ["--help"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(
            outcome.output.hasPrefix("usage: igloo \(words.joined(separator: " "))"), "\(outcome)")
    }

    @Test func listAndDescribe() throws {
        try place.compile()
        try place.write("igloo-torn.so", "ELF?")
        try place.write("m.toml", manifest + "[[plugin]]\nid = \"torn\"\n[[plugin]]\nid = \"gone\"")
        let list = try place.igloo("plugin", "list", "--manifest", "m.toml")
        #expect(list.status == 0, "\(list)")
        let lines = list.output.split(separator: "\n").map {
            $0.split(separator: " ").map(String.init)
        }
        #expect(lines[0] == ["ID", "VERSION", "KINDS", "STATE", "FILE"])
        let numbers = lines.first { $0.first == "numbers" }
        #expect(numbers?[1...3] == ["1.0", "connector:numbers", "usable"], "\(list)")
        #expect(lines.contains { $0.prefix(4) == ["torn", "-", "-", "refused"] }, "\(list)")
        #expect(lines.contains { $0.prefix(4) == ["gone", "-", "-", "refused"] }, "\(list)")
        #expect(list.output.contains("\ntorn: the plugin \"torn\" ("), "\(list)")
        let described = try place.igloo("plugin", "describe", "numbers", "--manifest", "m.toml")
        #expect(described.status == 0, "\(described)")
        for words in ["version    1.0", "runtime    c", "sha256", "start", "The first number."] {
            #expect(described.output.contains(words), "\(words): \(described)")
        }
        let byPath = try place.igloo("plugin", "describe", "./igloo-numbers.so")
        #expect(byPath.output == described.output, "\(byPath)")
        let near = try place.igloo("plugin", "describe", "sqlit")
        #expect(near.status == 1 && near.errors.contains("connector \"sqlite\""), "\(near)")
    }

    @Test func lintReadsHowItWasBuilt() throws {
        try place.compile()
        let clean = try place.igloo("plugin", "lint", "igloo-numbers.so")
        #expect(clean.status == 0, "\(clean)")
        #expect(clean.output.contains("0 errors, 1 warnings"), "\(clean)")
        #expect(clean.output.contains("warning: note.license"), "\(clean)")
        try place.compile(fault: "EXPORT", name: "igloo-open.so", ["-Wl,-z,lazy"])
        let open = try place.igloo("plugin", "lint", "igloo-open.so")
        #expect(open.status == 1, "\(open)")
        for check in ["elf.exports_only_entry", "elf.bind_now", "elf.nodelete"] {
            #expect(open.output.contains("error: \(check): found "), "\(open)")
        }
        #expect(open.output.contains("warning: file.name: found igloo-open.so"), "\(open)")
        let torn = try place.igloo("plugin", "lint", "/etc/passwd")
        #expect(torn.status == 1 && torn.errors.contains("ELF"), "\(torn)")
    }

    @Test func pinKeepsAllElse() throws {
        try place.compile()
        try place.write("m.toml", manifest)
        let pinned = try place.igloo("plugin", "pin", "--manifest", "m.toml")
        #expect(pinned.status == 0, "\(pinned)")
        let text = try place.read("m.toml")
        let hash = try place.run(["sha256sum", "igloo-numbers.so"]).output.prefix(64)
        #expect(
            text.hasPrefix(
                manifest.replacingOccurrences(
                    of: "\"numbers\" # the one\n",
                    with: "\"numbers\" # the one\nsha256 = \"\(hash)\"\n"
                ).trimmingCharacters(in: .newlines)), "\(text)")
        // What the catalogs use is pinned as well.
        #expect(text.contains("[[plugin]]\nid = \"sqlite\"\nsha256 = \""), "\(text)")
        try place.write(
            "m.toml", text.replacingOccurrences(of: "# here", with: "\ntrust = \"pinned\""))
        let good = try place.igloo("plugin", "verify", "numbers", "--manifest", "m.toml")
        #expect(good.status == 0 && good.output.contains("trust = \"pinned\""), "\(good)")
        #expect(good.output.contains(hash), "\(good)")
        try FileManager.default.removeItem(atPath: place.path + "/igloo-numbers.so")
        try place.compile(fault: "NULL")
        let changed = try place.igloo("plugin", "verify", "numbers", "--manifest", "m.toml")
        #expect(changed.status == 1 && changed.errors.contains("trust.sha256"), "\(changed)")
        #expect(changed.errors.contains("hint: if the file was replaced on purpose"), "\(changed)")
        _ = try place.igloo("plugin", "pin", "numbers", "--manifest", "m.toml")
        let again = try place.igloo("plugin", "verify", "numbers", "--manifest", "m.toml")
        #expect(again.status == 0, "\(again)")
        let without = try place.igloo("plugin", "pin")
        #expect(without.status == 1 && without.errors.contains("--manifest FILE"), "\(without)")
    }

    @Test func signAndVerify() throws {
        try place.compile()
        let signed = try place.igloo("plugin", "sign", "--new-key", "me", "igloo-numbers.so")
        #expect(signed.status == 0 && place.isThere("igloo-numbers.so.sig"), "\(signed)")
        let attributes = try FileManager.default.attributesOfItem(atPath: place.path + "/me.pem")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(
            try place.igloo("plugin", "verify", "./igloo-numbers.so", "--key", "me.pub").status == 0
        )
        _ = try place.igloo("plugin", "sign", "--new-key", "other")
        let wrong = try place.igloo("plugin", "verify", "./igloo-numbers.so", "--key", "other.pub")
        #expect(wrong.status == 1 && wrong.errors.contains("of none of the keys"), "\(wrong)")
        let twice = try place.igloo("plugin", "sign", "--new-key", "me")
        #expect(twice.status == 1 && twice.errors.contains("there already"), "\(twice)")
        // The shell accepts what is signed, and nothing else.
        try place.write(
            "m.toml",
            "manifest = 1\n[plugins]\ndirs = [\".\"]\nauto = true\ntrust = \"strict\"\nkeys = [\"me.pub\"]\n"
                + "[catalog.c]\nconnector = \"numbers\"\n")
        let sql = "SELECT count(*) AS n FROM c.numbers"
        let rows = try place.igloo("--manifest", "m.toml", "--format", "csv", "-c", sql)
        #expect(rows.output == "n\n100\n", "\(rows)")
        try FileManager.default.removeItem(atPath: place.path + "/igloo-numbers.so.sig")
        let refused = try place.igloo("--manifest", "m.toml", "-c", sql)
        #expect(refused.status == 1 && refused.errors.contains("trust.signature"), "\(refused)")
    }

    /// A plugin that crashes while it is loaded takes down neither a query nor a command.
    @Test func quarantine() throws {
        try place.compile(fault: "CRASH")
        try place.write(
            "m.toml", "manifest = 1\n[plugins]\ndirs = [\".\"]\nauto = true\n")
        func query() throws -> CommandProcess.Outcome {
            try place.igloo("--manifest", "m.toml", "-c", "FROM 'x.num'", "-c", "SELECT 1")
        }
        let first = try query()
        #expect(first.status == 1 && first.errors.contains("crashed with signal 11"), "\(first)")
        #expect(first.errors.contains("HINT: mend it"), "\(first)")
        let list = try place.igloo("plugin", "list", "--manifest", "m.toml")
        #expect(list.output.contains("quarantined"), "\(list)")
        let other = try place.igloo("plugin", "clear", "letters")
        #expect(other.output == "nothing was in quarantine\n", "\(other)")
        let cleared = try place.igloo("plugin", "clear")
        #expect(cleared.output.contains("will be tried again"), "\(cleared)")
        #expect(try query().errors.contains("signal 11"))
    }
}
