// SPDX-License-Identifier: MIT

import IglooArrow

/// Intervals read from text: `1 year 2 mons -3 days 04:05:06.7`, `1-2`, `P1Y2M3DT4H5M6S`.
///
/// - Source: PostgreSQL 16, 8.5.4 "Interval Input".
struct IntervalText {
    private var months: Int128 = 0
    private var days: Int128 = 0
    private var nanoseconds: Int128 = 0

    static func parse(_ text: String) -> NumberText.Outcome<MonthDayNanoInterval> {
        var interval = IntervalText()
        var tokens = Tokens(text)
        let isRead = tokens.acceptISO() ? interval.readISO(&tokens) : interval.read(&tokens)
        guard isRead else { return .malformed }
        guard let months = Int32(exactly: interval.months),
            let days = Int32(exactly: interval.days),
            let nanoseconds = Int64(exactly: interval.nanoseconds)
        else { return .outOfRange }
        return .value(
            MonthDayNanoInterval(months: months, days: days, nanoseconds: nanoseconds))
    }

    private mutating func read(_ tokens: inout Tokens) -> Bool {
        var hasPart = false
        tokens.skip()
        while !tokens.isAtEnd {
            if tokens.acceptWord("ago") {
                (months, days, nanoseconds) = (-months, -days, -nanoseconds)
                return hasPart && tokens.isAtEnd
            }
            guard let number = tokens.number() else { return false }
            hasPart = true
            if tokens.accept(":") {
                guard number.fraction == 0, readClock(&tokens, number) else { return false }
            } else if number.fraction == 0, tokens.accept("-") {
                guard let part = tokens.number(), part.whole < 12, part.fraction == 0 else {
                    return false
                }
                months += number.sign * (number.whole * 12 + part.whole)
            } else {
                let unit = tokens.word()
                guard add(number, unit.isEmpty ? (tokens.isAtEnd ? "second" : "day") : unit) else {
                    return false
                }
            }
            tokens.skip()
        }
        return hasPart
    }

    private mutating func readClock(_ tokens: inout Tokens, _ hour: Tokens.Number) -> Bool {
        guard let minute = tokens.number(), minute.whole < 60 else { return false }
        var total = (hour.whole * 60 + minute.whole) * 60_000_000_000
        if tokens.accept(":") {
            guard let second = tokens.number(), second.whole <= 60 else { return false }
            total += second.whole * 1_000_000_000 + second.fraction
        }
        nanoseconds += hour.sign * total
        return true
    }

    private mutating func readISO(_ tokens: inout Tokens) -> Bool {
        var (isTime, hasPart) = (false, false)
        while !tokens.isAtEnd {
            if tokens.accept("T") || tokens.accept("t") {
                isTime = true
                continue
            }
            guard let number = tokens.number(), let letter = tokens.letter() else { return false }
            let unit: String
            switch letter {
            case "y": unit = "year"
            case "m": unit = isTime ? "minute" : "month"
            case "w": unit = "week"
            case "d": unit = "day"
            case "h": unit = "hour"
            case "s": unit = "second"
            default: return false
            }
            guard add(number, unit) else { return false }
            hasPart = true
        }
        return hasPart
    }

    /// Adds so many of a unit; a fraction goes on to the smaller ones.
    private mutating func add(_ number: Tokens.Number, _ name: String) -> Bool {
        let (whole, fraction) = (number.sign * number.whole, number.sign * number.fraction)
        guard let unit = Self.unit(name) else { return false }
        switch unit {
        case .months(1):
            months += whole
            addDays(fraction * 30)
        case .months(let count):
            months += whole * count + fraction * count / 1_000_000_000
        case .days(let count):
            days += whole * count
            addDays(fraction * count)
        case .nanoseconds(let count):
            nanoseconds += whole * count + fraction * count / 1_000_000_000
        }
        return true
    }

    /// Billionths of days.
    private mutating func addDays(_ billionths: Int128) {
        days += billionths / 1_000_000_000
        nanoseconds += billionths % 1_000_000_000 * 86_400
    }

    private enum Unit {
        case months(Int128), days(Int128), nanoseconds(Int128)
    }

    private static func unit(_ word: String) -> Unit? {
        switch word.count > 2 && word.hasSuffix("s") ? String(word.dropLast()) : word {
        case "millennium", "millennia", "mil": .months(12_000)
        case "century", "centurie", "cent", "c": .months(1_200)
        case "decade", "dec": .months(120)
        case "year", "y", "yr": .months(12)
        case "quarter", "qtr": .months(3)
        case "month", "mon": .months(1)
        case "week", "w": .days(7)
        case "day", "d": .days(1)
        case "hour", "h", "hr": .nanoseconds(3_600_000_000_000)
        case "minute", "m", "min": .nanoseconds(60_000_000_000)
        case "second", "s", "sec": .nanoseconds(1_000_000_000)
        case "millisecond", "ms", "msec": .nanoseconds(1_000_000)
        case "microsecond", "us", "usec": .nanoseconds(1_000)
        default: nil
        }
    }
}

extension IntervalText {
    /// Numbers and words of an interval.
    struct Tokens {
        struct Number {
            var sign: Int128
            var whole: Int128
            /// Billionths.
            var fraction: Int128
        }

        private let bytes: [UInt8]
        private var position = 0

        init(_ text: String) { bytes = Array(text.utf8) }

        var isAtEnd: Bool { position >= bytes.count }

        mutating func skip() {
            while position < bytes.count,
                NumberText.isSpace(bytes[position]) || bytes[position] == UInt8(ascii: "@")
            {
                position += 1
            }
        }

        mutating func accept(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, UInt32(bytes[position]) == character.value else {
                return false
            }
            position += 1
            return true
        }

        mutating func acceptISO() -> Bool {
            skip()
            return accept("P") || accept("p")
        }

        mutating func acceptWord(_ word: String) -> Bool {
            let start = position
            if self.word() == word {
                skip()
                return true
            }
            position = start
            return false
        }

        mutating func letter() -> String? {
            guard position < bytes.count else { return nil }
            position += 1
            return String(Unicode.Scalar(bytes[position - 1] | 0x20))
        }

        mutating func word() -> String {
            skip()
            var word = ""
            while position < bytes.count, bytes[position] | 0x20 >= 0x61,
                bytes[position] | 0x20 <= 0x7A
            {
                word.unicodeScalars.append(Unicode.Scalar(bytes[position] | 0x20))
                position += 1
            }
            return word
        }

        mutating func number() -> Number? {
            skip()
            let sign: Int128 = accept("-") ? -1 : 1
            if sign > 0 { _ = accept("+") }
            var (whole, fraction): (Int128, Int128) = (0, 0)
            var (hasDigits, scale): (Bool, Int128) = (false, 1_000_000_000)
            while position < bytes.count, bytes[position] &- 0x30 < 10 {
                guard whole < 1 << 63 else { return nil }
                whole = whole * 10 + Int128(bytes[position] &- 0x30)
                hasDigits = true
                position += 1
            }
            if accept(".") {
                while position < bytes.count, bytes[position] &- 0x30 < 10 {
                    scale /= 10
                    fraction += Int128(bytes[position] &- 0x30) * scale
                    hasDigits = true
                    position += 1
                }
            }
            return hasDigits ? Number(sign: sign, whole: whole, fraction: fraction) : nil
        }
    }
}
