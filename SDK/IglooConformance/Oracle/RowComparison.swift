// SPDX-License-Identifier: MIT

import IglooArrow

/// Compares rows whose order means nothing.
enum RowComparison {
    /// A row in a form in which equal rows, and no others, are the same. -0 is 0: sources may store
    /// either.
    static func key(_ row: Row) -> Row { row.map(canonical) }

    static func canonical(_ value: Scalar) -> Scalar {
        switch value {
        case .float(let number):
            if number == 0 { return .float(0) }
            // One NaN for all of them; NaN is not equal to itself.
            return number.isNaN ? .text("NaN") : value
        case .uint(let number): return number <= UInt64(Int64.max) ? .int(Int64(number)) : value
        case .list(let elements): return .list(elements.map(canonical))
        case .structure(let parts): return .structure(parts.map(canonical))
        case .map(let entries): return .map(entries.map(canonical))
        // Texts are compared by their bytes, not as Swift compares characters.
        case .text(let text): return .binary(Array(text.utf8))
        default: return value
        }
    }

    /// What differs, in words; `nil` = nothing.
    static func difference(_ rows: [Row], _ wanted: [Row]) -> String? {
        var counts: [Row: Int] = [:]
        for row in wanted { counts[key(row), default: 0] += 1 }
        var extra: [Row] = []
        for row in rows {
            let key = key(row)
            if let count = counts[key], count > 0 {
                counts[key] = count - 1
            } else {
                extra.append(row)
            }
        }
        var missing: [Row] = []
        for row in wanted {
            let key = key(row)
            if let count = counts[key], count > 0 {
                missing.append(row)
                counts[key] = count - 1
            }
        }
        if missing.isEmpty && extra.isEmpty { return nil }
        var text = "\(rows.count) rows where \(wanted.count) are right"
        if let row = missing.first {
            text += "; \(missing.count) are missing, such as \(shown(row))"
        }
        if let row = extra.first { text += "; \(extra.count) are wrong, such as \(shown(row))" }
        return text
    }

    static func requireSame(_ rows: [Row], _ wanted: [Row], _ what: @autoclosure () -> String)
        throws
    {
        if let difference = difference(rows, wanted) {
            throw CheckEnd.failed("\(what()): \(difference)")
        }
    }

    /// Each of the rows is among `wanted`, as often as there at most.
    static func requireAmong(_ rows: [Row], _ wanted: [Row], _ what: @autoclosure () -> String)
        throws
    {
        var counts: [Row: Int] = [:]
        for row in wanted { counts[key(row), default: 0] += 1 }
        for row in rows {
            let count = counts[key(row), default: 0]
            try require(
                count > 0, "\(what()): the row \(shown(row)) is none of those that are right")
            counts[key(row)] = count - 1
        }
    }

    static func shown(_ row: Row) -> String {
        "(" + row.map { shown($0) }.joined(separator: ", ") + ")"
    }

    static func shown(_ value: Scalar) -> String {
        switch value {
        case .null: "NULL"
        case .bool(let flag): "\(flag)"
        case .int(let number): "\(number)"
        case .uint(let number): "\(number)"
        case .float(let number): "\(number)"
        case .decimal(let number): "\(number)"
        case .text(let text):
            "'\(text.unicodeScalars.prefix(40).reduce(into: "") { $0.unicodeScalars.append($1) })'"
        case .binary(let bytes): "x'\(Hex.text(Array(bytes.prefix(20))))'"
        default: "\(value)"
        }
    }
}
