// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Dates and times read from text.
enum TimeText {
    typealias Outcome = NumberText.Outcome

    static func date(_ text: UnsafeRawBufferPointer) -> Outcome<Int32> {
        var scanner = TextScanner(NumberText.trimmed(text))
        switch date(&scanner) {
        case .malformed: return .malformed
        case .outOfRange: return .outOfRange
        case .value(let days):
            // The time of a timestamp's text is left out, as PostgreSQL does.
            if !scanner.isAtEnd {
                guard scanner.accept("T") || scanner.accept(" ") else { return .malformed }
                scanner.skipSpaces()
                guard case .value = time(&scanner), scanner.isAtEnd else { return .malformed }
            }
            return Int32(exactly: days).map { .value($0) } ?? .outOfRange
        }
    }

    /// Microseconds since midnight.
    static func time(_ text: UnsafeRawBufferPointer) -> Outcome<Int64> {
        var scanner = TextScanner(NumberText.trimmed(text))
        let outcome = time(&scanner)
        guard case .value(let nanoseconds) = outcome else { return outcome }
        return scanner.isAtEnd ? .value(nanoseconds / 1_000) : .malformed
    }

    /// - Parameter rules: of the zone that text without one means; `nil` for plain timestamps,
    ///   which leave out a written zone.
    static func timestamp(
        _ text: UnsafeRawBufferPointer, _ unitsPerSecond: Int64, _ rules: ZoneRules?
    ) -> Outcome<Int64> {
        var scanner = TextScanner(NumberText.trimmed(text))
        let days: Int64
        switch date(&scanner) {
        case .malformed: return .malformed
        case .outOfRange: return .outOfRange
        case .value(let value): days = value
        }
        var nanoseconds: Int64 = 0
        var zone: Int64?
        if !scanner.isAtEnd {
            guard scanner.accept("T") || scanner.accept("t") || scanner.accept(" ") else {
                return .malformed
            }
            scanner.skipSpaces()
            switch time(&scanner) {
            case .malformed: return .malformed
            case .outOfRange: return .outOfRange
            case .value(let value): nanoseconds = value
            }
            scanner.skipSpaces()
            if !scanner.isAtEnd {
                guard let offset = scanner.zone(), scanner.isAtEnd else { return .malformed }
                zone = offset
            }
        }
        let (start, a) = days.multipliedReportingOverflow(by: 86_400 &* unitsPerSecond)
        let (local, b) = start.addingReportingOverflow(
            nanoseconds / (1_000_000_000 / unitsPerSecond))
        if a || b { return .outOfRange }
        guard let rules else { return .value(local) }
        guard let zone else { return .value(rules.instant(local, unitsPerSecond)) }
        let (instant, c) = local.subtractingReportingOverflow(zone &* unitsPerSecond)
        return c ? .outOfRange : .value(instant)
    }

    private static func date(_ scanner: inout TextScanner) -> Outcome<Int64> {
        guard let year = scanner.digits(4, 6) else { return .malformed }
        let separator: Unicode.Scalar = scanner.current == 0x2F ? "/" : "-"
        guard scanner.accept(separator), let month = scanner.digits(1, 2),
            scanner.accept(separator), let day = scanner.digits(1, 2)
        else { return .malformed }
        guard month >= 1, month <= 12, day >= 1, year > 0, day <= CivilDate.dayCount(year, month)
        else { return .outOfRange }
        var astronomical = year
        if scanner.acceptWord(" bc") { astronomical = 1 - year }
        if day > CivilDate.dayCount(astronomical, month) { return .outOfRange }
        return .value(CivilDate(year: astronomical, month: month, day: day).days)
    }

    /// Nanoseconds since midnight; 24:00:00 is the day's end.
    private static func time(_ scanner: inout TextScanner) -> Outcome<Int64> {
        guard let hour = scanner.digits(1, 2), scanner.accept(":"),
            let minute = scanner.digits(2, 2)
        else { return .malformed }
        var (second, fraction): (Int64, Int64) = (0, 0)
        if scanner.accept(":") {
            guard let seconds = scanner.digits(2, 2) else { return .malformed }
            second = seconds
            if scanner.accept(".") {
                guard let billionths = scanner.billionths() else { return .malformed }
                fraction = billionths
            }
        }
        let total = ((hour * 60 + minute) * 60 + second) * 1_000_000_000 + fraction
        guard minute < 60, second <= 60, total <= 86_400_000_000_000 else { return .outOfRange }
        return .value(total)
    }
}

/// Walks over the bytes of a date or time.
struct TextScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }
    var current: UInt8? { isAtEnd ? nil : bytes[position] }

    mutating func skipSpaces() {
        while let byte = current, NumberText.isSpace(byte) { position += 1 }
    }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard let byte = current, UInt32(byte) == character.value else { return false }
        position += 1
        return true
    }

    /// A word in any case, to the end.
    mutating func acceptWord(_ word: String) -> Bool {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
        guard rest.text.lowercased() == word else { return false }
        position = bytes.count
        return true
    }

    mutating func digits(_ countMin: Int, _ countMax: Int) -> Int64? {
        var value: Int64 = 0
        var count = 0
        while count < countMax, let byte = current, byte &- 0x30 < 10 {
            value = value &* 10 &+ Int64(byte &- 0x30)
            count += 1
            position += 1
        }
        return count >= countMin ? value : nil
    }

    /// Digits behind a point as billionths; more than nine are cut.
    mutating func billionths() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let byte = current, byte &- 0x30 < 10 {
            if count < 9 { value = value &* 10 &+ Int64(byte &- 0x30) }
            count += 1
            position += 1
        }
        guard count > 0 else { return nil }
        while count < 9 {
            value &*= 10
            count += 1
        }
        return value
    }

    /// Seconds east of UTC: `Z`, `UTC`, `+02`, `+02:30`, `-0230`.
    mutating func zone() -> Int64? {
        guard current == 0x2B || current == 0x2D else {
            return acceptWord("z") || acceptWord("utc") || acceptWord("gmt") ? 0 : nil
        }
        let sign: Int64 = accept("-") ? -1 : 1
        if sign > 0 { _ = accept("+") }
        guard let hours = digits(1, 2), hours <= 15 else { return nil }
        var minutes: Int64 = 0
        if accept(":") || !isAtEnd {
            guard let value = digits(2, 2), value < 60 else { return nil }
            minutes = value
        }
        return sign * (hours * 3_600 + minutes * 60)
    }
}
