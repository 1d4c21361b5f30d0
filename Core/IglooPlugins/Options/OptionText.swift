// SPDX-License-Identifier: MIT

/// How values of options are written as text.
package enum OptionText {
    static func bool(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "t", "on", "yes", "1": true
        case "false", "f", "off", "no", "0": false
        default: nil
        }
    }

    static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// `1h30m`, `200ms`, `1.5s`; a bare 0 needs no unit.
    static func nanoseconds(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        return sum(text) { unit in
            switch unit {
            case "ns": 1
            case "us", "µs": 1_000
            case "ms": 1_000_000
            case "s", "sec": 1_000_000_000
            case "m", "min": 60_000_000_000
            case "h": 3_600_000_000_000
            case "d": 86_400_000_000_000
            default: nil
            }
        }
    }

    /// `8MiB`, `1GB`, `64k` (as KiB), `512` and `512B`.
    package static func byteCount(_ text: String) -> Int64? {
        sum(text) { unit in
            switch unit.lowercased() {
            case "", "b": 1
            case "kb": 1_000
            case "k", "kib": 1 << 10
            case "mb": 1_000_000
            case "m", "mib": 1 << 20
            case "gb": 1_000_000_000
            case "g", "gib": 1 << 30
            case "tb": 1_000_000_000_000
            case "t", "tib": 1 << 40
            default: nil
            }
        }
    }

    /// The sum of the numbers with their units; `nil` when one is wrong or the sum too large.
    private static func sum(_ text: String, unit scale: (String) -> Int64?) -> Int64? {
        var rest = Substring(text)
        var total = 0.0
        repeat {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let afterSpaces = rest.drop { $0 == " " }
            let unit = afterSpaces.prefix { $0.isLetter }
            rest = afterSpaces.dropFirst(unit.count)
            guard !digits.isEmpty, let number = Double(digits), let factor = scale(String(unit))
            else { return nil }
            total += number * Double(factor)
        } while !rest.isEmpty
        return Int64(exactly: total.rounded())
    }
}
