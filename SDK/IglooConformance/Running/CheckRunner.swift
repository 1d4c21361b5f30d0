// SPDX-License-Identifier: MIT

import IglooContracts

/// Runs checks one after another, each in a process of its own: this program in a hidden mode.
struct CheckRunner {
    let request: ConformanceRequest
    let configuration: Configuration
    /// Where the data sets are, and what the loading of them left.
    let workspace: Workspace

    func run(_ check: Check) -> CheckResult {
        let start = MonotonicClock.nanoseconds()
        let outcome = waived(check.name, outcome(of: check))
        return CheckResult(
            name: check.name, outcome: outcome,
            milliseconds: Int((MonotonicClock.nanoseconds() - start) / 1_000_000))
    }

    private func outcome(of check: Check) -> Outcome {
        let limit = max(check.limit, configuration.timeoutSeconds ?? 0)
        let child = PlatformChild.run(
            request.childArguments + ["--check", check.name, "--workspace", workspace.path],
            // A plugin in Swift that crashes says where.
            environment: ["SWIFT_BACKTRACE": "enable=no"], limitSeconds: limit)
        guard let child else { return .crash("the process of the check cannot be started") }
        switch child.end {
        case .timedOut:
            return .timeout("it took more than \(limit) s\(last(child.output))")
        case .signalled(let signal):
            return .crash("\(signalName(signal))\(last(child.output))")
        case .exited(let status):
            guard let outcome = Outcome(message: child.result) else {
                return .crash("exited with \(status) in the midst of it\(last(child.output))")
            }
            return outcome
        }
    }

    /// The last lines of what was written.
    private func last(_ output: String) -> String {
        let lines = output.split(separator: "\n").suffix(6)
        return lines.isEmpty ? "" : ":\n" + lines.joined(separator: "\n")
    }

    /// An outcome that the configuration excuses is waived, until the day it names.
    private func waived(_ name: String, _ outcome: Outcome) -> Outcome {
        guard outcome.isBad, let waiver = configuration.waivers.first(where: { $0.check == name })
        else { return outcome }
        let words = "\(waiver.reason) (\(waiver.ticket), until \(waiver.expires)): "
        if waiver.expires < Clock.today() {
            return .fail("the waiver is expired: \(words)\(outcome.word): \(outcome.detail)")
        }
        return .waived("\(words)\(outcome.word): \(outcome.detail)")
    }
}
