// SPDX-License-Identifier: MIT

/// A template of `to_char`, `to_date` and `to_timestamp`, taken apart.
///
/// - Source: PostgreSQL 16, table 9.27.
struct TimeTemplate {
    enum Field: String, CaseIterable {
        case hour24 = "HH24", hour12 = "HH12", hour = "HH", minute = "MI", second = "SS"
        case millisecond = "MS", microsecond = "US"
        case tenths = "FF1", hundredths = "FF2", thousandths = "FF3", fraction4 = "FF4"
        case fraction5 = "FF5", fraction6 = "FF6"
        case secondOfDay = "SSSSS", secondOfDayShort = "SSSS"
        case halfDots = "A.M.", halfDotsLate = "P.M.", half = "AM", halfLate = "PM"
        case yearGrouped = "Y,YYY", year4 = "YYYY", year3 = "YYY", year2 = "YY", year1 = "Y"
        case isoYear4 = "IYYY", isoYear3 = "IYY", isoYear2 = "IY", isoYear1 = "I"
        case eraDots = "B.C.", eraDotsLate = "A.D.", era = "BC", eraLate = "AD"
        case monthName = "MONTH", monthShort = "MON", month = "MM", monthRoman = "RM"
        case dayName = "DAY", dayShort = "DY", dayOfYear = "DDD", isoDayOfYear = "IDDD"
        case day = "DD", weekday = "D", isoWeekday = "ID"
        case weekOfMonth = "W", weekOfYear = "WW", isoWeek = "IW", century = "CC", julian = "J"
        case quarter = "Q", zone = "TZ", zoneHour = "TZH", zoneMinute = "TZM", offset = "OF"
    }

    /// How the letters of a name are written: as those of the template.
    enum Style { case upper, capitalised, lower }

    struct Item {
        var field: Field?
        var style = Style.upper
        /// FM: neither blanks nor zeros in front.
        var isFilled = false
        /// TH or th.
        var ordinal: String?
        var literal = ""
    }

    private(set) var items: [Item] = []

    /// The longest names first, so that YYYY is not four times Y.
    private static let fields = Field.allCases.map { ($0, Array($0.rawValue.utf8)) }
        .sorted { $0.1.count > $1.1.count }

    init(_ template: String) {
        let bytes = Array(template.utf8)
        var index = 0
        var literal: [UInt8] = []
        var isFilled = false
        func flush(_ items: inout [Item]) {
            if literal.isEmpty { return }
            items.append(Item(literal: String(decoding: literal, as: UTF8.self)))
            literal = []
        }
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\"") {
                index += 1
                while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
                    if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count { index += 1 }
                    literal.append(bytes[index])
                    index += 1
                }
                index += 1
                continue
            }
            if Self.matches(bytes, index, Array("FM".utf8))
                || Self.matches(bytes, index, Array("TM".utf8))
            {
                isFilled = isFilled || bytes[index] & 0xDF == UInt8(ascii: "F")
                index += 2
                continue
            }
            guard let (field, name) = Self.fields.first(where: { Self.matches(bytes, index, $0.1) })
            else {
                literal.append(bytes[index])
                index += 1
                continue
            }
            flush(&items)
            var item = Item(field: field, style: Self.style(bytes[index..<index + name.count]))
            item.isFilled = isFilled
            isFilled = false
            index += name.count
            if index + 1 < bytes.count, Self.matches(bytes, index, Array("TH".utf8)) {
                item.ordinal = String(decoding: bytes[index..<index + 2], as: UTF8.self)
                index += 2
            }
            items.append(item)
        }
        flush(&items)
    }

    private static func matches(_ bytes: [UInt8], _ index: Int, _ name: [UInt8]) -> Bool {
        guard index + name.count <= bytes.count else { return false }
        for place in name.indices {
            let byte = bytes[index + place]
            let upper = byte &- 0x61 < 26 ? byte & 0xDF : byte
            if upper != name[place] { return false }
        }
        return true
    }

    private static func style(_ name: ArraySlice<UInt8>) -> Style {
        let isUpper = name.map { $0 &- 0x41 < 26 }
        guard isUpper.first == true else { return .lower }
        return isUpper.count > 1 && !isUpper[1] ? .capitalised : .upper
    }
}

/// The names of months and days in English.
enum TimeNames {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    static let romans = [
        "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII",
    ]
}
