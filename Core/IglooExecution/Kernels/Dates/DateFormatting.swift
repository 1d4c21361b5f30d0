// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// `strftime`.
///
/// - Source: ISO C, `strftime` in the C locale; `%f` and `%g` are microseconds and milliseconds.
enum DateFormatting {
    static func kernel(_ call: FunctionCall) -> Kernel {
        { (call) throws(IglooError) in
            let instants = call.value(0, Int64.self)
            let patterns = ViewReader(call.arguments[1])
            var writer = ViewWriter(count: call.count)
            for row in 0..<call.count {
                if call.isValid(row) { try write(instants(row), patterns[row], &writer) }
                writer.close()
            }
            return writer.finish(call)
        }
    }

    private static func write(
        _ instant: Int64, _ pattern: UnsafeRawBufferPointer, _ writer: inout ViewWriter
    ) throws(IglooError) {
        let days = Floor.divide(instant, 86_400_000_000)
        let moment = Moment(
            days: days, date: CivilDate(days: days), time: instant &- days &* 86_400_000_000)
        var index = 0
        while index < pattern.count {
            let byte = pattern[index]
            index += 1
            guard byte == UInt8(ascii: "%"), index < pattern.count else {
                writer.write(byte)
                continue
            }
            var isPadded = true
            if pattern[index] == UInt8(ascii: "-"), index + 1 < pattern.count {
                isPadded = false
                index += 1
            }
            guard write(moment, pattern[index], isPadded, &writer) else {
                let letter = Character(Unicode.Scalar(pattern[index]))
                throw Faults.invalid("unknown conversion %\(letter) in a date's pattern")
            }
            index += 1
        }
    }

    private struct Moment {
        var days: Int64
        var date: CivilDate
        var time: Int64
        var hour: Int64 { time / 3_600_000_000 }
        var minute: Int64 { time / 60_000_000 % 60 }
        var second: Int64 { time / 1_000_000 % 60 }
        var weekday: Int64 { CivilDate.isoWeekday(days) % 7 }
    }

    private static func write(
        _ moment: Moment, _ letter: UInt8, _ isPadded: Bool, _ writer: inout ViewWriter
    ) -> Bool {
        func number(_ value: Int64, _ width: Int, _ writer: inout ViewWriter) {
            if value < 0 { writer.write(UInt8(ascii: "-")) }
            DigitText.padded(abs(value), isPadded ? width : 1, &writer)
        }
        func text(_ text: some StringProtocol, _ writer: inout ViewWriter) {
            ClockText.write(String(text), &writer)
        }
        func all(_ letters: String, _ writer: inout ViewWriter) {
            for byte in letters.utf8 where !write(moment, byte, true, &writer) {
                writer.write(byte)
            }
        }
        let date = moment.date
        let dayOfYear = date.dayOfYear
        switch letter {
        case UInt8(ascii: "Y"): number(date.year, 4, &writer)
        case UInt8(ascii: "y"): number(Floor.remainder(date.year, 100), 2, &writer)
        case UInt8(ascii: "C"): number(Floor.divide(date.year, 100), 2, &writer)
        case UInt8(ascii: "m"): number(date.month, 2, &writer)
        case UInt8(ascii: "d"): number(date.day, 2, &writer)
        case UInt8(ascii: "e"):
            if isPadded && date.day < 10 { writer.write(UInt8(ascii: " ")) }
            DigitText.padded(date.day, 1, &writer)
        case UInt8(ascii: "H"): number(moment.hour, 2, &writer)
        case UInt8(ascii: "I"): number((moment.hour + 11) % 12 + 1, 2, &writer)
        case UInt8(ascii: "M"): number(moment.minute, 2, &writer)
        case UInt8(ascii: "S"): number(moment.second, 2, &writer)
        case UInt8(ascii: "f"): DigitText.padded(moment.time % 1_000_000, 6, &writer)
        case UInt8(ascii: "g"): DigitText.padded(moment.time % 1_000_000 / 1_000, 3, &writer)
        case UInt8(ascii: "p"): text(moment.hour < 12 ? "AM" : "PM", &writer)
        case UInt8(ascii: "j"): number(dayOfYear, 3, &writer)
        case UInt8(ascii: "a"): text(TimeNames.weekdays[Int(moment.weekday)].prefix(3), &writer)
        case UInt8(ascii: "A"): text(TimeNames.weekdays[Int(moment.weekday)], &writer)
        case UInt8(ascii: "b"), UInt8(ascii: "h"):
            text(TimeNames.months[Int(date.month) - 1].prefix(3), &writer)
        case UInt8(ascii: "B"): text(TimeNames.months[Int(date.month) - 1], &writer)
        case UInt8(ascii: "u"): number(CivilDate.isoWeekday(moment.days), 1, &writer)
        case UInt8(ascii: "w"): number(moment.weekday, 1, &writer)
        case UInt8(ascii: "V"): number(CivilDate.isoWeek(moment.days).week, 2, &writer)
        case UInt8(ascii: "G"): number(CivilDate.isoWeek(moment.days).year, 4, &writer)
        case UInt8(ascii: "U"): number((dayOfYear + 6 - moment.weekday) / 7, 2, &writer)
        case UInt8(ascii: "W"): number((dayOfYear + 6 - (moment.weekday + 6) % 7) / 7, 2, &writer)
        case UInt8(ascii: "s"):
            number(moment.days &* 86_400 &+ moment.time / 1_000_000, 1, &writer)
        case UInt8(ascii: "F"): all("Y-m-d", &writer)
        case UInt8(ascii: "D"), UInt8(ascii: "x"): all("m/d/y", &writer)
        case UInt8(ascii: "T"), UInt8(ascii: "X"): all("H:M:S", &writer)
        case UInt8(ascii: "R"): all("H:M", &writer)
        case UInt8(ascii: "c"): all("a b e H:M:S Y", &writer)
        case UInt8(ascii: "n"): writer.write(UInt8(0x0A))
        case UInt8(ascii: "t"): writer.write(UInt8(0x09))
        case UInt8(ascii: "z"): text("+0000", &writer)
        case UInt8(ascii: "Z"): text("UTC", &writer)
        case UInt8(ascii: "%"): writer.write(letter)
        default: return false
        }
        return true
    }
}
