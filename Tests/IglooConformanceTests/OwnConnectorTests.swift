// SPDX-License-Identifier: MIT

import IglooConnectorTesting
import Testing

/// The connectors of this repository, each with the data sets brought into its source.
@Suite(.serialized) struct OwnConnectorTests {
    @Test(arguments: ["csv", "json", "parquet", "sqlite"])
    func passes(connector: String) throws {
        let (status, report) = try KitRun.run(
            "\(KitRun.products)/libigloo-\(connector).so",
            ["--config", "\(KitRun.root)/Tests/Conformance/\(connector).toml"])
        #expect(report.failures.isEmpty)
        #expect(status == 0 && report.passed)
        #expect(report.checks.count > 100)
    }
}

/// The plugins of other kinds, of this repository and of its tests.
@Suite(.serialized) struct OwnServiceTests {
    struct Own: Sendable, CustomTestStringConvertible {
        var library: String
        var configuration: String
        /// Checks of the kind that pass, at least.
        var passCount: Int
        var kind: String

        var testDescription: String { configuration }
    }

    @Test(arguments: [
        Own(library: "igloo-geo", configuration: "geo", passCount: 7, kind: "functions"),
        Own(
            library: "memory-test-plugin", configuration: "reversed", passCount: 4,
            kind: "operator"),
        Own(
            library: "igloo-memory-cache", configuration: "memory-cache", passCount: 11,
            kind: "cache"),
        Own(
            library: "igloo-sqlite-metadata", configuration: "sqlite-metadata", passCount: 12,
            kind: "kv"),
        Own(library: "igloo-tcp", configuration: "tcp", passCount: 11, kind: "transport"),
        Own(library: "igloo-http", configuration: "http", passCount: 6, kind: "frontend"),
        Own(
            library: "memory-test-plugin", configuration: "secrets", passCount: 5, kind: "secrets"),
    ])
    func passes(own: Own) throws {
        let (status, report) = try KitRun.run(
            "\(KitRun.products)/lib\(own.library).so",
            ["--config", "\(KitRun.root)/Tests/Conformance/\(own.configuration).toml"])
        #expect(report.failures.isEmpty)
        #expect(status == 0 && report.passed)
        let passed = report.checks.filter {
            $0.name.hasPrefix(own.kind + ".") && $0.outcome == "pass"
        }
        #expect(passed.count >= own.passCount, "\(report.checks.filter { $0.outcome == "skip" })")
    }
}

/// What the runner makes of waivers, selections and mistakes.
@Suite struct RunnerTests {
    private let csv = "\(KitRun.products)/libigloo-csv.so"

    @Test func selectionsAndListsWork() throws {
        let (status, report) = try KitRun.run(csv, ["--only", "elf.bind_now,entry.*"])
        #expect(status == 0)
        #expect(report.checks.map(\.name).contains("entry.idempotent"))
        #expect(report.checks.allSatisfy { $0.outcome == "pass" })
        let all = try KitRun.start(["\(KitRun.products)/igloo", "plugin", "test", "--list"])
        #expect(all.status == 0 && all.output.split(separator: "\n").count > 100)
    }

    @Test(arguments: [
        ["plugin", "test"], ["plugin", "test", "x.so", "--what"], ["plugin", "tset"],
    ])
    func wrongUsageIsTold(words: [String]) throws {
        let run = try KitRun.start(["\(KitRun.products)/igloo"] + words)
        #expect(run.status == 2 && run.output.contains("igloo"))
    }

    @Test func whatIsNoPluginFails() throws {
        let (status, report) = try KitRun.run(
            "/usr/lib/x86_64-linux-gnu/libm.so.6", ["--only", "elf.note_present"])
        #expect(status == 1 && report.outcome(of: "elf.note_present") == "fail")
        let missing = try KitRun.start(
            ["\(KitRun.products)/igloo", "plugin", "test", "/no/such/file.so"])
        #expect(missing.status == 1 && missing.output.contains("/no/such/file.so"))
    }
}
