// SPDX-License-Identifier: MIT

/// The text of single values, as PostgreSQL's input functions read it.
///
/// - Source: PostgreSQL 15 manual, chapter 8, "Data Types".
enum PostgresValueText {
    static func float<Number: BinaryFloatingPoint & CustomStringConvertible>(
        _ number: Number
    ) -> String {
        if number.isNaN { return "NaN" }
        return number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : number.description
    }

    static func decimal(_ unscaled: Int128, _ scale: Int) -> String {
        decimal(digits: "\(unscaled.magnitude)", isNegative: unscaled < 0, scale)
    }

    static func decimal(digits: String, isNegative: Bool, _ scale: Int) -> String {
        let sign = isNegative ? "-" : ""
        if scale <= 0 {
            return sign + digits + String(repeating: "0", count: digits == "0" ? 0 : -scale)
        }
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        return sign + padded.dropLast(scale) + "." + padded.suffix(scale)
    }

    static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    /// - Source: Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
    static func date(_ days: Int64) -> String {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        // There is no year 0: before 1 AD comes 1 BC.
        let text =
            padded(year > 0 ? year : 1 - year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2)
        return year > 0 ? text : text + " BC"
    }

    /// - Parameter microseconds: since midnight, at least 0.
    static func time(_ microseconds: Int64) -> String {
        let seconds = microseconds / 1_000_000
        return padded(seconds / 3_600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":"
            + padded(seconds % 60, 2) + "." + padded(microseconds % 1_000_000, 6)
    }

    /// - Parameter microseconds: since 1970.
    static func instant(_ microseconds: Int64) -> String {
        let perDay: Int64 = 86_400_000_000
        let rest = (microseconds % perDay + perDay) % perDay
        // Not `microseconds - rest`, which the least value would not stand.
        let days = microseconds / perDay - (microseconds % perDay < 0 ? 1 : 0)
        let date = date(days)
        guard date.hasSuffix(" BC") else { return date + " " + time(rest) }
        return date.dropLast(3) + " " + time(rest) + " BC"
    }

    static func interval(months: Int32, days: Int32, microseconds: Int64) -> String {
        let sign = microseconds < 0 ? "-" : ""
        let magnitude = microseconds.magnitude
        let fraction = padded(Int64(magnitude % 1_000_000), 6)
        return "\(months) mons \(days) days \(sign)\(magnitude / 1_000_000).\(fraction) secs"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
