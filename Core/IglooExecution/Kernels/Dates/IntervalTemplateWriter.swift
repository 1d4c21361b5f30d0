// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Writes an interval after a template.
///
/// - Source: `interval_to_char` and `DCH_to_char` in src/backend/utils/adt/formatting.c of
///   PostgreSQL.
struct IntervalTemplateWriter {
    let value: MonthDayNanoInterval

    func text(_ template: TimeTemplate) throws(IglooError) -> String {
        var result = ""
        for item in template.items {
            guard let field = item.field else {
                result += item.literal
                continue
            }
            var text = try self.text(field, item)
            if let ordinal = item.ordinal { text += TimeTemplateWriter.suffix(text, ordinal) }
            result += text
        }
        return result
    }

    private func text(
        _ field: TimeTemplate.Field, _ item: TimeTemplate.Item
    ) throws(IglooError) -> String {
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value.magnitude)
            let zeros =
                item.isFilled ? "" : String(repeating: "0", count: max(width - digits.count, 0))
            return (value < 0 ? "-" : "") + zeros + digits
        }
        let microseconds = value.nanoseconds / 1_000
        let hour = microseconds / 3_600_000_000
        let (years, months) = (Int64(value.months / 12), Int64(value.months % 12))
        func fraction(_ digits: Int) -> String {
            var unit: Int64 = 1_000_000
            for _ in 0..<digits { unit /= 10 }
            return padded(microseconds % 1_000_000 / unit, digits)
        }
        let dayOfYear = (years * 12 + months) * 30 + Int64(value.days)
        switch field {
        case .hour24: return padded(hour, 2)
        case .hour12, .hour: return padded(hour % 12 == 0 ? 12 : hour % 12, 2)
        case .minute: return padded(microseconds / 60_000_000 % 60, 2)
        case .second: return padded(microseconds / 1_000_000 % 60, 2)
        case .millisecond, .thousandths: return fraction(3)
        case .microsecond, .fraction6: return fraction(6)
        case .tenths: return fraction(1)
        case .hundredths: return fraction(2)
        case .fraction4: return fraction(4)
        case .fraction5: return fraction(5)
        case .secondOfDay, .secondOfDayShort: return padded(microseconds / 1_000_000, 1)
        case .half, .halfLate: return styled(hour % 24 >= 12 ? "PM" : "AM", item.style)
        case .halfDots, .halfDotsLate: return styled(hour % 24 >= 12 ? "P.M." : "A.M.", item.style)
        case .yearGrouped:
            return "\(years / 1_000)," + DigitText.zeroPadded(abs(years % 1_000), 3)
        case .year4, .isoYear4: return padded(years, 4)
        case .year3, .isoYear3: return padded(years % 1_000, 3)
        case .year2, .isoYear2: return padded(years % 100, 2)
        case .year1, .isoYear1: return padded(years % 10, 1)
        case .month: return padded(months, 2)
        case .monthRoman:
            guard months != 0 else { return "" }
            let roman = styled(
                TimeNames.romans[Int(months > 0 ? months : 12 + months) - 1], item.style)
            return item.isFilled ? roman : roman + String(repeating: " ", count: 4 - roman.count)
        case .day: return padded(Int64(value.days), 2)
        case .dayOfYear: return padded(dayOfYear, 3)
        case .weekOfMonth: return padded((Int64(value.days) - 1) / 7 + 1, 1)
        case .weekOfYear: return padded((dayOfYear - 1) / 7 + 1, 2)
        case .century: return padded(years / 100, 2)
        case .quarter: return months == 0 ? "" : padded((months - 1) / 3 + 1, 1)
        default:
            throw IglooError(
                .invalidArgument, "invalid format specification for an interval value",
                hint: "intervals are not tied to specific calendar dates",
                sqlState: .invalidDatetimeFormat)
        }
    }

    private func styled(_ text: String, _ style: TimeTemplate.Style) -> String {
        switch style {
        case .upper: text.uppercased()
        case .lower: text.lowercased()
        case .capitalised: text
        }
    }
}
