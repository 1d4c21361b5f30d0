// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

/// Turns text into a value of a type, when a statement is bound.
enum ConstantText {
    enum Outcome {
        case value(Scalar)
        /// The text is no value of the type.
        case malformed
        /// It is one, but beyond the type's range.
        case outOfRange
        /// Left to the cast at run time.
        case unknown
    }

    static func value(_ text: String, as type: DataType) -> Outcome {
        let trimmed = trimmed(text)
        switch type {
        case .bool: return bool(trimmed)
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64:
            return integer(trimmed, type)
        case .float32, .float64: return float(trimmed, type)
        case .decimal64(let precision, let scale), .decimal128(let precision, let scale):
            guard let number = DecimalText(trimmed) else {
                // An exponent is for the cast at run time.
                return Double(trimmed) == nil ? .malformed : .unknown
            }
            let value = number.rescaled(precision: precision, scale: scale)
            return value.map { .value(.decimal($0)) } ?? .outOfRange
        case .date32:
            guard let days = TimeText.timestamp(text).map({ floorDivision($0.microseconds) })
            else { return unusual(trimmed) }
            return Int32(exactly: days) == nil ? .outOfRange : .value(.int(days))
        case .time64(.microsecond):
            return TimeText.time(text).map { .value(.int($0)) }
                ?? (text.utf8.contains(where: Lexer.isDigit) ? .unknown : .malformed)
        case .timestamp(let unit, let zone): return timestamp(text, unit, zone)
        case .interval(.monthDayNano):
            guard let interval = IntervalText(text, unit: nil) else { return .malformed }
            return .value(interval.scalar)
        case .utf8View: return .value(.text(text))
        case .logical(let type):
            do throws(IglooError) {
                return try LogicalText.value(text, type).map { .value($0) } ?? .unknown
            } catch {
                return .malformed
            }
        default: return .unknown
        }
    }

    private static func trimmed(_ text: String) -> String {
        var bytes = Array(text.utf8)[...]
        while let first = bytes.first, Lexer.isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, Lexer.isSpace(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func bool(_ text: String) -> Outcome {
        switch Identifier.folded(text) {
        case "true", "t", "yes", "y", "on", "1": .value(.bool(true))
        case "false", "f", "no", "n", "off", "0": .value(.bool(false))
        default: .malformed
        }
    }

    private static func integer(_ text: String, _ type: DataType) -> Outcome {
        guard let number = DecimalText(text) else { return .malformed }
        guard number.scale == 0 else { return .malformed }
        return Constant.integer(number.unscaled, type).map { .value($0) } ?? .outOfRange
    }

    private static func float(_ text: String, _ type: DataType) -> Outcome {
        let folded = Identifier.folded(text)
        if folded.contains("x") { return .malformed }
        guard let value = Double(folded) else { return .malformed }
        if value.isInfinite, !folded.contains("inf") { return .outOfRange }
        return .value(.float(type == .float32 ? Double(Float(value)) : value))
    }

    /// A time in none of the common forms: what cannot be one in any form is an error at once, with
    /// its place; other years, eras, infinity and zones by name are read when the statement runs.
    private static func unusual(_ text: String) -> Outcome {
        let isPlain =
            text.utf8.prefix { Lexer.isDigit($0) }.count == 4
            && text.utf8.allSatisfy { Lexer.isDigit($0) || "-/:. tTzZ+".utf8.contains($0) }
        let isName = ["infinity", "-infinity", "+infinity", "inf", "-inf", "+inf", "epoch"]
            .contains(Identifier.folded(text))
        return isPlain || !isName && !text.utf8.contains(where: Lexer.isDigit)
            ? .malformed : .unknown
    }

    private static func timestamp(_ text: String, _ unit: TimeUnit, _ zone: String?) -> Outcome {
        guard let read = TimeText.timestamp(text) else { return unusual(trimmed(text)) }
        // The session's zone is not known here.
        if zone != nil && read.offsetSeconds == nil { return .unknown }
        var microseconds = read.microseconds
        // Without a zone in the type, one in the text says nothing; as PostgreSQL has it.
        if zone != nil, let offset = read.offsetSeconds {
            let (moved, overflow) = microseconds.subtractingReportingOverflow(offset * 1_000_000)
            guard !overflow else { return .outOfRange }
            microseconds = moved
        }
        guard unit == .nanosecond else {
            return unit == .microsecond ? .value(.int(microseconds)) : .unknown
        }
        let (scaled, overflow) = microseconds.multipliedReportingOverflow(by: 1_000)
        let (sum, isBeyond) = scaled.addingReportingOverflow(read.nanoseconds)
        return overflow || isBeyond ? .outOfRange : .value(.int(sum))
    }

    /// Whole days below, for instants before 1970 as well.
    private static func floorDivision(_ microseconds: Int64) -> Int64 {
        let day: Int64 = 86_400_000_000
        return microseconds >= 0 ? microseconds / day : -((-(microseconds + 1)) / day) - 1
    }
}

extension IntervalText {
    var scalar: Scalar { .interval(months: months, days: days, nanoseconds: nanoseconds) }
}
