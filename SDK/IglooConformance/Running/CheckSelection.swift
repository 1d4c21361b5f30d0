// SPDX-License-Identifier: MIT

import IglooContracts

/// Patterns of names, as `--only` takes them: `scan.*,plan.pure*`.
struct CheckSelection {
    private let patterns: [[UInt8]]

    init(_ text: String) {
        patterns = text.split(separator: ",").map { Array($0.utf8) }
    }

    func contains(_ name: String) -> Bool {
        patterns.isEmpty || patterns.contains { Self.matches(Array(name.utf8)[...], $0[...]) }
    }

    private static func matches(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == UInt8(ascii: "*") {
            return matches(name, pattern.dropFirst())
                || (!name.isEmpty && matches(name.dropFirst(), pattern))
        }
        return name.first == first && matches(name.dropFirst(), pattern.dropFirst())
    }
}
