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
