// SPDX-License-Identifier: MIT

/// Reads dates and times as text writes them; `nil` for what is none or does not exist.
enum TimeText {
    /// Days since 1970-01-01 of `2024-01-31`.
    static func date(_ text: String) -> Int64? {
        var scanner = ByteScanner(text)
        guard let days = date(&scanner), scanner.isDone() else { return nil }
        return days
    }

    /// Microseconds since midnight of `10:30:15.25`.
    static func time(_ text: String) -> Int64? {
        var scanner = ByteScanner(text)
        guard let nanoseconds = time(&scanner), scanner.isDone() else { return nil }
        return nanoseconds / 1_000
    }

    /// Nanoseconds are beyond Int64 for most dates, so: microseconds since 1970-01-01 00:00, the
    /// remaining nanoseconds, and the zone's offset in seconds if one is written.
    struct Timestamp {
        var microseconds: Int64
        var nanoseconds: Int64
        var offsetSeconds: Int64?
    }

    static func timestamp(_ text: String) -> Timestamp? {
        var scanner = ByteScanner(text)
        guard let days = date(&scanner) else { return nil }
        var nanoseconds: Int64 = 0
        var offset: Int64?
        if !scanner.isAtEnd {
            let hasSeparator = scanner.accept("T") || scanner.accept("t") || scanner.accept(" ")
            guard hasSeparator else { return nil }
            scanner.skipSpaces()
            if !scanner.isAtEnd {
                guard let time = time(&scanner) else { return nil }
                nanoseconds = time
                scanner.skipSpaces()
                if !scanner.isAtEnd {
                    guard let zone = zone(&scanner) else { return nil }
                    offset = zone
                }
            }
        }
        guard scanner.isDone() else { return nil }
        let (start, overflow) = days.multipliedReportingOverflow(by: 86_400_000_000)
        let (whole, isBeyond) = start.addingReportingOverflow(nanoseconds / 1_000)
        guard !overflow, !isBeyond else { return nil }
        return Timestamp(
            microseconds: whole, nanoseconds: nanoseconds % 1_000, offsetSeconds: offset)
    }

    private static func date(_ scanner: inout ByteScanner) -> Int64? {
        guard let year = scanner.digits(4, 6) else { return nil }
        let isDashed = scanner.accept("-")
        guard isDashed || scanner.accept("/"), let month = scanner.digits(1, 2) else { return nil }
        guard isDashed ? scanner.accept("-") : scanner.accept("/"),
            let day = scanner.digits(1, 2), year > 0, (1...12).contains(month), day >= 1,
            day <= dayCount(year, month)
        else { return nil }
        return days(year, month, day)
    }

    private static func dayCount(_ year: Int, _ month: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2:
            year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
                ? 29 : 28
        default: 31
        }
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar.
    ///
    /// - Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }

    /// Nanoseconds since midnight.
    static func time(_ scanner: inout ByteScanner) -> Int64? {
        guard let hour = scanner.digits(1, 2), scanner.accept(":"),
            let minute = scanner.digits(2, 2), hour <= 24, minute < 60
        else { return nil }
        var second = 0
        var fraction = 0
        if scanner.accept(":") {
            guard let seconds = scanner.digits(2, 2), seconds <= 60 else { return nil }
            second = seconds
            if scanner.accept(".") {
                guard let billionths = scanner.billionths() else { return nil }
                fraction = billionths
            }
        }
        let total = Int64((hour * 60 + minute) * 60 + second) * 1_000_000_000 + Int64(fraction)
        // 24:00:00 is the day's end.
        return total <= 86_400_000_000_000 ? total : nil
    }

    /// Seconds east of UTC of `Z`, `UTC`, `+02`, `+02:30`, `-0230`.
    private static func zone(_ scanner: inout ByteScanner) -> Int64? {
        guard scanner.current == UInt8(ascii: "+") || scanner.current == UInt8(ascii: "-") else {
            let word = scanner.word()
            return word == "z" || word == "utc" || word == "gmt" ? 0 : nil
        }
        let sign = scanner.sign()
        guard let hours = scanner.digits(1, 2), hours <= 15 else { return nil }
        var minutes = 0
        if scanner.accept(":") || !scanner.isAtEnd {
            guard let digits = scanner.digits(2, 2), digits < 60 else { return nil }
            minutes = digits
        }
        return Int64(sign * (hours * 3_600 + minutes * 60))
    }
}
