// SPDX-License-Identifier: MIT

import IglooContracts

/// A field of a date or time, as `date_part` and `date_trunc` name it.
enum DateField {
    case nanosecond, microsecond, millisecond, second, minute, hour
    case day, week, month, quarter, year, decade, century, millennium
    case dow, isodow, doy, isoyear, yearweek, era, epoch, julian
    case timezone, timezoneHour, timezoneMinute

    init?(_ name: String) {
        let lower = name.lowercased()
        switch lower.count > 3 && lower.hasSuffix("s") ? String(lower.dropLast()) : lower {
        case "nanosecond", "ns": self = .nanosecond
        case "microsecond", "us", "usec": self = .microsecond
        case "millisecond", "ms", "msec": self = .millisecond
        case "second", "sec", "s": self = .second
        case "minute", "min", "m": self = .minute
        case "hour", "hr", "h": self = .hour
        case "day", "d": self = .day
        case "week", "weekofyear", "w": self = .week
        case "month", "mon": self = .month
        case "quarter", "qtr": self = .quarter
        case "year", "y", "yr": self = .year
        case "decade", "dec": self = .decade
        case "century", "centurie", "c": self = .century
        case "millennium", "millennia", "mil": self = .millennium
        case "dow", "dayofweek", "weekday": self = .dow
        case "isodow": self = .isodow
        case "doy", "dayofyear": self = .doy
        case "isoyear": self = .isoyear
        case "yearweek": self = .yearweek
        case "era": self = .era
        case "epoch": self = .epoch
        case "julian": self = .julian
        case "timezone": self = .timezone
        case "timezone_hour", "timezone_h": self = .timezoneHour
        case "timezone_minute", "timezone_m": self = .timezoneMinute
        default: return nil
        }
    }

    static func named(_ name: String) throws(IglooError) -> DateField {
        guard let field = DateField(name) else {
            throw Faults.invalid(
                "unit \"\(Faults.shortened(name))\" is not recognised")
        }
        return field
    }

    /// The field of a day.
    @inline(__always)
    func ofDay(_ days: Int64) -> Int64 {
        switch self {
        case .year: return CivilDate(days: days).year.withoutZero
        case .month: return CivilDate(days: days).month
        case .day: return CivilDate(days: days).day
        case .quarter: return (CivilDate(days: days).month &+ 2) / 3
        case .week: return CivilDate.isoWeek(days).week
        case .isoyear: return CivilDate.isoWeek(days).year.withoutZero
        case .yearweek:
            let (year, week) = CivilDate.isoWeek(days)
            return year.withoutZero &* 100 &+ (year > 0 ? week : 0 &- week)
        case .era: return CivilDate(days: days).year > 0 ? 1 : 0
        case .dow: return CivilDate.isoWeekday(days) % 7
        case .isodow: return CivilDate.isoWeekday(days)
        case .doy: return CivilDate(days: days).dayOfYear
        case .decade: return Floor.divide(CivilDate(days: days).year, 10)
        case .century: return Self.period(CivilDate(days: days).year, 100)
        case .millennium: return Self.period(CivilDate(days: days).year, 1_000)
        case .epoch: return days &* 86_400
        case .julian: return days &+ 2_440_588
        default: return 0
        }
    }

    /// The first century and millennium begin with year 1, and there is none numbered 0.
    private static func period(_ year: Int64, _ length: Int64) -> Int64 {
        year > 0 ? (year &+ length &- 1) / length : 0 &- ((0 &- year) / length &+ 1)
    }

    /// The field of a time of day.
    @inline(__always)
    func ofTime(_ time: Int64, _ unitsPerSecond: Int64) -> Int64 {
        switch self {
        case .hour: return time / (3_600 &* unitsPerSecond)
        case .minute: return time / (60 &* unitsPerSecond) % 60
        case .second: return time / unitsPerSecond % 60
        case .millisecond: return time % (60 &* unitsPerSecond) / (unitsPerSecond / 1_000)
        case .microsecond: return time % (60 &* unitsPerSecond) / (unitsPerSecond / 1_000_000)
        case .nanosecond:
            return time % (60 &* unitsPerSecond) &* (1_000_000_000 / unitsPerSecond)
        case .epoch: return time / unitsPerSecond
        default: return 0
        }
    }

    var isOfZone: Bool {
        switch self {
        case .timezone, .timezoneHour, .timezoneMinute: true
        default: false
        }
    }

    /// The field of a zone's offset, seconds east of UTC.
    func ofOffset(_ seconds: Int64) -> Int64 {
        switch self {
        case .timezoneHour: seconds / 3_600
        case .timezoneMinute: seconds / 60 % 60
        default: seconds
        }
    }

    var isOfTime: Bool {
        switch self {
        case .hour, .minute, .second, .millisecond, .microsecond, .nanosecond: true
        default: false
        }
    }
}

extension Int64 {
    /// An astronomical year as people count: 1 BC comes before AD 1.
    @inline(__always)
    var withoutZero: Int64 { self > 0 ? self : self &- 1 }
}
