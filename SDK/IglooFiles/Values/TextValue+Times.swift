// SPDX-License-Identifier: MIT

extension TextValue {
    /// A moment as text gave it.
    public struct Timestamp: Hashable, Sendable {
        /// Microseconds since 1970-01-01 00:00; in UTC when the text named a zone.
        public var microseconds: Int64
        public var hasZone: Bool
    }

    /// `2024-02-29` or `2024/02/29`, in days since 1970-01-01. Years have four to six digits.
    public static func date(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
        guard let (days, used) = datePrefix(bytes, count), used == count else { return nil }
        return days
    }

    /// `12:34`, `12:34:56`, `12:34:56.789`, in microseconds since midnight.
    public static func time(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        guard let (time, used) = timePrefix(bytes, count), used == count else { return nil }
        return time
    }

    /// A date, then `T` or a space, a time, and perhaps a zone: `Z`, `+02`, `-0330`, `+05:45`.
    /// A date alone is its midnight.
    public static func timestamp(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Timestamp? {
        guard let (days, used) = datePrefix(bytes, count) else { return nil }
        let midnight = Int64(days) &* 86_400_000_000
        if used == count { return Timestamp(microseconds: midnight, hasZone: false) }
        guard bytes[used] == 0x20 || bytes[used] | 0x20 == 0x74 else { return nil }
        var index = used + 1
        guard let (time, timeUsed) = timePrefix(bytes + index, count - index) else { return nil }
        index += timeUsed
        let local = midnight &+ time
        if index == count { return Timestamp(microseconds: local, hasZone: false) }
        if bytes[index] == 0x20 { index += 1 }
        guard let offset = zoneSeconds(bytes + index, count - index) else { return nil }
        return Timestamp(microseconds: local &- offset &* 1_000_000, hasZone: true)
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, or `nil` when there is no such
    /// day.
    ///
    /// - Source: Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.
    @inlinable
    public static func days(year: Int, month: Int, day: Int) -> Int32? {
        guard month >= 1, month <= 12, day >= 1, year >= -290_000, year <= 290_000,
            day <= dayCount(year: year, month: month)
        else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int32(era * 146_097 + dayOfEra - 719_468)
    }

    @inlinable
    static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    @inline(__always)
    private static func datePrefix(
        _ bytes: UnsafePointer<UInt8>, _ count: Int
    ) -> (days: Int32, used: Int)? {
        var (year, index) = (0, 0)
        while index < count && index < 7 {
            let digit = bytes[index] &- 0x30
            if digit > 9 { break }
            year = year &* 10 &+ Int(digit)
            index &+= 1
        }
        guard index >= 4, index <= 6, index < count else { return nil }
        let separator = bytes[index]
        guard separator == 0x2D || separator == 0x2F else { return nil }
        guard let month = oneOrTwoDigits(bytes, count, &index, after: separator),
            let day = oneOrTwoDigits(bytes, count, &index, after: separator),
            let days = days(year: year, month: month, day: day)
        else { return nil }
        return (days, index)
    }

    @inline(__always)
    private static func oneOrTwoDigits(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ index: inout Int, after separator: UInt8
    ) -> Int? {
        guard index &+ 1 < count, bytes[index] == separator else { return nil }
        let first = bytes[index &+ 1] &- 0x30
        if first > 9 { return nil }
        index &+= 2
        if index < count, bytes[index] &- 0x30 <= 9 {
            index &+= 1
            return Int(first) &* 10 &+ Int(bytes[index &- 1] &- 0x30)
        }
        return Int(first)
    }

    @inline(__always)
    private static func twoDigits(_ bytes: UnsafePointer<UInt8>) -> Int {
        let (high, low) = (bytes[0] &- 0x30, bytes[1] &- 0x30)
        return high > 9 || low > 9 ? -1 : Int(high) &* 10 &+ Int(low)
    }

    private static func timePrefix(
        _ bytes: UnsafePointer<UInt8>, _ count: Int
    ) -> (microseconds: Int64, used: Int)? {
        guard count >= 5, bytes[2] == 0x3A else { return nil }
        let (hour, minute) = (twoDigits(bytes), twoDigits(bytes + 3))
        guard hour >= 0, hour < 24, minute >= 0, minute < 60 else { return nil }
        var microseconds = Int64(hour &* 3600 &+ minute &* 60) &* 1_000_000
        guard count >= 8, bytes[5] == 0x3A else { return (microseconds, 5) }
        let second = twoDigits(bytes + 6)
        guard second >= 0, second < 60 else { return nil }
        microseconds &+= Int64(second) &* 1_000_000
        guard count >= 10, bytes[8] == 0x2E, bytes[9] &- 0x30 <= 9 else {
            return (microseconds, 8)
        }
        var (index, unit) = (9, Int64(100_000))
        while index < count, bytes[index] &- 0x30 <= 9 {
            microseconds &+= Int64(bytes[index] &- 0x30) &* unit
            unit /= 10
            index &+= 1
        }
        return (microseconds, index)
    }

    private static func zoneSeconds(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        if matches(bytes, count, "z") || matches(bytes, count, "utc") { return 0 }
        guard count >= 3, bytes[0] == 0x2B || bytes[0] == 0x2D else { return nil }
        let hour = twoDigits(bytes + 1)
        var minute = 0
        switch count {
        case 3: break
        case 5: minute = twoDigits(bytes + 3)
        case 6 where bytes[3] == 0x3A: minute = twoDigits(bytes + 4)
        default: return nil
        }
        guard hour >= 0, hour <= 15, minute >= 0, minute < 60 else { return nil }
        let seconds = Int64(hour * 3600 + minute * 60)
        return bytes[0] == 0x2D ? -seconds : seconds
    }
}
