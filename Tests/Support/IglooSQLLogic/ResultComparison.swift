// SPDX-License-Identifier: MIT

import Foundation

/// Compares rows with those that a file states.
public struct ResultComparison: Sendable {
    /// Whether texts must be the same to the letter: so in our own files. Others show numbers,
    /// truth values and timestamps in their own ways.
    public var isStrict: Bool
    public var comparesErrors: Bool

    public static let strict = ResultComparison(isStrict: true, comparesErrors: true)
    public static let lenient = ResultComparison(isStrict: false, comparesErrors: false)

    /// What differs; `nil` if nothing does.
    func difference(
        _ expected: ExpectedRows, _ rows: [[String?]], columnCount: Int
    ) -> String? {
        if isStrict && expected.types.count != columnCount {
            return "\(columnCount) columns, not \(expected.types.count)"
        }
        // A query of which nothing is stated is there for its label.
        if expected.lines.isEmpty && expected.label != nil { return nil }
        if let hash = Self.hash(expected.lines) {
            let values = values(of: rows, expected)
            guard values.count == hash.count else {
                return "\(values.count) values, not \(hash.count)"
            }
            let digest = MD5.hexDigits(Array(values.map { $0 + "\n" }.joined().utf8))
            return digest == hash.digest ? nil : "the values have another hash: \(digest)"
        }
        let lines = expected.lines
        if lines.count == rows.count * columnCount && columnCount != 1 && !lines.isEmpty
            && !(lines.count == rows.count)
        {
            return valueDifference(expected, rows, columnCount)
        }
        guard lines.count == rows.count else {
            return "\(rows.count) rows, not \(lines.count)" + Self.shown(rows)
        }
        return rowDifference(expected, rows, columnCount)
    }

    // MARK: - Lines of one value

    private func valueDifference(
        _ expected: ExpectedRows, _ rows: [[String?]], _ columnCount: Int
    ) -> String? {
        var wanted = stride(from: 0, to: expected.lines.count, by: columnCount).map {
            Array(expected.lines[$0..<min($0 + columnCount, expected.lines.count)])
        }
        var found = rows.map { $0.map(Self.text) }
        if expected.sort == .valuesort {
            wanted = [wanted.flatMap { $0 }.sorted(by: Self.isBefore)]
            found = [found.flatMap { $0 }.sorted(by: Self.isBefore)]
        }
        return difference(wanted, found, expected)
    }

    // MARK: - Lines of one row

    private func rowDifference(
        _ expected: ExpectedRows, _ rows: [[String?]], _ columnCount: Int
    ) -> String? {
        let found = rows.map { $0.map(Self.text) }
        let hasTabs = expected.lines.contains { $0.contains("\t") }
        let wanted = zip(expected.lines, found).map { line, values in
            if columnCount == 1 { return [line] }
            if !hasTabs && line == values.joined(separator: " ") { return values }
            return line.split(separator: hasTabs ? "\t" : " ", omittingEmptySubsequences: false)
                .map(String.init)
        }
        return difference(wanted, found, expected)
    }

    private func difference(
        _ wanted: [[String]], _ found: [[String]], _ expected: ExpectedRows
    ) -> String? {
        var (wanted, found) = (wanted, found)
        if expected.sort == .rowsort {
            wanted.sort { Self.isBefore(sortKey($0), sortKey($1)) }
            found.sort { Self.isBefore(sortKey($0), sortKey($1)) }
        }
        for (row, pair) in zip(wanted, found).enumerated() {
            guard pair.0.count == pair.1.count else {
                return "row \(row + 1) has \(pair.1.count) values: \(pair.1), not \(pair.0)"
            }
            for (column, values) in zip(pair.0, pair.1).enumerated() {
                let type = column < expected.types.count ? expected.types[column] : "T"
                if !agree(values.0, values.1, type) {
                    return "row \(row + 1), column \(column + 1): '\(values.1)', not '\(values.0)'"
                }
            }
        }
        return nil
    }

    /// By which rows are sorted: truth values and zeros alike on both sides.
    private func sortKey(_ row: [String]) -> String {
        if isStrict { return row.joined(separator: "\t") }
        return row.map { value in
            switch value {
            case "true": "1"
            case "false", "-0": "0"
            default: value
            }
        }.joined(separator: "\t")
    }

