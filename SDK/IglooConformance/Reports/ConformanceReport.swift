// SPDX-License-Identifier: MIT

/// The results of a run, for whoever writes them down.
struct ConformanceReport {
    let request: ConformanceRequest
    /// Of the plugin's file.
    let sha256: String
    var results: [CheckResult] = []

    static let kitVersion = "1"

    var isGood: Bool { !results.contains { $0.outcome.isBad } }

    /// How many ended in each way, in the order of the words.
    var counts: [(word: String, count: Int)] {
        ["pass", "fail", "crash", "timeout", "leak", "waived", "skip"].map { word in
            (word, results.count { $0.outcome.word == word })
        }
    }
}
