// SPDX-License-Identifier: MIT

/// Reads intervals: `1 day`, `1 year 2 months -3 days 04:05:06.7`, `1-2`, `P1Y2M3DT4H5M6S`.
///
/// - Source: PostgreSQL 16, 8.5.4 "Interval Input".
struct IntervalText {
    private(set) var months: Int32 = 0
    private(set) var days: Int32 = 0
    private(set) var nanoseconds: Int64 = 0

    /// - Parameter unit: of a number without one; seconds where nothing is said.
    init?(_ text: String, unit: IntervalQualifier?) {
        var scanner = ByteScanner(text)
        guard !scanner.isAtEnd else { return nil }
        if scanner.accept("P") {
            guard readISO(&scanner) else { return nil }
            return
        }
        while !scanner.isDone() {
            if scanner.current == UInt8(ascii: "@") {
                scanner.advance()
                continue
            }
            if scanner.current.map({ $0 | 0x20 }) == UInt8(ascii: "a") {
                guard scanner.word() == "ago", scanner.isDone(), negate() else { return nil }
                return
            }
            guard readPart(&scanner, unit) else { return nil }
        }
    }

    /// `3 days`, `04:05:06`, `1-2`, or a bare number in the default unit.
    private mutating func readPart(
        _ scanner: inout ByteScanner, _ unit: IntervalQualifier?
    ) -> Bool {
        let sign = scanner.sign()
        guard let (whole, fraction) = Self.number(&scanner) else { return false }
        if scanner.current == UInt8(ascii: ":"), fraction == 0 {
            return readClock(&scanner, sign, whole, unit)
        }
        if scanner.current == UInt8(ascii: "-"), fraction == 0 {
            scanner.advance()
            guard let months = scanner.digits(1, 2), months < 12 else { return false }
            return add(sign, whole, 0, "year") && add(sign, Int64(months), 0, "month")
        }
        scanner.skipSpaces()
        let word = scanner.word()
        guard word.isEmpty else { return add(sign, whole, fraction, word) }
        // `1 2:03` as DAY TO SECOND: a number before a clock is days.
        let isBeforeClock = !scanner.isAtEnd
        return add(
            sign, whole, fraction, isBeforeClock ? "day" : unit?.to ?? unit?.from ?? "second")
    }

    private mutating func readClock(
        _ scanner: inout ByteScanner, _ sign: Int, _ first: Int64, _ unit: IntervalQualifier?
    ) -> Bool {
        scanner.advance()
        guard let second = scanner.digits(1, 2), second < 60 else { return false }
        if unit?.to == "second", unit?.from == "minute", scanner.current != UInt8(ascii: ":") {
            return add(sign, first, 0, "minute") && add(sign, Int64(second), 0, "second")
        }
        guard add(sign, first, 0, "hour"), add(sign, Int64(second), 0, "minute") else {
            return false
        }
        guard scanner.accept(":") else { return true }
        guard let seconds = scanner.digits(1, 2), seconds < 60 else { return false }
        var fraction = 0.0
        if scanner.accept(".") {
            guard let billionths = scanner.billionths() else { return false }
            fraction = Double(billionths) / 1e9
        }
        return add(sign, Int64(seconds), fraction, "second")
    }

    /// From behind the P.
    private mutating func readISO(_ scanner: inout ByteScanner) -> Bool {
        var isTime = false
        var hasPart = false
        while !scanner.isDone() {
            if scanner.accept("T") {
                isTime = true
                continue
            }
            let sign = scanner.sign()
            guard let (whole, fraction) = Self.number(&scanner) else { return false }
            let letter = scanner.word()
            let unit: String? =
                switch letter {
                case "y": "year"
                case "m": isTime ? "minute" : "month"
                case "w": "week"
                case "d": "day"
                case "h": "hour"
                case "s": "second"
                // Such as `P1DT2H`, where the word runs on to the T.
                case "dt": "day"
                case "mt": "month"
                case "yt": "year"
                default: nil
                }
            if letter.count == 2 { isTime = true }
            guard let unit, add(sign, whole, fraction, unit) else { return false }
            hasPart = true
        }
        return hasPart
    }

    private static func number(_ scanner: inout ByteScanner) -> (whole: Int64, fraction: Double)? {
        var whole: Int64 = 0
        var hasDigits = false
        while let byte = scanner.current, Lexer.isDigit(byte) {
            let (tens, overflow) = whole.multipliedReportingOverflow(by: 10)
            let (next, isBeyond) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !overflow, !isBeyond else { return nil }
            whole = next
            hasDigits = true
            scanner.advance()
        }
        guard scanner.accept(".") else { return hasDigits ? (whole, 0) : nil }
        guard let billionths = scanner.billionths() else { return hasDigits ? (whole, 0) : nil }
        return (whole, Double(billionths) / 1e9)
    }

    /// Adds so many of a unit; a fraction of one goes on to the next smaller.
    private mutating func add(
        _ sign: Int, _ whole: Int64, _ fraction: Double, _ unit: String
    ) -> Bool {
        let sign = Int64(sign)
        let signedFraction = Double(sign) * fraction
        switch Self.unit(unit) {
        case .months(1)?:
            return addMonths(whole, sign) && addDays(signedFraction * 30)
        case .months(let count)?:
            return addMonths(whole, sign * count)
                && addMonths(Int64((fraction * Double(count)).rounded()), sign)
        case .days(let count)?:
            return addDays(whole, sign * count) && addDays(signedFraction * Double(count))
        case .nanoseconds(let count)?:
            return addNanoseconds(whole, sign * count)
                && addNanoseconds(Int64((signedFraction * Double(count)).rounded()), 1)
        case nil: return false
        }
    }

    private mutating func addMonths(_ count: Int64, _ factor: Int64) -> Bool {
        let (product, overflow) = count.multipliedReportingOverflow(by: factor)
        let (sum, isBeyond) = Int64(months).addingReportingOverflow(product)
        guard !overflow, !isBeyond, let value = Int32(exactly: sum) else { return false }
        months = value
        return true
    }

    /// Less than a month of days, and their fraction as time.
    private mutating func addDays(_ count: Double) -> Bool {
        let whole = count.rounded(.towardZero)
        return addDays(Int64(whole), 1)
            && addNanoseconds(Int64(((count - whole) * 86_400e9).rounded()), 1)
    }

    private mutating func addDays(_ count: Int64, _ factor: Int64) -> Bool {
        let (product, overflow) = count.multipliedReportingOverflow(by: factor)
        let (sum, isBeyond) = Int64(days).addingReportingOverflow(product)
        guard !overflow, !isBeyond, let value = Int32(exactly: sum) else { return false }
        days = value
        return true
    }

    private mutating func addNanoseconds(_ count: Int64, _ factor: Int64) -> Bool {
        let (product, overflow) = count.multipliedReportingOverflow(by: factor)
        let (sum, isBeyond) = nanoseconds.addingReportingOverflow(product)
        guard !overflow, !isBeyond else { return false }
        nanoseconds = sum
        return true
    }

    private mutating func negate() -> Bool {
        guard months != .min, days != .min, nanoseconds != .min else { return false }
        (months, days, nanoseconds) = (-months, -days, -nanoseconds)
        return true
    }

    private enum Unit {
        case months(Int64), days(Int64), nanoseconds(Int64)
    }

    private static func unit(_ word: String) -> Unit? {
        let singular = word.count > 2 && word.hasSuffix("s") ? String(word.dropLast()) : word
        return switch singular {
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
