// SPDX-License-Identifier: MIT

/// The second, 64-bit part of a TZif file.
struct ZoneFile {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private struct Header {
        var isUTCCount, isStandardCount, leapCount, timeCount, typeCount, charCount: Int

        func byteCount(timeByteCount: Int) -> Int {
            timeCount * timeByteCount + timeCount + typeCount * 6 + charCount
                + leapCount * (timeByteCount + 4) + isStandardCount + isUTCCount
        }
    }

    func rules() -> ZoneRules? {
        guard let first = header(at: 0), bytes.count > 4, bytes[4] >= UInt8(ascii: "2") else {
            return nil
        }
        let start = 44 + first.byteCount(timeByteCount: 4)
        guard let header = header(at: start), header.typeCount > 0 else { return nil }
        let body = start + 44
        let end = body + header.byteCount(timeByteCount: 8)
        guard end <= bytes.count else { return nil }
        var transitions: [Int64] = []
        var offsets: [Int64] = []
        let types = body + header.timeCount * 9
        func offset(_ type: Int) -> Int64 {
            Int64(Int32(truncatingIfNeeded: number(types + type * 6, 4)))
        }
        offsets.append(offset(0))
        for index in 0..<header.timeCount {
            let type = Int(bytes[body + header.timeCount * 8 + index])
            guard type < header.typeCount else { return nil }
            let time = Int64(bitPattern: number(body + index * 8, 8))
            if let last = transitions.last, time < last { return nil }
            transitions.append(time)
            offsets.append(offset(type))
        }
        let footer = bytes[end...].dropFirst().prefix { $0 != 0x0A }
        return ZoneRules(
            transitions: transitions, offsets: offsets,
            tail: ZoneTail(String(decoding: footer, as: UTF8.self)))
    }

    private func header(at start: Int) -> Header? {
        guard start + 44 <= bytes.count, bytes[start..<start + 4].elementsEqual("TZif".utf8) else {
            return nil
        }
        func count(_ index: Int) -> Int { Int(number(start + 20 + index * 4, 4)) }
        let header = Header(
            isUTCCount: count(0), isStandardCount: count(1), leapCount: count(2),
            timeCount: count(3), typeCount: count(4), charCount: count(5))
        return header.byteCount(timeByteCount: 4) <= bytes.count ? header : nil
    }

    private func number(_ start: Int, _ byteCount: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in start..<start + byteCount { value = value << 8 | UInt64(bytes[index]) }
        return value
    }
}

/// What holds after a file's last transition: `CET-1CEST,M3.5.0,M10.5.0/3`.
///
/// - Source: POSIX.1-2017, 8.3, variable TZ.
struct ZoneTail: Sendable {
    /// The `week`-th `weekday` of a month (5: the last), or a day of the year.
    private struct Change: Sendable {
        var month: Int64 = 0
        var week: Int64 = 0
        var weekday: Int64 = 0
        var dayOfYear: Int64?
        var seconds: Int64 = 7_200

        func start(_ year: Int64) -> Int64 {
            let january = CivilDate(year: year, month: 1, day: 1).days
            if let dayOfYear { return (january + dayOfYear) * 86_400 + seconds }
            let first = CivilDate(year: year, month: month, day: 1).days
            var day =
                first + Floor.remainder(weekday - CivilDate.isoWeekday(first) % 7, 7)
                + (week - 1) * 7
            if day >= first + CivilDate.dayCount(year, month) { day -= 7 }
            return day * 86_400 + seconds
        }
    }

    private let standard: Int64
    private let summer: Int64
    private let changes: (begin: Change, end: Change)?

    init?(_ text: String) {
        var rest = Substring(text)
        guard Self.takeName(&rest), let west = Self.takeTime(&rest) else { return nil }
        standard = 0 - west
        if rest.isEmpty {
            (summer, changes) = (standard, nil)
            return
        }
        guard Self.takeName(&rest) else { return nil }
        if rest.first == "," {
            summer = standard + 3_600
        } else {
            guard let west = Self.takeTime(&rest) else { return nil }
            summer = 0 - west
        }
        guard let begin = Self.takeChange(&rest), let end = Self.takeChange(&rest), rest.isEmpty
        else { return nil }
        changes = (begin, end)
    }

    func offset(at seconds: Int64) -> Int64 {
        guard let changes else { return standard }
        let year = CivilDate(days: Floor.divide(seconds + standard, 86_400)).year
        let begin = changes.begin.start(year) - standard
        let end = changes.end.start(year) - summer
        let isSummer =
            begin < end ? seconds >= begin && seconds < end : !(seconds >= end && seconds < begin)
        return isSummer ? summer : standard
    }

    private static func takeName(_ rest: inout Substring) -> Bool {
        if rest.first == "<" {
            guard let end = rest.firstIndex(of: ">") else { return false }
            rest = rest[rest.index(after: end)...]
            return true
        }
        let name = rest.prefix { $0.isLetter }
        rest = rest.dropFirst(name.count)
        return name.count >= 3
    }

    private static func takeNumber(_ rest: inout Substring) -> Int64? {
        let digits = rest.prefix { $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return digits.count <= 4 ? Int64(digits) : nil
    }

    /// `[+-]h[:m[:s]]` in seconds.
    private static func takeTime(_ rest: inout Substring) -> Int64? {
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        guard var seconds = takeNumber(&rest).map({ $0 * 3_600 }) else { return nil }
        for unit: Int64 in [60, 1] where rest.first == ":" {
            rest = rest.dropFirst()
            guard let value = takeNumber(&rest) else { return nil }
            seconds += value * unit
        }
        return isNegative ? -seconds : seconds
    }

    private static func takeChange(_ rest: inout Substring) -> Change? {
        guard rest.first == "," else { return nil }
        rest = rest.dropFirst()
        var change = Change()
        if rest.first == "M" {
            rest = rest.dropFirst()
            guard let month = takeNumber(&rest), rest.first == "." else { return nil }
            rest = rest.dropFirst()
            guard let week = takeNumber(&rest), rest.first == "." else { return nil }
            rest = rest.dropFirst()
            guard let weekday = takeNumber(&rest), (1...12).contains(month),
                (1...5).contains(week), (0...6).contains(weekday)
            else { return nil }
            (change.month, change.week, change.weekday) = (month, week, weekday)
        } else {
            let isJulian = rest.first == "J"
            if isJulian { rest = rest.dropFirst() }
            guard let day = takeNumber(&rest), day <= 366 else { return nil }
            change.dayOfYear = isJulian ? day - 1 : day
        }
        if rest.first == "/" {
            rest = rest.dropFirst()
            guard let seconds = takeTime(&rest) else { return nil }
            change.seconds = seconds
        }
        return change
    }
}
