// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Dates and times read from text, in the forms that PostgreSQL and DuckDB share.
enum TimeText {
    typealias Outcome = NumberText.Outcome

    static func date(_ text: UnsafeRawBufferPointer) -> Outcome<Int32> {
        switch moment(text) {
        case .malformed: return .malformed
        case .outOfRange: return .outOfRange
        case .value(let moment):
            if moment.infinity != 0 { return .value(moment.infinity > 0 ? .max : .min) }
            // The time of a timestamp's text is left out, as PostgreSQL does.
            guard let days = Int32(exactly: moment.days), InfiniteMoments.sign(days) == 0 else {
                return .outOfRange
            }
            return .value(days)
        }
    }

    /// Microseconds since midnight; a date before the time is left out.
    static func time(_ text: UnsafeRawBufferPointer) -> Outcome<Int64> {
        var scanner = TextScanner(NumberText.trimmed(text))
        let outcome = time(&scanner)
        if case .value(let nanoseconds) = outcome {
            scanner.skipSpaces()
            return scanner.isAtEnd || scanner.zone() != nil && scanner.isAtEnd
                ? .value(nanoseconds / 1_000) : .malformed
        }
        guard case .value(let moment) = moment(text), moment.infinity == 0, moment.hasTime else {
            return outcome
        }
        return .value(moment.nanoseconds / 1_000)
    }

    /// A time and its zone; a date before them is left out.
    ///
    /// - Parameter sessionOffset: seconds east of UTC where the text does not say.
    static func zonedTime(
        _ text: UnsafeRawBufferPointer, sessionOffset: Int64
    ) -> Outcome<ZonedTime> {
        var scanner = TextScanner(NumberText.trimmed(text))
        switch time(&scanner) {
        case .outOfRange: return .outOfRange
        case .malformed:
            guard case .value(let moment) = moment(text), moment.infinity == 0, moment.hasTime
            else { return .malformed }
            return zoned(moment.nanoseconds, moment.zone, moment.days, sessionOffset)
        case .value(let nanoseconds):
            scanner.skipSpaces()
            if scanner.isAtEnd { return zoned(nanoseconds, nil, 0, sessionOffset) }
            guard case .offset(let seconds)? = scanner.zone(), scanner.isAtEnd else {
                return .malformed
            }
            return zoned(nanoseconds, .offset(seconds), 0, sessionOffset)
        }
    }

    private static func zoned(
        _ nanoseconds: Int64, _ zone: TextScanner.Zone?, _ days: Int64, _ sessionOffset: Int64
    ) -> Outcome<ZonedTime> {
        var offset = sessionOffset
        switch zone {
        case nil: break
        case .offset(let seconds): offset = seconds
        case .rules(let rules):
            let (start, overflow) = days.multipliedReportingOverflow(by: 86_400)
            if overflow { return .outOfRange }
            let instant = rules.instant(start &+ nanoseconds / 1_000_000_000, 1)
            offset = rules.offset(at: instant)
        }
        return .value(ZonedTime(microseconds: nanoseconds / 1_000, offset: offset))
    }

    /// - Parameter rules: of the zone that text without one means; `nil` for plain timestamps,
    ///   which leave out a written zone.
    static func timestamp(
        _ text: UnsafeRawBufferPointer, _ unitsPerSecond: Int64, _ rules: ZoneRules?
    ) -> Outcome<Int64> {
        let moment: Moment
        switch self.moment(text) {
        case .malformed: return .malformed
        case .outOfRange: return .outOfRange
        case .value(let value): moment = value
        }
        if moment.infinity != 0 { return .value(moment.infinity > 0 ? .max : .min) }
        let (start, a) = moment.days.multipliedReportingOverflow(by: 86_400 &* unitsPerSecond)
        let (local, b) = start.addingReportingOverflow(
            moment.nanoseconds / (1_000_000_000 / unitsPerSecond))
        if a || b || InfiniteMoments.sign(local) != 0 { return .outOfRange }
        guard let rules else { return .value(local) }
        switch moment.zone {
        case nil: return .value(rules.instant(local, unitsPerSecond))
        case .rules(let rules): return .value(rules.instant(local, unitsPerSecond))
        case .offset(let seconds):
            let (instant, c) = local.subtractingReportingOverflow(seconds &* unitsPerSecond)
            return c || InfiniteMoments.sign(instant) != 0 ? .outOfRange : .value(instant)
        }
    }

