// SPDX-License-Identifier: MIT

import IglooContracts

/// Reads a text after a template of `to_date` or `to_timestamp`.
enum TimeTemplateReader {
    /// `nil` when the text does not follow the template.
    static func fields(_ text: UnsafeRawBufferPointer, _ template: TimeTemplate) -> TimeFields? {
        var scanner = TimeScanner(text)
        var fields = TimeFields()
        for (index, item) in template.items.enumerated() {
            guard let field = item.field else {
                skipLiteral(item.literal, &scanner)
                continue
            }
            scanner.skipSpaces()
            if scanner.isAtEnd { break }
            // Digits run on into the next number where nothing stands between.
            let next = index + 1 < template.items.count ? template.items[index + 1].field : nil
            guard read(field, next == nil, &scanner, &fields) else { return nil }
            if item.ordinal != nil { _ = scanner.name(["st", "nd", "rd", "th"]) }
        }
        return fields
    }

    /// Separators of the template stand for any separators; letters for any character.
    private static func skipLiteral(_ literal: String, _ scanner: inout TimeScanner) {
        for byte in literal.utf8 {
            let isSeparator =
                !(byte | 0x20 &- 0 >= 0x61 && byte | 0x20 <= 0x7A) && byte &- 0x30 >= 10
            if !isSeparator {
                scanner.skip()
            } else if let current = scanner.current,
                !(current | 0x20 >= 0x61 && current | 0x20 <= 0x7A), current &- 0x30 >= 10,
                byte != UInt8(ascii: "+") || current != UInt8(ascii: "-")
            {
                scanner.skip()
            }
        }
    }

    private static func read(
        _ field: TimeTemplate.Field, _ isLast: Bool, _ scanner: inout TimeScanner,
        _ fields: inout TimeFields
    ) -> Bool {
        func number(_ width: Int) -> Int64? { scanner.number(width) }
        switch field {
        case .hour24, .hour12, .hour: return set(&fields.hour, number(2))
        case .minute: return set(&fields.minute, number(2))
        case .second: return set(&fields.second, number(2))
        case .millisecond, .thousandths:
            return set(&fields.microsecond, scanner.fraction(3).map { $0 * 1_000 })
        case .microsecond, .tenths, .hundredths, .fraction4, .fraction5, .fraction6:
            return set(&fields.microsecond, scanner.fraction(6))
        case .secondOfDay, .secondOfDayShort: return set(&fields.secondOfDay, number(5))
        case .half, .halfLate:
            return set(&fields.isAfternoon, scanner.name(["am", "pm"]).map { $0 == 1 })
        case .halfDots, .halfDotsLate:
            return set(&fields.isAfternoon, scanner.name(["a.m.", "p.m."]).map { $0 == 1 })
        case .era, .eraLate:
            return set(&fields.isBeforeChrist, scanner.name(["ad", "bc"]).map { $0 == 1 })
        case .eraDots, .eraDotsLate:
            return set(&fields.isBeforeChrist, scanner.name(["a.d.", "b.c."]).map { $0 == 1 })
        case .yearGrouped:
            guard let thousands = number(3), scanner.accept(0x2C), let rest = number(3) else {
                return false
            }
            fields.year = thousands * 1_000 + rest
            return true
        case .year4: return set(&fields.year, isLast ? scanner.signed(6) : scanner.signed(4))
        case .year3, .year2, .year1:
            return set(
                &fields.year, number(4).map { $0 < 70 ? $0 + 2_000 : $0 < 100 ? $0 + 1_900 : $0 })
        case .isoYear4, .isoYear3, .isoYear2, .isoYear1: return set(&fields.isoWeek.year, number(4))
        case .monthName, .monthShort:
            let full = scanner.name(TimeNames.months)
            let short = full ?? scanner.name(TimeNames.months.map { String($0.prefix(3)) })
            return set(&fields.month, short.map { Int64($0 + 1) })
        case .month: return set(&fields.month, number(2))
        case .monthRoman:
            return set(&fields.month, scanner.name(TimeNames.romans).map { Int64($0 + 1) })
        case .dayName, .dayShort:
            return scanner.name(TimeNames.weekdays) != nil
                || scanner.name(TimeNames.weekdays.map { String($0.prefix(3)) }) != nil
        case .dayOfYear: return set(&fields.dayOfYear, number(3))
        case .day: return set(&fields.day, number(2))
        case .isoWeekday: return set(&fields.isoWeek.day, number(1))
        case .isoWeek: return set(&fields.isoWeek.week, number(2))
        case .julian: return set(&fields.julian, number(7))
        case .offset, .zone: return set(&fields.offset, scanner.offset())
        case .zoneHour: return set(&fields.offset, scanner.signed(2).map { $0 * 3_600 })
        case .zoneMinute:
            guard let minutes = number(2) else { return false }
            let hours = fields.offset ?? 0
            fields.offset = hours + (hours < 0 ? -minutes : minutes) * 60
            return true
        case .weekday, .weekOfMonth, .weekOfYear, .century, .quarter, .isoDayOfYear:
            return number(3) != nil
        }
    }

