// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Walks over the bytes of a date or time.
struct TextScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }
    var current: UInt8? { isAtEnd ? nil : bytes[position] }
    var startsWithDigit: Bool { current.map { $0 &- 0x30 < 10 } ?? false }

    mutating func skipSpaces() {
        while let byte = current, NumberText.isSpace(byte) { position += 1 }
    }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard let byte = current, UInt32(byte) == character.value else { return false }
        position += 1
        return true
    }

    // MARK: - Words

    /// What is left, in lower case.
    private var rest: String {
        UnsafeRawBufferPointer(rebasing: bytes[position...]).text.lowercased()
    }

    /// A word in any case, to the end or to what is no letter.
    private mutating func accept(word: String) -> Bool {
        let count = word.utf8.count
        guard bytes.count - position >= count else { return false }
        for (index, byte) in word.utf8.enumerated()
        where bytes[position + index] | 0x20 != byte | 0x20 {
            return false
        }
        let end = position + count
        if end < bytes.count, (0x61...0x7A).contains(bytes[end] | 0x20) { return false }
        position = end
        return true
    }

    /// A moment with a name, to the end: 1 or -1 for infinity, 0 for the epoch.
    mutating func moment() -> Int8? {
        if startsWithDigit { return nil }
        let sign: Int8?
        switch rest {
        case "infinity", "+infinity", "inf", "+inf": sign = 1
        case "-infinity", "-inf": sign = -1
        case "epoch": sign = 0
        default: sign = nil
        }
        if sign != nil { position = bytes.count }
        return sign
    }

    /// ` BC` or ` (BC)`, ` AD`: whether it was before Christ.
    mutating func acceptEra() -> Bool {
        let start = position
        skipSpaces()
        let isOpen = accept("(")
        for (word, isBeforeChrist) in [("bc", true), ("ad", false)] where accept(word: word) {
            if !isOpen || accept(")") { return isBeforeChrist }
        }
        position = start
        return false
    }

    /// ` PM`: whether it is the second half of the day.
    mutating func acceptHalfDay() -> Bool? {
        let start = position
        skipSpaces()
        if accept(word: "am") { return false }
        if accept(word: "pm") { return true }
        position = start
        return nil
    }

    // MARK: - Numbers

    mutating func digits(_ countMin: Int, _ countMax: Int) -> Int64? {
        guard let (value, count) = number(digitCountMax: countMax), count >= countMin else {
            return nil
        }
        return value
    }

    mutating func number(digitCountMax: Int) -> (value: Int64, digitCount: Int)? {
        var value: Int64 = 0
        var count = 0
        while count < digitCountMax, let byte = current, byte &- 0x30 < 10 {
            value = value &* 10 &+ Int64(byte &- 0x30)
            count += 1
            position += 1
        }
        return count > 0 ? (value, count) : nil
    }

    /// Digits behind a point as billionths; more than nine are cut.
    mutating func billionths() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let byte = current, byte &- 0x30 < 10 {
            if count < 9 { value = value &* 10 &+ Int64(byte &- 0x30) }
            count += 1
            position += 1
        }
        guard count > 0 else { return nil }
        while count < 9 {
            value &*= 10
            count += 1
        }
        return value
    }

    // MARK: - Zones

    enum Zone {
        /// Seconds east of UTC.
        case offset(Int64)
        case rules(ZoneRules)
    }

    /// `Z`, `+02`, `+02:30`, `-0230`, `+02:30:15`, `CEST`, `Europe/Berlin`.
    mutating func zone() -> Zone? {
        guard current == 0x2B || current == 0x2D else { return namedZone() }
        let sign: Int64 = accept("-") ? -1 : 1
        if sign > 0 { _ = accept("+") }
        guard let hours = digits(1, 2), hours <= 15 else { return nil }
        var parts: (Int64, Int64) = (0, 0)
        if accept(":") || startsWithDigit {
            guard let value = digits(2, 2), value < 60 else { return nil }
            parts.0 = value
            if accept(":") {
                guard let value = digits(2, 2), value < 60 else { return nil }
                parts.1 = value
            }
        }
        return .offset(sign * (hours * 3_600 + parts.0 * 60 + parts.1))
    }

    private mutating func namedZone() -> Zone? {
        let start = position
        while let byte = current, !NumberText.isSpace(byte) { position += 1 }
        let name = UnsafeRawBufferPointer(rebasing: bytes[start..<position]).text
        if let hours = Self.abbreviations[name.uppercased()] {
            return .offset(Int64(hours * 3_600))
        }
        guard let rules = try? ZoneRules.named(name) else { return nil }
        return .rules(rules)
    }

    /// Hours east of UTC.
    ///
    /// - Source: PostgreSQL's default set of abbreviations.
    private static let abbreviations: [String: Double] = [
        "Z": 0, "UTC": 0, "GMT": 0, "UT": 0, "ZULU": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1,
        "CEST": 2, "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "SAST": 2, "IST": 2,
        "IDT": 3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
        "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "AST": -4, "ADT": -3, "NST": -3.5,
        "NDT": -2.5, "JST": 9, "KST": 9, "HKT": 8, "SGT": 8, "AWST": 8, "ACST": 9.5, "ACDT": 10.5,
        "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
    ]
}
