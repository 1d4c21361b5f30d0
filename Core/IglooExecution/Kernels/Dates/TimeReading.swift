// SPDX-License-Identifier: MIT

import IglooContracts

/// Fields of a date and time as they are read one by one, and the moment they make.
struct TimeFields {
    var year: Int64?
    var month: Int64 = 1
    var day: Int64 = 1
    var dayOfYear: Int64?
    var hour: Int64 = 0
    var minute: Int64 = 0
    var second: Int64 = 0
    var microsecond: Int64 = 0
    var isAfternoon: Bool?
    var isBeforeChrist = false
    var julian: Int64?
    var isoWeek: (year: Int64?, week: Int64?, day: Int64?) = (nil, nil, nil)
    /// Weeks of the year that begin on Sundays or Mondays, the first of them being 1.
    var sundayWeek: Int64?
    var mondayWeek: Int64?
    /// From 0, Sunday.
    var weekday: Int64?
    /// Seconds east of UTC.
    var offset: Int64?
    /// Whole seconds since 1970 or of the day.
    var epochSeconds: Int64?
    var secondOfDay: Int64?

    /// Days since 1970; `nil` when a field is out of range.
    var days: Int64? {
        if let julian { return julian - 2_440_588 }
        if let isoYear = isoWeek.year ?? year, let week = isoWeek.week {
            guard (1...53).contains(week), (1...7).contains(isoWeek.day ?? 1) else { return nil }
            let fourth = CivilDate(year: isoYear, month: 1, day: 4).days
            return fourth - CivilDate.isoWeekday(fourth) + 1 + (week - 1) * 7
                + (isoWeek.day ?? 1) - 1
        }
        var year = year ?? 0
        if self.year == nil { year = 1970 }
        if isBeforeChrist { year = 1 - year }
        guard abs(year) < 300_000 else { return nil }
        if sundayWeek != nil || mondayWeek != nil { return dayOfWeek(in: year) }
        if let dayOfYear {
            guard dayOfYear >= 1, dayOfYear <= (CivilDate.isLeap(year) ? 366 : 365) else {
                return nil
            }
            return CivilDate(year: year, month: 1, day: 1).days + dayOfYear - 1
        }
        guard (1...12).contains(month), day >= 1, day <= CivilDate.dayCount(year, month) else {
            return nil
        }
        return CivilDate(year: year, month: month, day: day).days
    }

    private func dayOfWeek(in year: Int64) -> Int64? {
        guard let week = sundayWeek ?? mondayWeek, (0...53).contains(week) else { return nil }
        let newYear = CivilDate(year: year, month: 1, day: 1).days
        // How many days after its beginning, a Sunday or a Monday, a day's week is.
        let shift: Int64 = sundayWeek != nil ? 0 : 6
        let before = (CivilDate.isoWeekday(newYear) + shift) % 7
        let first = newYear + (7 - before) % 7
        let day = weekday.map { ($0 + shift) % 7 } ?? 0
        return first + (week - 1) * 7 + day
    }

    /// Microseconds since 1970, in UTC where there was an offset.
    var microseconds: Int64? {
        if let epochSeconds {
            let (value, overflow) = epochSeconds.multipliedReportingOverflow(by: 1_000_000)
            return overflow ? nil : value
        }
        guard let days else { return nil }
        var hour = hour
        if let isAfternoon {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (isAfternoon ? 12 : 0)
        }
        guard (0...24).contains(hour), (0...59).contains(minute), (0...60).contains(second) else {
            return nil
        }
        let seconds = secondOfDay ?? (hour * 60 + minute) * 60 + second
        let (start, overflow) = (days * 86_400 + seconds - (offset ?? 0))
            .multipliedReportingOverflow(by: 1_000_000)
        return overflow ? nil : start &+ microsecond
    }
}

/// Reads pieces of a text from left to right.
struct TimeScanner {
    private let bytes: UnsafeRawBufferPointer
    private(set) var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { index == bytes.count }
    var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func skipSpaces() {
        while let byte = current, byte == 0x20 || byte &- 9 < 5 { index += 1 }
    }

    mutating func accept(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        index += 1
        return true
    }

    mutating func skip() { index = min(index + 1, bytes.count) }

    /// An unsigned number of at most so many digits.
    mutating func number(_ digitCountMax: Int) -> Int64? {
        var value: Int64 = 0
        let start = index
        while let byte = current, byte &- 0x30 < 10, index - start < min(digitCountMax, 18) {
            value = value * 10 + Int64(byte - 0x30)
            index += 1
        }
        return index > start ? value : nil
    }

    mutating func signed(_ digitCountMax: Int) -> Int64? {
        let isNegative = current == UInt8(ascii: "-")
        if isNegative || current == UInt8(ascii: "+") { index += 1 }
        return number(digitCountMax).map { isNegative ? -$0 : $0 }
    }

    /// Digits behind a point, as so many.
    mutating func fraction(_ digitCount: Int) -> Int64? {
        let start = index
        guard var value = number(digitCount) else { return nil }
        for _ in index - start..<digitCount { value *= 10 }
        while let byte = current, byte &- 0x30 < 10 { index += 1 }
        return value
    }

    /// Which of the names stands here, in any case; the longer of two.
    mutating func name(_ names: [String]) -> Int? {
        for (number, name) in names.enumerated().sorted(by: { $0.element.count > $1.element.count })
        where index + name.utf8.count <= bytes.count {
            let isSame = zip(name.utf8, bytes[index...]).allSatisfy { $0 | 0x20 == $1 | 0x20 }
            if isSame {
                index += name.utf8.count
                return number
            }
        }
        return nil
    }

    /// `+02`, `+0200`, `-02:30` or `Z`, in seconds.
    mutating func offset() -> Int64? {
        if accept(UInt8(ascii: "Z")) || accept(UInt8(ascii: "z")) { return 0 }
        let isNegative = current == UInt8(ascii: "-")
        guard isNegative || current == UInt8(ascii: "+") else { return nil }
        index += 1
        guard let hours = number(2) else { return nil }
        _ = accept(UInt8(ascii: ":"))
        let minutes = number(2) ?? 0
        let seconds = (hours * 60 + minutes) * 60
        return isNegative ? -seconds : seconds
    }
}