    private static func set<Value>(_ place: inout Value, _ value: Value?) -> Bool {
        guard let value else { return false }
        place = value
        return true
    }

    private static func set<Value>(_ place: inout Value?, _ value: Value?) -> Bool {
        guard let value else { return false }
        place = value
        return true
    }

    // MARK: - strptime

    /// After a pattern of `strptime`; `nil` when the text does not follow it.
    static func fields(_ text: UnsafeRawBufferPointer, pattern: [UInt8]) -> TimeFields? {
        var scanner = TimeScanner(text)
        var fields = TimeFields()
        fields.year = 1_900
        guard read(pattern, &scanner, &fields) else { return nil }
        scanner.skipSpaces()
        return scanner.isAtEnd ? fields : nil
    }

    private static func read(
        _ pattern: [UInt8], _ scanner: inout TimeScanner, _ fields: inout TimeFields
    ) -> Bool {
        var index = 0
        while index < pattern.count {
            let byte = pattern[index]
            index += 1
            if byte == 0x20 {
                scanner.skipSpaces()
                continue
            }
            guard byte == UInt8(ascii: "%"), index < pattern.count else {
                guard scanner.accept(byte) else { return false }
                continue
            }
            if pattern[index] == UInt8(ascii: "-"), index + 1 < pattern.count { index += 1 }
            guard readLetter(Character(Unicode.Scalar(pattern[index])), &scanner, &fields) else {
                return false
            }
            index += 1
        }
        return true
    }

    private static func readLetter(
        _ letter: Character, _ scanner: inout TimeScanner, _ fields: inout TimeFields
    ) -> Bool {
        switch letter {
        case "Y": return set(&fields.year, scanner.signed(4))
        case "y":
            return set(&fields.year, scanner.number(2).map { $0 < 69 ? $0 + 2_000 : $0 + 1_900 })
        case "m": return set(&fields.month, scanner.number(2))
        case "d", "e":
            scanner.skipSpaces()
            return set(&fields.day, scanner.number(2))
        case "j": return set(&fields.dayOfYear, scanner.number(3))
        case "H", "I": return set(&fields.hour, scanner.number(2))
        case "M": return set(&fields.minute, scanner.number(2))
        case "S": return set(&fields.second, scanner.number(2))
        case "f": return set(&fields.microsecond, scanner.fraction(6))
        case "g": return set(&fields.microsecond, scanner.fraction(3).map { $0 * 1_000 })
        case "n": return set(&fields.microsecond, scanner.fraction(9).map { $0 / 1_000 })
        case "p": return set(&fields.isAfternoon, scanner.name(["am", "pm"]).map { $0 == 1 })
        case "b", "B", "h":
            let full = scanner.name(TimeNames.months)
            let short = full ?? scanner.name(TimeNames.months.map { String($0.prefix(3)) })
            return set(&fields.month, short.map { Int64($0 + 1) })
        case "a", "A":
            return scanner.name(TimeNames.weekdays) != nil
                || scanner.name(TimeNames.weekdays.map { String($0.prefix(3)) }) != nil
        case "G": return set(&fields.isoWeek.year, scanner.number(4))
        case "V": return set(&fields.isoWeek.week, scanner.number(2))
        case "u":
            let day = scanner.number(1)
            fields.weekday = day.map { $0 % 7 }
            return set(&fields.isoWeek.day, day)
        case "w": return set(&fields.weekday, scanner.number(1))
        case "U": return set(&fields.sundayWeek, scanner.number(2))
        case "W": return set(&fields.mondayWeek, scanner.number(2))
        case "s": return set(&fields.epochSeconds, scanner.signed(18))
        case "z": return set(&fields.offset, scanner.offset())
        case "Z": return scanner.name(["UTC", "GMT", "Z"]) != nil
        case "F": return read(Array("%Y-%m-%d".utf8), &scanner, &fields)
        case "T", "X": return read(Array("%H:%M:%S".utf8), &scanner, &fields)
        case "R": return read(Array("%H:%M".utf8), &scanner, &fields)
        case "D", "x": return read(Array("%m/%d/%y".utf8), &scanner, &fields)
        case "c": return read(Array("%a %b %e %H:%M:%S %Y".utf8), &scanner, &fields)
        case "%": return scanner.accept(UInt8(ascii: "%"))
        default: return false
        }
    }
}
