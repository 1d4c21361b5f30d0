// SPDX-License-Identifier: MIT

/// The report that build servers read.
enum JUnitReport {
    static func text(_ report: ConformanceReport) -> String {
        let failures = report.results.count { $0.outcome.isBad }
        let skipped = report.results.count { !$0.outcome.isBad && $0.outcome != .pass }
        let time = report.results.reduce(0) { $0 + $1.milliseconds }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite name="\(escaped(report.request.plugin))" tests="\(report.results.count)" \
            failures="\(failures)" skipped="\(skipped)" time="\(seconds(time))">
            \(report.results.map { testCase($0) }.joined(separator: "\n"))
            </testsuite>

            """
    }

    private static func testCase(_ result: CheckResult) -> String {
        let parts = result.name.split(separator: ".", maxSplits: 1)
        let head =
            "  <testcase classname=\"\(escaped(String(parts[0])))\" "
            + "name=\"\(escaped(String(parts.last ?? "")))\" time=\"\(seconds(result.milliseconds))\""
        let detail = escaped(result.outcome.detail)
        if result.outcome == .pass { return head + "/>" }
        if !result.outcome.isBad {
            return head + "><skipped message=\"\(detail)\"/></testcase>"
        }
        return head
            + "><failure type=\"\(result.outcome.word)\">\(detail)</failure></testcase>"
    }

    private static func seconds(_ milliseconds: Int) -> String {
        let rest = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    /// Without the control characters that XML cannot hold.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case _ where scalar.value < 0x20: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
