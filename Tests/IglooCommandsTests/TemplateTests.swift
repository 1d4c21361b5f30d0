// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// New plugins in each language, from nothing to rows. `docs/guides/write-a-connector.md` walks the same
/// way.
@Suite struct TemplateTests {
    private let place: CommandProcess

    init() throws { place = try CommandProcess() }

    /// Builds where the next run finds what this one built.
    private var scratch: String { "\(CommandProcess.root)/.build/template" }

    private func isInstalled(_ program: String) throws -> Bool {
        try place.run(["which", program]).status == 0
    }

    @Test(arguments: ["c", "rust", "swift"])
    func builtLoadedQueriedAndConforming(language: String) throws {
        if language == "rust", try !isInstalled("rustc") {
            Issue.record("rustc is not installed: Scripts/require test installs it")
            return
        }
        let new = try place.igloo("plugin", "new", "connector", "stars", "--lang", language)
        #expect(new.status == 0 && new.output.contains("igloo-stars/stars.toml"), "\(new)")
        // Nothing of the template's name is left.
        let left = try place.run(["grep", "-rilE", "acme", "igloo-stars", "--exclude=igloo.h"])
        #expect(left.output.isEmpty, "\(left)")
        let more = language == "swift" ? ["--debug", "--scratch-path", scratch] : []
        let built = try place.run(
            ["\(CommandProcess.folder)/igloo", "plugin", "build", "igloo-stars"] + more)
        try #require(built.status == 0, "\(built)")
        #expect(!built.output.contains("error: elf"), "\(built)")
        try #require(place.isThere("igloo-stars/igloo-stars.so"), "\(built)")
        let lint = try place.igloo("plugin", "lint", "igloo-stars/igloo-stars.so")
        #expect(lint.status == 0, "\(lint)")
        try answers()
        let test = try place.igloo(
            "plugin", "test", "igloo-stars/igloo-stars.so", "--config",
            "igloo-stars/conformance.toml")
        #expect(test.status == 0 && !test.output.contains(" fail"), "\(test)")
    }

    private func answers() throws {
        let plugin = "igloo-stars/igloo-stars.so"
        let rows = try place.igloo(
            "plugin", "run", plugin, "--format", "csv", "-c",
            "SELECT name, moons, discovered FROM stars.planets WHERE moons > 20 ORDER BY name",
            "-c", "SELECT count(*) AS n, round(sum(mass), 3) AS mass FROM stars.planets")
        #expect(
            rows.output == """
                name,moons,discovered
                Jupiter,95,
                Saturn,146,
                Uranus,28,1781
                n,mass
                8,446.577

                """, "\(rows)")
        let scaled = try place.igloo(
            "plugin", "run", plugin, "--option", "unit=tonnes", "--format", "csv", "-c",
            "SELECT mass FROM stars.planets WHERE name = 'Earth'")
        #expect(scaled.output.hasPrefix("mass\n5.972e+21"), "\(scaled)")
        let wrong = try place.igloo(
            "plugin", "run", plugin, "--option", "unti=x", "-c", "SELECT 1 FROM stars.planets")
        #expect(wrong.status == 1 && wrong.errors.contains("did you mean \"unit\"?"), "\(wrong)")
        let missing = try place.igloo("plugin", "run", plugin, "-c", "FROM stars.comets")
        #expect(missing.errors.contains("42P01"), "\(missing)")
        let pushdown = try place.igloo(
            "plugin", "run", plugin, "--format", "csv", "-c",
            "EXPLAIN (PUSHDOWN) SELECT name FROM stars.planets WHERE moons > 1")
        #expect(pushdown.output.contains("stars reads its tables whole"), "\(pushdown)")
        let manifest = try place.igloo(
            "--manifest", "igloo-stars/stars.toml", "--format", "csv", "-c",
            "SELECT max(moons) AS n FROM stars.planets")
        #expect(manifest.output == "n\n146\n", "\(manifest)")
    }

    @Test func whatCannotBeMadeIsTold() throws {
        let language = try place.igloo("plugin", "new", "connector", "stars", "--lang", "rusty")
        #expect(
            language.status == 1 && language.errors.contains("did you mean rust?"), "\(language)")
        let none = try place.igloo("plugin", "new", "connector", "stars")
        #expect(none.status == 1 && none.errors.contains("--lang swift"), "\(none)")
        for name in ["Stars", "9stars", "my-stars", "x/y", ""] {
            let outcome = try place.igloo("plugin", "new", "connector", name, "--lang", "c")
            #expect(outcome.status == 1 && outcome.errors.contains("is no name"), "\(outcome)")
        }
        let kind = try place.igloo("plugin", "new", "cache", "stars", "--lang", "c")
        #expect(kind.status == 1 && kind.errors.contains("there is one: connector"), "\(kind)")
        try place.write("igloo-stars", "")
        let taken = try place.igloo("plugin", "new", "connector", "stars", "--lang", "c")
        #expect(taken.status == 1 && taken.errors.contains("there already"), "\(taken)")
        let build = try place.igloo("plugin", "build")
        #expect(build.status == 1 && build.errors.contains("Package.swift"), "\(build)")
        let run = try place.igloo("plugin", "run")
        #expect(run.status == 1 && run.errors.contains("igloo plugin build"), "\(run)")
    }
}
