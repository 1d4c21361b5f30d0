// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Writes a moment after a template.
struct TimeTemplateWriter {
    let days: Int64
    /// Microseconds of the day.
    let time: Int64
    /// Seconds east of UTC, and the zone's name; `nil` without a zone.
    let zone: (offset: Int64, name: String)?

    func text(_ template: TimeTemplate) -> String {
        var result = ""
        for item in template.items {
            guard let field = item.field else {
                result += item.literal
                continue
            }
            var text = self.text(field, item)
            if let ordinal = item.ordinal { text += Self.suffix(text, ordinal) }
            result += text
        }
        return result
    }

    static func suffix(_ number: String, _ style: String) -> String {
        let digits = number.filter { $0.isNumber }
        let isTeen = digits.count > 1 && digits.suffix(2).first == "1"
        let suffix: String
        switch digits.last {
        case "1" where !isTeen: suffix = "st"
        case "2" where !isTeen: suffix = "nd"
        case "3" where !isTeen: suffix = "rd"
        default: suffix = "th"
        }
        return style.first == "T" ? suffix.uppercased() : suffix
    }

    private func text(_ field: TimeTemplate.Field, _ item: TimeTemplate.Item) -> String {
        let date = CivilDate(days: days)
        let (hour, minute, second) = (
            time / 3_600_000_000, time / 60_000_000 % 60, time / 1_000_000 % 60
        )
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value.magnitude)
            let zeros =
                item.isFilled ? "" : String(repeating: "0", count: max(width - digits.count, 0))
            return (value < 0 ? "-" : "") + zeros + digits
        }
        func fraction(_ digits: Int64) -> String {
            var unit: Int64 = 1_000_000
            for _ in 0..<digits { unit /= 10 }
            return DigitText.zeroPadded(time % 1_000_000 / unit, Int(digits))
        }
        let year = date.year > 0 ? date.year : 1 - date.year
        let iso = CivilDate.isoWeek(days)
        switch field {
        case .hour24: return padded(hour, 2)
        case .hour12, .hour: return padded((hour + 11) % 12 + 1, 2)
        case .minute: return padded(minute, 2)
        case .second: return padded(second, 2)
        case .millisecond, .thousandths: return fraction(3)
        case .microsecond, .fraction6: return fraction(6)
        case .tenths: return fraction(1)
        case .hundredths: return fraction(2)
        case .fraction4: return fraction(4)
        case .fraction5: return fraction(5)
        case .secondOfDay, .secondOfDayShort: return padded(time / 1_000_000, 1)
        case .half, .halfLate: return styled(hour < 12 ? "AM" : "PM", item.style)
        case .halfDots, .halfDotsLate: return styled(hour < 12 ? "A.M." : "P.M.", item.style)
        case .era, .eraLate: return styled(date.year > 0 ? "AD" : "BC", item.style)
        case .eraDots, .eraDotsLate: return styled(date.year > 0 ? "A.D." : "B.C.", item.style)
        case .yearGrouped:
            return "\(year / 1_000)," + DigitText.zeroPadded(year % 1_000, 3)
        case .year4: return padded(year, 4)
        case .year3: return padded(year % 1_000, 3)
        case .year2: return padded(year % 100, 2)
        case .year1: return padded(year % 10, 1)
        case .isoYear4: return padded(iso.year, 4)
        case .isoYear3: return padded(iso.year % 1_000, 3)
        case .isoYear2: return padded(iso.year % 100, 2)
        case .isoYear1: return padded(iso.year % 10, 1)
        case .monthName: return name(TimeNames.months[Int(date.month) - 1], item)
        case .monthShort:
            return styled(String(TimeNames.months[Int(date.month) - 1].prefix(3)), item.style)
        case .month: return padded(date.month, 2)
        case .monthRoman:
            let roman = styled(TimeNames.romans[Int(date.month) - 1], item.style)
            return item.isFilled ? roman : roman + String(repeating: " ", count: 4 - roman.count)
        case .dayName: return name(TimeNames.weekdays[weekday], item)
        case .dayShort: return styled(String(TimeNames.weekdays[weekday].prefix(3)), item.style)
        case .dayOfYear: return padded(date.dayOfYear, 3)
        case .isoDayOfYear: return padded((iso.week - 1) * 7 + CivilDate.isoWeekday(days), 3)
        case .day: return padded(date.day, 2)
        case .weekday: return String(weekday + 1)
        case .isoWeekday: return String(CivilDate.isoWeekday(days))
        case .weekOfMonth: return String((date.day - 1) / 7 + 1)
        case .weekOfYear: return padded((date.dayOfYear - 1) / 7 + 1, 2)
        case .isoWeek: return padded(iso.week, 2)
        case .century: return padded(DateField.century.ofDay(days), 2)
        case .julian: return String(days + 2_440_588)
        case .quarter: return String((date.month + 2) / 3)
        case .zone: return styled(zone?.name ?? "", item.style)
        case .zoneHour, .zoneMinute, .offset: return offset(field)
        }
    }

    private func offset(_ field: TimeTemplate.Field) -> String {
        let offset = zone?.offset ?? 0
        let hours = (offset < 0 ? "-" : "+") + DigitText.zeroPadded(abs(offset) / 3_600, 2)
        let minutes = DigitText.zeroPadded(abs(offset) / 60 % 60, 2)
        switch field {
        case .zoneHour: return hours
        case .zoneMinute: return minutes
        default: return minutes == "00" ? hours : hours + ":" + minutes
        }
    }

    private var weekday: Int { Int(CivilDate.isoWeekday(days) % 7) }

    private func styled(_ text: String, _ style: TimeTemplate.Style) -> String {
        switch style {
        case .upper: text.uppercased()
        case .lower: text.lowercased()
        case .capitalised: text
        }
    }

    private func name(_ text: String, _ item: TimeTemplate.Item) -> String {
        let styled = styled(text, item.style)
        return item.isFilled ? styled : styled + String(repeating: " ", count: 9 - styled.count)
    }
}

extension DigitText {
    static func zeroPadded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
}
