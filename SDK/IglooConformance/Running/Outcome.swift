// SPDX-License-Identifier: MIT

/// How a check ended.
enum Outcome: Equatable, Sendable {
    case pass
    case fail(String)
    /// Not declared by the plugin, or not given by the configuration.
    case skip(String)
    /// It failed, and the configuration says why that is known.
    case waived(String)
    /// The process ended by a signal, or before the check did.
    case crash(String)
    case timeout(String)
    case leak(String)

    /// The word for it in reports.
    var word: String {
        switch self {
        case .pass: "pass"
        case .fail: "fail"
        case .skip: "skip"
        case .waived: "waived"
        case .crash: "crash"
        case .timeout: "timeout"
        case .leak: "leak"
        }
    }

    var detail: String {
        switch self {
        case .pass: ""
        case .fail(let text), .skip(let text), .waived(let text), .crash(let text),
            .timeout(let text), .leak(let text):
            text
        }
    }

    /// Whether it keeps the plugin from passing.
    var isBad: Bool {
        switch self {
        case .pass, .skip, .waived: false
        case .fail, .crash, .timeout, .leak: true
        }
    }

    /// As a child tells it to its parent: the word, then the detail.
    var message: String { "\(word)\n\(detail)" }

    /// - Returns: `nil` for a message that is none.
    init?(message: String) {
        guard let end = message.firstIndex(of: "\n") else { return nil }
        let detail = String(message[message.index(after: end)...])
        switch message[..<end] {
        case "pass": self = .pass
        case "fail": self = .fail(detail)
        case "skip": self = .skip(detail)
        case "leak": self = .leak(detail)
        default: return nil
        }
    }
}

/// What is known of a check once it was run.
struct CheckResult: Sendable {
    var name: String
    var outcome: Outcome
    var milliseconds: Int
}
