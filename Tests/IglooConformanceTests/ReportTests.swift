// SPDX-License-Identifier: MIT

import Testing

@testable import IglooConformance

@Suite struct ReportTests {
    private var report: ConformanceReport {
        var request = ConformanceRequest()
        request.plugin = "/a&b/igloo-\"x\".so"
        var report = ConformanceReport(request: request, sha256: "00")
        report.results = [
            CheckResult(name: "elf.bind_now", outcome: .pass, milliseconds: 4),
            CheckResult(
                name: "scan.empty_table", outcome: .fail("1 < 2\n\u{1}"), milliseconds: 1_234),
            CheckResult(name: "plan.pure", outcome: .skip("no data"), milliseconds: 0),
            CheckResult(name: "limit.zero", outcome: .waived("known"), milliseconds: 0),
        ]
        return report
    }

    @Test func failuresDecide() {
        var report = report
        #expect(!report.isGood)
        for outcome in [Outcome.crash("SIGSEGV"), .timeout("60 s"), .leak("4 bytes")] {
            report.results[1].outcome = outcome
            #expect(!report.isGood)
        }
        report.results[1].outcome = .waived("known")
        #expect(report.isGood)
    }

    @Test func textNamesWhatFailed() {
        #expect(TextReport.line(report.results[0]) == "pass      elf.bind_now\n")
        #expect(
            TextReport.line(report.results[1])
                == "fail      scan.empty_table  1234 ms\n          1 < 2\n          \u{1}\n")
        #expect(
            TextReport.summary(report).contains("1 pass, 1 fail, 1 waived, 1 skip of 4 checks"))
    }

    @Test func jsonEscapes() {
        let text = JSONReport.text(report)
        #expect(text.contains(#""plugin": "/a&b/igloo-\"x\".so""#))
        #expect(text.contains(#""detail": "1 < 2\n\u0001""#))
        #expect(text.contains(#""passed": false"#))
    }

    @Test func junitEscapes() {
        let text = JUnitReport.text(report)
        #expect(text.contains(#"tests="4" failures="1" skipped="2" time="1.238""#))
        #expect(
            text.contains(
                #"<testcase classname="scan" name="empty_table" time="1.234"><failure type="fail">"#
                    + "1 &lt; 2&#10;\u{FFFD}</failure></testcase>"))
    }

    @Test func outcomesCrossTheProcess() {
        for outcome in [Outcome.pass, .fail("a\nb"), .skip("c"), .leak("")] {
            #expect(Outcome(message: outcome.message) == outcome)
        }
        for text in ["", "pass", "crash\nno child says so", "nonsense\n"] {
            #expect(Outcome(message: text) == nil)
        }
    }
}

@Suite struct SelectionTests {
    @Test func patternsSelect() {
        #expect(CheckSelection("").contains("scan.empty_table"))
        #expect(CheckSelection("scan.*").contains("scan.empty_table"))
        #expect(!CheckSelection("scan.*").contains("elf.nodelete"))
        #expect(CheckSelection("scan.*,elf.*delete").contains("elf.nodelete"))
        #expect(!CheckSelection("elf.node").contains("elf.nodelete"))
    }

    @Test func namesAreUnique() {
        let names = CheckCatalog.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test func commandLinesAreChecked() throws {
        let request = try ConformanceRequest.parse(["x.so", "--seed=7", "--only", "scan.*"])
        #expect(request.plugin == "x.so" && request.seed == 7 && request.only == "scan.*")
        for words in [[], ["a", "b"], ["a", "--seed", "x"], ["a", "--what"], ["a", "--json"]] {
            #expect(throws: ConformanceRequest.UsageError.self) {
                try ConformanceRequest.parse(words)
            }
        }
    }
}
