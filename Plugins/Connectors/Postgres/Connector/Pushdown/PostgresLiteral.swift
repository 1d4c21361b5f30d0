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

    private static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Years 2 to 9998; others are left to the host.
    private static func isWritten(days: Int64) -> Bool { days > -718_000 && days < 2_932_000 }

    private static func text(_ scalar: Scalar, _ type: PostgresType) -> String? {
        switch (scalar, type) {
        case (.bool(let flag), .bool): return flag ? "t" : "f"
        case (.int(let number), .int16), (.int(let number), .int32), (.int(let number), .int64):
            return "\(number)"
        case (.int(let number), .oid):
            return number >= 0 && number <= UInt32.max ? "\(number)" : nil
        case (.float(let number), .float64): return PostgresValueText.float(number)
        case (.float(let number), .float32): return PostgresValueText.float(Float(number))
        case (.int(let unscaled), .decimal(_, let scale)):
            return PostgresValueText.decimal(Int128(unscaled), scale)
        case (.decimal(let unscaled), .decimal(_, let scale)):
            return PostgresValueText.decimal(unscaled, scale)
        case (.text(let text), .text), (.text(let text), .castText):
            return text.utf8.contains(0) ? nil : text
        case (.binary(let bytes), .bytes):
            return "\\x" + bytes.map { PostgresValueText.hexadecimal($0) }.joined()
        case (.int(let days), .date):
            return isWritten(days: days) ? PostgresValueText.date(days) : nil
        case (.int(let microseconds), .time):
            return microseconds >= 0 && microseconds <= microsecondsPerDay
                ? PostgresValueText.time(microseconds) : nil
        case (.int(let microseconds), .timestamp), (.int(let microseconds), .timestamptz):
            guard isWritten(days: microseconds / microsecondsPerDay) else { return nil }
            let text = PostgresValueText.instant(microseconds)
            return type == .timestamp ? text : text + "+00"
        default: return nil
        }
    }
}
