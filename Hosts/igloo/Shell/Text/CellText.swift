// SPDX-License-Identifier: MIT

/// Makes text fit for a cell of a table: no control characters, no more columns than there are.
enum CellText {
    static let ellipsis = "…"

    /// `text` with control characters as escapes, so that data cannot steer the terminal and a
    /// cell stays on its line.
    static func escaped(_ text: String) -> String {
        if !text.unicodeScalars.contains(where: isControl) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isControl(scalar): result += escape(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return scalar.value < 0x100
            ? "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            : "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// C0 and C1 controls, line and paragraph separators, and the marks that turn the direction of
    /// writing, with which a value could disguise its neighbours.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// The longest beginning of `text` that fits into `width` columns, with an ellipsis when it is
    /// not the whole.
    static func shortened(_ text: String, to width: Int) -> String {
        if DisplayWidth.of(text) <= width { return text }
        var result = ""
        var used = 1
        for character in text {
            used += DisplayWidth.of(character)
            if used > width { break }
            result.append(character)
        }
        return width < 1 ? "" : result + ellipsis
    }

    /// The longest end of `text` that fits into `width` columns, with an ellipsis when it is not
    /// the whole.
    static func lastPart(_ text: String, of width: Int) -> String {
        if DisplayWidth.of(text) <= width { return text }
        var start = text.endIndex
        var used = 1
        while start > text.startIndex {
            let before = text.index(before: start)
            used += DisplayWidth.of(text[before])
            if used > width { break }
            start = before
        }
        return width < 1 ? "" : ellipsis + text[start...]
    }

    /// `text` with spaces up to `width` columns.
    static func padded(_ text: String, to width: Int, alignment: Alignment) -> String {
        let missing = max(0, width - DisplayWidth.of(text))
        switch alignment {
        case .leading: return text + String(repeating: " ", count: missing)
        case .trailing: return String(repeating: " ", count: missing) + text
        case .center:
            let before = missing / 2
            return String(repeating: " ", count: before) + text
                + String(repeating: " ", count: missing - before)
        }
    }

    enum Alignment: Sendable {
        case leading, trailing, center
    }
}

extension BinaryInteger {
    /// The number with a comma between each three digits: `1,234,567`.
    var grouped: String {
        let digits = Array(String(magnitude))
        var result = self < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index).isMultiple(of: 3) { result += "," }
            result.append(digit)
        }
        return result
    }
}