    // MARK: - Parts

    private struct Moment {
        var days: Int64 = 0
        var hasTime = false
        var nanoseconds: Int64 = 0
        var zone: TextScanner.Zone?
        /// -1 or 1 for an infinite moment.
        var infinity: Int8 = 0
    }

    private static func moment(_ text: UnsafeRawBufferPointer) -> Outcome<Moment> {
        var scanner = TextScanner(NumberText.trimmed(text))
        var moment = Moment()
        if let word = scanner.moment() {
            moment.infinity = word
            if word == 0 { moment.zone = .offset(0) }
            return .value(moment)
        }
        var date: CivilDate
        switch self.date(&scanner) {
        case .malformed: return .malformed
        case .outOfRange: return .outOfRange
        case .value(let value): date = value
        }
        var isBeforeChrist = scanner.acceptEra()
        if !scanner.isAtEnd, scanner.accept("T") || scanner.accept("t") || scanner.accept(" ") {
            scanner.skipSpaces()
            if scanner.startsWithDigit {
                switch time(&scanner) {
                case .malformed: return .malformed
                case .outOfRange: return .outOfRange
                case .value(let value): moment.nanoseconds = value
                }
                moment.hasTime = true
            }
        }
        isBeforeChrist = scanner.acceptEra() || isBeforeChrist
        scanner.skipSpaces()
        if !scanner.isAtEnd {
            guard let zone = scanner.zone() else { return .malformed }
            moment.zone = zone
            isBeforeChrist = scanner.acceptEra() || isBeforeChrist
        }
        guard scanner.isAtEnd else { return .malformed }
        if isBeforeChrist {
            guard date.year > 0 else { return .outOfRange }
            date.year = 1 - date.year
        }
        if date.day > CivilDate.dayCount(date.year, date.month) { return .outOfRange }
        moment.days = date.days
        return .value(moment)
    }

    /// `2024-01-31`, `2024/1/31`, `20240131`, `-0043-03-15`.
    private static func date(_ scanner: inout TextScanner) -> Outcome<CivilDate> {
        let isNegative = scanner.accept("-")
        guard let (number, count) = scanner.number(digitCountMax: 8) else { return .malformed }
        var date = CivilDate(year: isNegative ? 0 - number : number, month: 1, day: 1)
        let separator: Unicode.Scalar = scanner.current == 0x2F ? "/" : "-"
        if count == 8, !isNegative, scanner.current != 0x2F, scanner.current != 0x2D {
            date = CivilDate(year: number / 10_000, month: number / 100 % 100, day: number % 100)
        } else {
            guard scanner.accept(separator), let month = scanner.digits(1, 2),
                scanner.accept(separator), let day = scanner.digits(1, 2)
            else { return .malformed }
            (date.month, date.day) = (month, day)
        }
        guard (1...12).contains(date.month), (1...31).contains(date.day),
            isNegative || date.year > 0
        else { return .outOfRange }
        return .value(date)
    }

    /// Nanoseconds since midnight; 24:00:00 is the day's end.
    private static func time(_ scanner: inout TextScanner) -> Outcome<Int64> {
        guard var hour = scanner.digits(1, 2), scanner.accept(":"),
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
        if let isAfternoon = scanner.acceptHalfDay() {
            guard (1...12).contains(hour) else { return .outOfRange }
            hour = hour % 12 + (isAfternoon ? 12 : 0)
        }
        let total = ((hour * 60 + minute) * 60 + second) * 1_000_000_000 + fraction
        guard minute < 60, second <= 60, total <= 86_400_000_000_000 else { return .outOfRange }
        return .value(total)
    }
}
