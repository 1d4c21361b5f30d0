// SPDX-License-Identifier: MIT

public import IglooContracts

/// Dates and timestamps in a format of the user's: a small strptime.
///
/// It knows `%Y %y %m %d %b %H %I %p %M %S %f %%`; a space stands for any number of spaces.
public struct TimeFormat: Hashable, Sendable {
    /// As the user wrote it.
    public let text: String
    private let pattern: [UInt8]

    public init(_ text: String) throws(IglooError) {
        self.text = text
        pattern = Array(text.utf8)
        var index = 0
        while index < pattern.count {
            if pattern[index] == 0x25 {
                index += 1
                guard index < pattern.count, "YymdbHIpMSf%".utf8.contains(pattern[index]) else {
                    throw IglooError(
                        .invalidArgument, "format '\(text)' has an unknown part after '%'",
                        hint: "known are %Y %y %m %d %b %H %I %p %M %S %f %%")
                }
            }
            index += 1
        }
    }

    /// Microseconds since 1970-01-01.
    public func parse(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        var parts = Parts()
        var (place, at) = (0, 0)
        while place < pattern.count {
            let byte = pattern[place]
            place += 1
            if byte == 0x25 {
                guard read(pattern[place], bytes, count, &at, &parts) else { return nil }
                place += 1
            } else if byte == 0x20 {
                while at < count && bytes[at] == 0x20 { at += 1 }
            } else {
                guard at < count, bytes[at] == byte else { return nil }
                at += 1
            }
        }
        return at == count ? parts.microseconds : nil
    }

    private struct Parts {
        var year = 1970
        var month = 1
        var day = 1
        var hour = 0
        var minute = 0
        var second = 0
        var fraction: Int64 = 0
        var isAfternoon: Bool?

        var microseconds: Int64? {
            var hour = hour
            if let isAfternoon {
                guard hour >= 1, hour <= 12 else { return nil }
                hour = hour % 12 + (isAfternoon ? 12 : 0)
            }
            guard hour < 24, minute < 60, second < 60,
                let days = TextValue.days(year: year, month: month, day: day)
            else { return nil }
            let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
            return seconds * 1_000_000 + fraction
        }
    }

    private func read(
        _ part: UInt8, _ bytes: UnsafePointer<UInt8>, _ count: Int, _ at: inout Int,
        _ parts: inout Parts
    ) -> Bool {
        switch part {
        case UInt8(ascii: "p"):
            guard at + 1 < count, bytes[at + 1] | 0x20 == 0x6D else { return false }
            parts.isAfternoon = bytes[at] | 0x20 == 0x70
            let isKnown = bytes[at] | 0x20 == 0x70 || bytes[at] | 0x20 == 0x61
            at += 2
            return isKnown
        case UInt8(ascii: "b"): return readMonthName(bytes, count, &at, &parts)
        case UInt8(ascii: "%"):
            guard at < count, bytes[at] == 0x25 else { return false }
            at += 1
            return true
        case UInt8(ascii: "f"): return readFraction(bytes, count, &at, &parts)
        default: break
        }
        let digitsMax = part == UInt8(ascii: "Y") ? 4 : 2
        guard let number = number(bytes, count, &at, digitsMax) else { return false }
        switch part {
        case UInt8(ascii: "Y"): parts.year = number
        case UInt8(ascii: "y"): parts.year = number < 69 ? 2000 + number : 1900 + number
        case UInt8(ascii: "m"): parts.month = number
        case UInt8(ascii: "d"): parts.day = number
        case UInt8(ascii: "H"), UInt8(ascii: "I"): parts.hour = number
        case UInt8(ascii: "M"): parts.minute = number
        default: parts.second = number
        }
        return true
    }

    private func number(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ at: inout Int, _ digitsMax: Int
    ) -> Int? {
        var (value, digitCount) = (0, 0)
        while at < count, digitCount < digitsMax, bytes[at] &- 0x30 <= 9 {
            value = value * 10 + Int(bytes[at] &- 0x30)
            at += 1
            digitCount += 1
        }
        return digitCount > 0 ? value : nil
    }

    private func readFraction(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ at: inout Int, _ parts: inout Parts
    ) -> Bool {
        var unit: Int64 = 100_000
        let start = at
        while at < count, at - start < 9, bytes[at] &- 0x30 <= 9 {
            parts.fraction += Int64(bytes[at] &- 0x30) * unit
            unit /= 10
            at += 1
        }
        return at > start
    }

    private func readMonthName(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ at: inout Int, _ parts: inout Parts
    ) -> Bool {
        guard at + 3 <= count else { return false }
        let names = Array("janfebmaraprmayjunjulaugsepoctnovdec".utf8)
        for month in 0..<12 {
            let matches = (0..<3).allSatisfy { bytes[at + $0] | 0x20 == names[month * 3 + $0] }
            if matches {
                parts.month = month + 1
                at += 3
                return true
            }
        }
        return false
    }
}

extension TextValue {
    /// Days since 1970-01-01, in a format of the user's or ISO 8601.
    public static func date(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ format: TimeFormat?
    ) -> Int32? {
        guard let format else { return date(bytes, count) }
        guard let micros = format.parse(bytes, count) else { return nil }
        let (days, rest) = micros.quotientAndRemainder(dividingBy: 86_400_000_000)
        return Int32(exactly: rest < 0 ? days - 1 : days)
    }
}
