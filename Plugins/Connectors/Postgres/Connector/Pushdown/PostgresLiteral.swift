// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Literals in PostgreSQL's SQL.
enum PostgresLiteral {
    /// `'...'::type` with exactly the value, or `nil` where there is none.
    static func sql(_ scalar: Scalar, _ type: PostgresType) -> String? {
        guard let name = type.literalName, let text = text(scalar, type) else { return nil }
        return PostgresText.literal(text) + "::" + name
    }

    private static func text(_ scalar: Scalar, _ type: PostgresType) -> String? {
        switch (scalar, type) {
        case (.bool(let flag), .bool): return flag ? "t" : "f"
        case (.int(let number), .int16), (.int(let number), .int32), (.int(let number), .int64):
            return "\(number)"
        case (.int(let number), .oid):
            return number >= 0 && number <= UInt32.max ? "\(number)" : nil
        case (.float(let number), .float64): return float(number, "\(number)")
        case (.float(let number), .float32): return float(number, "\(Float(number))")
        case (.int(let unscaled), .decimal(_, let scale)): return decimal(Int128(unscaled), scale)
        case (.decimal(let unscaled), .decimal(_, let scale)): return decimal(unscaled, scale)
        case (.text(let text), .text), (.text(let text), .castText):
            return text.utf8.contains(0) ? nil : text
        case (.binary(let bytes), .bytes): return hexadecimal(bytes)
        case (.int(let days), .date): return date(days)
        case (.int(let microseconds), .time): return time(microseconds)
        case (.int(let microseconds), .timestamp): return instant(microseconds)
        case (.int(let microseconds), .timestamptz): return instant(microseconds).map { $0 + "+00" }
        default: return nil
        }
    }

    private static func float(_ number: Double, _ digits: String) -> String {
        if number.isNaN { return "NaN" }
        return number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : digits
    }

    private static func decimal(_ unscaled: Int128, _ scale: Int) -> String {
        let digits = "\(unscaled.magnitude)"
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        let sign = unscaled < 0 ? "-" : ""
        return scale == 0
            ? sign + padded : sign + padded.dropLast(scale) + "." + padded.suffix(scale)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".unicodeScalars)
        var text = "\\x"
        for byte in bytes {
            text.unicodeScalars.append(digits[Int(byte >> 4)])
            text.unicodeScalars.append(digits[Int(byte & 15)])
        }
        return text
    }

    /// Years 1 to 9999; others are left to the host.
    ///
    /// - Source: Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
    private static func date(_ days: Int64) -> String? {
        guard days >= -719_162, days <= 2_932_896 else { return nil }
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2)
    }

    private static func time(_ microseconds: Int64) -> String? {
        guard microseconds >= 0, microseconds <= 86_400_000_000 else { return nil }
        let seconds = microseconds / 1_000_000
        return padded(seconds / 3_600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":"
            + padded(seconds % 60, 2) + "." + padded(microseconds % 1_000_000, 6)
    }

    private static func instant(_ microseconds: Int64) -> String? {
        let perDay: Int64 = 86_400_000_000
        let rest = (microseconds % perDay + perDay) % perDay
        guard let date = date((microseconds - rest) / perDay), let time = time(rest) else {
            return nil
        }
        return date + " " + time
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
