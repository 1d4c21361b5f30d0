// SPDX-License-Identifier: MIT

/// A day of the proleptic Gregorian calendar. Year 0 is 1 BC.
///
/// - Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
struct CivilDate {
    var year: Int64
    var month: Int64
    var day: Int64

    /// From days since 1970-01-01, at most 2^50 of them either way.
    @inline(__always)
    init(days: Int64) {
        let shifted = days &+ 719_468
        let era = (shifted >= 0 ? shifted : shifted &- 146_096) / 146_097
        let dayOfEra = shifted &- era &* 146_097
        let yearOfEra =
            (dayOfEra &- dayOfEra / 1_460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let shiftedMonth = (5 &* dayOfYear &+ 2) / 153
        day = dayOfYear &- (153 &* shiftedMonth &+ 2) / 5 &+ 1
        month = shiftedMonth &+ (shiftedMonth < 10 ? 3 : -9)
        year = yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0)
    }

    @inline(__always)
    init(year: Int64, month: Int64, day: Int64) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// Days since 1970-01-01. The year is at most 2^40 either way.
    @inline(__always)
    var days: Int64 {
        let shifted = month <= 2 ? year &- 1 : year
        let era = (shifted >= 0 ? shifted : shifted &- 399) / 400
        let yearOfEra = shifted &- era &* 400
        let dayOfYear = (153 &* (month &+ (month > 2 ? -3 : 9)) &+ 2) / 5 &+ day &- 1
        let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
        return era &* 146_097 &+ dayOfEra &- 719_468
    }

    static func isLeap(_ year: Int64) -> Bool {
        year & 3 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    static func dayCount(_ year: Int64, _ month: Int64) -> Int64 {
        month == 2
            ? (isLeap(year) ? 29 : 28)
            : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
    }

    /// 1 to 366.
    var dayOfYear: Int64 { days &- CivilDate(year: year, month: 1, day: 1).days &+ 1 }

    /// So many months later, the day clamped to the month's last.
    func adding(months count: Int64) -> CivilDate {
        let all = year &* 12 &+ (month &- 1) &+ count
        let newYear = Floor.divide(all, 12)
        let newMonth = all &- newYear &* 12 &+ 1
        return CivilDate(
            year: newYear, month: newMonth,
            day: min(day, Self.dayCount(newYear, newMonth)))
    }

    /// Monday is 1, Sunday 7.
    static func isoWeekday(_ days: Int64) -> Int64 { Floor.remainder(days &+ 3, 7) &+ 1 }

    /// The year and week of ISO 8601: week 1 has the year's first Thursday.
    static func isoWeek(_ days: Int64) -> (year: Int64, week: Int64) {
        let thursday = days &- isoWeekday(days) &+ 4
        let date = CivilDate(days: thursday)
        return (date.year, (date.dayOfYear &- 1) / 7 &+ 1)
    }
}

/// Division that rounds down. Divisors are positive.
enum Floor {
    @inline(__always)
    static func divide(_ x: Int64, _ y: Int64) -> Int64 {
        let quotient = x / y
        return quotient &* y > x ? quotient &- 1 : quotient
    }

    @inline(__always)
    static func remainder(_ x: Int64, _ y: Int64) -> Int64 {
        let remainder = x % y
        return remainder < 0 ? remainder &+ y : remainder
    }
}
