// SPDX-License-Identifier: MIT

import IglooContracts

/// Breaches of the ABI's rules that are seen in passing, whatever a check is about; the checks
/// that are about them look here.
enum Breaches {
    enum Rule: Hashable, Sendable {
        case errorCode, sqlState, outHandle, errorOnSuccess
    }

    private static let found = Locked<[(rule: Rule, text: String)]>([])

    static func add(_ rule: Rule, _ text: String) {
        found.withLock { if $0.count < 1_000 { $0.append((rule, text)) } }
    }

    /// Fails the check if the rule was broken so far.
    static func requireNone(_ rule: Rule) throws {
        let texts = found.withLock { found in found.filter { $0.rule == rule }.map(\.text) }
        try require(texts.isEmpty, texts.prefix(3).joined(separator: "\n"))
    }
}
