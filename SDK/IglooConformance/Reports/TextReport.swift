// SPDX-License-Identifier: MIT

/// The report that people read while the checks run.
enum TextReport {
    static func line(_ result: CheckResult) -> String {
        let word = result.outcome.word
        let padding = String(repeating: " ", count: max(1, 8 - word.count))
        let time = result.milliseconds >= 1_000 ? "  \(result.milliseconds) ms" : ""
        let detail = result.outcome.detail.split(separator: "\n").map { "\n          \($0)" }
        return "\(word)\(padding)  \(result.name)\(time)\(detail.joined())\n"
    }

    static func summary(_ report: ConformanceReport) -> String {
        let parts = report.counts.filter { $0.count > 0 }.map { "\($0.count) \($0.word)" }
        return "\(report.request.plugin): \(parts.joined(separator: ", ")) of "
            + "\(report.results.count) checks (kit \(ConformanceReport.kitVersion), seed "
            + "\(report.request.seed), sha256 \(report.sha256))\n"
    }
}
