// SPDX-License-Identifier: MIT

import IglooArrow

/// Dates, times and intervals as text.
enum ClockText {
    static func write(_ text: String, _ writer: inout ViewWriter) {
        var text = text
        text.withUTF8 { writer.write(UnsafeRawBufferPointer($0)) }
    }

    /// Whether it was an infinite moment, which is written.
    static func infinite(_ sign: Int8, _ writer: inout ViewWriter) -> Bool {
        if sign != 0 { write(sign > 0 ? "infinity" : "-infinity", &writer) }
        return sign != 0
    }

    /// `2026-03-01`, `0044-03-15 BC`.
    static func date(_ days: Int64, _ writer: inout ViewWriter, suffix: Bool = true) {
        let date = CivilDate(days: days)
        DigitText.padded(date.year > 0 ? date.year : 1 &- date.year, 4, &writer)
        writer.write(UInt8(ascii: "-"))
        DigitText.padded(date.month, 2, &writer)
        writer.write(UInt8(ascii: "-"))
        DigitText.padded(date.day, 2, &writer)
        if suffix && date.year <= 0 { write(" BC", &writer) }
    }

    /// `04:05:06.789`, without zeros at the end of the fraction.
    static func time(_ time: Int64, _ unitsPerSecond: Int64, _ writer: inout ViewWriter) {
        let seconds = time / unitsPerSecond
        clock(seconds, &writer)
        var fraction = time % unitsPerSecond
        if fraction == 0 { return }
        writer.write(UInt8(ascii: "."))
        var unit = unitsPerSecond
        while fraction > 0 {
            unit /= 10
            writer.write(0x30 &+ UInt8(truncatingIfNeeded: fraction / unit))
            fraction %= unit
        }
    }

    private static func clock(_ seconds: Int64, _ writer: inout ViewWriter) {
        DigitText.padded(seconds / 3_600, 2, &writer)
        writer.write(UInt8(ascii: ":"))
        DigitText.padded(seconds / 60 % 60, 2, &writer)
        writer.write(UInt8(ascii: ":"))
        DigitText.padded(seconds % 60, 2, &writer)
    }

    /// `+00`, `-03:30`.
    static func zone(_ offset: Int64, _ writer: inout ViewWriter) {
        writer.write(UInt8(ascii: offset < 0 ? "-" : "+"))
        let size = abs(offset)
        DigitText.padded(size / 3_600, 2, &writer)
        for part in [size / 60 % 60, size % 60] {
            if part == 0 && (size % 60 == 0 || part == size % 60) { continue }
            writer.write(UInt8(ascii: ":"))
            DigitText.padded(part, 2, &writer)
        }
    }

    /// `1 year 2 mons -3 days +04:05:06`.
    static func interval(_ value: MonthDayNanoInterval, _ writer: inout ViewWriter) {
        var (isFirst, isBefore) = (true, false)
        func part(_ count: Int64, _ unit: String, _ writer: inout ViewWriter) {
            if count == 0 { return }
            let sign = isBefore && count > 0 ? "+" : ""
            write("\(isFirst ? "" : " ")\(sign)\(count) \(unit)\(count == 1 ? "" : "s")", &writer)
            isFirst = false
            isBefore = count < 0
        }
        part(Int64(value.months / 12), "year", &writer)
        part(Int64(value.months % 12), "mon", &writer)
        part(Int64(value.days), "day", &writer)
        if !isFirst && value.nanoseconds == 0 { return }
        let sign = value.nanoseconds < 0 ? "-" : isBefore ? "+" : ""
        write("\(isFirst ? "" : " ")\(sign)", &writer)
        // The magnitude of the least value does not fit, but its neighbour's does.
        time(value.nanoseconds == .min ? .max : abs(value.nanoseconds), 1_000_000_000, &writer)
    }
}
