// SPDX-License-Identifier: MIT

import Foundation
import IglooFiles
import Testing

private func read<Value>(
    _ text: String, _ parse: (UnsafePointer<UInt8>, Int) -> Value?
) -> Value? {
    var text = text
    return text.withUTF8 { bytes in
        parse(bytes.baseAddress ?? UnsafePointer(bitPattern: 8)!, bytes.count)
    }
}

@Suite struct TextValueTests {
    @Test func integers() {
        let values: [(String, Int64?)] = [
            ("0", 0), ("-0", 0), ("+7", 7), ("007", 7), ("9223372036854775807", .max),
            ("-9223372036854775808", .min), ("9223372036854775808", nil),
            ("-9223372036854775809", nil), ("", nil), ("-", nil), ("1.0", nil), ("1e3", nil),
            (" 1", nil), ("1 ", nil), ("00000000000000000000000012", 12), ("1a", nil),
        ]
        for (text, expected) in values {
            #expect(read(text) { TextValue.int64($0, $1) } == expected, "\(text)")
        }
    }

    @Test func doublesAgreeWithTheStandardLibrary() {
        var texts = [
            "0", "-0.0", "1.", ".5", "1e23", "1E-7", "123456789012345678901234567890", "1e400",
            "-1e400", "4.9e-324", "2.2250738585072011e-308", "0.1", "9007199254740993",
            "1.7976931348623157e308", "179769313486231570000e289", "1e22", "1e-22", "8.5e22",
        ]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            if value.isFinite { texts.append("\(value)") }
            let (whole, part) = (Int.random(in: -999_999...999_999), Int.random(in: 0...9999))
            texts.append("\(whole).\(part)")
        }
        for text in texts {
            let expected = Double(text) ?? Double(text + "0")
            let found = read(text) { TextValue.double($0, $1) }
            #expect(found?.bitPattern == expected?.bitPattern, "\(text)")
        }
        for text in ["", ".", "e5", "1e", "1e+", "--1", "1,5", "0x10", "1 2", "infin", "na"] {
            #expect(read(text) { TextValue.double($0, $1) } == nil, "\(text)")
        }
        #expect(read("1,5") { TextValue.double($0, $1, decimalSeparator: 0x2C) } == 1.5)
        #expect(read("-Inf") { TextValue.double($0, $1) } == -.infinity)
        #expect(read("NaN") { TextValue.double($0, $1) }?.isNaN == true)
    }

    @Test func decimals() {
        let values: [(String, Int128?)] = [
            ("1", 100), ("1.5", 150), ("-1.005", -101), ("1.004", 100),
            ("99999999.99", 9_999_999_999),
            ("99999999.995", nil), ("100000000", nil), ("", nil), (".", nil), ("1.2.3", nil),
            (String(repeating: "9", count: 60), nil), ("0.000000000000000000000000000001", 0),
        ]
        for (text, expected) in values {
            let found = read(text) { TextValue.decimal($0, $1, precision: 10, scale: 2) }
            #expect(found == expected, "\(text)")
        }
    }

    @Test func datesAndTimes() {
        let calendar = Calendar(identifier: .gregorian)
        var utc = calendar
        utc.timeZone = TimeZone(identifier: "UTC")!
        for days in stride(from: -150_000, through: 2_900_000, by: 997) {
            let date = Date(timeIntervalSince1970: Double(days) * 86_400)
            let parts = utc.dateComponents([.year, .month, .day], from: date)
            // Foundation's calendar is Julian before 1582.
            guard days > -141_427, let year = parts.year, year <= 9999 else { continue }
            let text = String(format: "%04d-%02d-%02d", year, parts.month!, parts.day!)
            #expect(read(text) { TextValue.date($0, $1) } == Int32(days), "\(text)")
        }
        let bad = [
            "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-01", "24-01-01", "2024-01",
            "2024-1-",
            "2024-01-01x", "2024-01/01", "20240101", "",
        ]
        for text in bad { #expect(read(text) { TextValue.date($0, $1) } == nil, "\(text)") }
        #expect(read("2024/2/9") { TextValue.date($0, $1) } == 19_762)
        #expect(read("23:59:59.9999999") { TextValue.time($0, $1) } == 86_399_999_999)
        for text in ["24:00", "12:60", "1:00", "12:00:60", "12", "12:00:00."] {
            #expect(read(text) { TextValue.time($0, $1) } == nil, "\(text)")
        }
        let stamps: [(String, Int64?, Bool)] = [
            ("1970-01-01", 0, false), ("1970-01-01T00:00:01", 1_000_000, false),
            ("1969-12-31 23:59:59.5", -500_000, false), ("1970-01-01T01:00:00+01:00", 0, true),
            ("1970-01-01 00:00Z", 0, true), ("1969-12-31 18:30:00-0530", 0, true),
            ("1970-01-01 00:00:00 UTC", 0, true), ("1970-01-01 25:00", nil, false),
            ("1970-01-01 ", nil, false), ("1970-01-01 00:00 X", nil, false),
        ]
        for (text, expected, hasZone) in stamps {
            let found = read(text) { TextValue.timestamp($0, $1) }
            #expect(found?.microseconds == expected, "\(text)")
            #expect(found?.hasZone ?? false == hasZone, "\(text)")
        }
    }
}
