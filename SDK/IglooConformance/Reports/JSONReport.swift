// SPDX-License-Identifier: MIT

/// The report that programs read.
enum JSONReport {
    static func text(_ report: ConformanceReport) -> String {
        let counts = report.counts.map { "    \(quoted($0.word)): \($0.count)" }
        let results = report.results.map { result in
            "    {\"name\": \(quoted(result.name)), \"outcome\": \(quoted(result.outcome.word)), "
                + "\"milliseconds\": \(result.milliseconds), "
                + "\"detail\": \(quoted(result.outcome.detail))}"
        }
        return """
            {
              "kit": \(quoted(ConformanceReport.kitVersion)),
              "plugin": \(quoted(report.request.plugin)),
              "sha256": \(quoted(report.sha256)),
              "seed": \(report.request.seed),
              "passed": \(report.isGood),
              "counts": {
            \(counts.joined(separator: ",\n"))
              },
              "checks": [
            \(results.joined(separator: ",\n"))
              ]
            }

            """
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