    // MARK: - Values

    static func text(_ value: String?) -> String {
        guard let value else { return "NULL" }
        return value.isEmpty ? "(empty)" : value
    }

    /// Line by line, as a result is written into a file.
    func lines(of rows: [[String?]], _ expected: ExpectedRows) -> [String] {
        let lines = rows.map { $0.map(Self.text).joined(separator: "\t") }
        return expected.sort == .rowsort ? lines.sorted(by: Self.isBefore) : lines
    }

    /// By bytes, as C's strcmp does.
    static func isBefore(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    func agree(_ wanted: String, _ found: String, _ type: Character) -> Bool {
        if wanted == found { return true }
        if wanted.hasPrefix("<REGEX>:") { return Self.matches(wanted.dropFirst(8), found) }
        if wanted.hasPrefix("<!REGEX>:") { return !Self.matches(wanted.dropFirst(9), found) }
        if isStrict { return type == "R" && Self.areClose(wanted, found) }
        let wanted = wanted.trimmingCharacters(in: .whitespaces)
        switch (wanted.lowercased(), found) {
        case ("1", "true"), ("0", "false"), ("true", "1"), ("false", "0"), ("true", "true"),
            ("false", "false"):
            return true
        default: break
        }
        if Self.areClose(wanted, found) { return true }
        if let left = Double(wanted), let right = Double(found), left == 0 || right == 0 {
            return abs(left - right) < 1e-12
        }
        if let left = LogicInterval(wanted), let right = LogicInterval(found) {
            return left == right
        }
        return ForeignText.agree(wanted, found)
    }

    private static func matches(_ pattern: Substring, _ text: String) -> Bool {
        guard let regex = try? Regex(String(pattern)) else { return false }
        return text.wholeMatch(of: regex) != nil
    }

    /// Two numbers that differ by rounding only; whole numbers must be the same.
    public static func areClose(_ wanted: String, _ found: String) -> Bool {
        guard let left = Double(wanted), let right = Double(found) else { return false }
        if left == right || left.isNaN && right.isNaN { return true }
        if Int(wanted) != nil && Int(found) != nil { return false }
        let fraction = wanted.firstIndex(of: ".").map {
            wanted.distance(from: $0, to: wanted.endIndex) - 1
        }
        let halfDigit = fraction.map { 0.5000001 * pow(10, -Double($0)) } ?? 0
        let bound = max(abs(left) * 1e-6, wanted.contains("e") ? 0 : halfDigit)
        return abs(left - right) <= bound
    }

    private static func shown(_ rows: [[String?]]) -> String {
        rows.isEmpty ? "" : "; the first is \(rows[0].map(text))"
    }

    // MARK: - Hashes

    private static func hash(_ lines: [String]) -> (count: Int, digest: String)? {
        guard lines.count == 1, let range = lines[0].range(of: " values hashing to "),
            let count = Int(lines[0][..<range.lowerBound])
        else { return nil }
        return (count, String(lines[0][range.upperBound...]))
    }

    /// All values in their order, as SQLite's program writes them.
    func values(of rows: [[String?]], _ expected: ExpectedRows) -> [String] {
        let shown = rows.map { row in
            row.enumerated().map { column, value in
                let type = column < expected.types.count ? expected.types[column] : "T"
                return isStrict ? Self.text(value) : Self.written(value, as: type)
            }
        }
        switch expected.sort {
        case .nosort: return shown.flatMap { $0 }
        case .valuesort: return shown.flatMap { $0 }.sorted(by: Self.isBefore)
        case .rowsort:
            return shown.sorted { left, right in
                for (a, b) in zip(left, right) where a != b { return Self.isBefore(a, b) }
                return false
            }.flatMap { $0 }
        }
    }

    /// `I` as a whole number, `R` with three digits.
    private static func written(_ value: String?, as type: Character) -> String {
        guard let value, let number = Double(value) else { return text(value) }
        switch type {
        case "I":
            return Int(value) != nil || abs(number) >= 9e18 || number.isNaN
                ? value : "\(Int(number))"
        case "R": return String(format: "%.3f", number)
        default: return value
        }
    }
}
