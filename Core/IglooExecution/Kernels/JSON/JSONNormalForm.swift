// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// JSON as jsonb has it: keys sorted, the last of equal ones kept, spaces after `,` and `:`.
///
/// - Source: `JsonbToCString` and `lengthCompareJsonbStringValue` in
///   src/backend/utils/adt/jsonb*.c of PostgreSQL.
enum JSONNormalForm {
    static func normalized(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        var failed = Failures(call)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                writer.appendEmpty()
                continue
            }
            let scanner = JSONScanner(texts[row])
            guard let value = scanner.document() else {
                try failed.add(row) { Faults.malformed(texts[row].text, .json) }
                writer.appendEmpty()
                continue
            }
            write(scanner, value, &writer)
            writer.close()
        }
        return writer.finish(.utf8View, count: call.count, validity: failed.validity())
    }

    private static func write(
        _ scanner: JSONScanner, _ value: Range<Int>, _ writer: inout ViewWriter
    ) {
        switch scanner.bytes[value.lowerBound] {
        case UInt8(ascii: "{"): object(scanner, value, &writer)
        case UInt8(ascii: "["):
            writer.write(UInt8(ascii: "["))
            for (index, item) in items(scanner, value).enumerated() {
                if index > 0 { ClockText.write(", ", &writer) }
                write(scanner, item.value, &writer)
            }
            writer.write(UInt8(ascii: "]"))
        case 0x22:
            scanner.string(value).withUnsafeBytes { JSONForm.write($0, &writer) }
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            writer.write(UnsafeRawBufferPointer(rebasing: scanner.bytes[value]))
        default: number(UnsafeRawBufferPointer(rebasing: scanner.bytes[value]), &writer)
        }
    }

    private static func items(
        _ scanner: JSONScanner, _ value: Range<Int>
    ) -> [(key: [UInt8], value: Range<Int>)] {
        var items: [(key: [UInt8], value: Range<Int>)] = []
        scanner.eachItem(value) { key, item in
            items.append((key.map { scanner.string($0) } ?? [], item))
            return true
        }
        return items
    }

    private static func object(
        _ scanner: JSONScanner, _ value: Range<Int>, _ writer: inout ViewWriter
    ) {
        var members: [[UInt8]: Range<Int>] = [:]
        for item in items(scanner, value) { members[item.key] = item.value }
        let keys = members.keys.sorted {
            $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count < $1.count
        }
        writer.write(UInt8(ascii: "{"))
        for (index, key) in keys.enumerated() {
            if index > 0 { ClockText.write(", ", &writer) }
            key.withUnsafeBytes { JSONForm.write($0, &writer) }
            ClockText.write(": ", &writer)
            if let place = members[key] { write(scanner, place, &writer) }
        }
        writer.write(UInt8(ascii: "}"))
    }

    /// Without an exponent, as numeric writes it, unless it is too large for that.
    private static func number(_ text: UnsafeRawBufferPointer, _ writer: inout ViewWriter) {
        guard let mark = text.firstIndex(where: { $0 | 0x20 == 0x65 }) else {
            // Minus zero is zero.
            let isZero = text.allSatisfy { $0 == 0x30 || $0 == 0x2D || $0 == 0x2E }
            let start = isZero && text.first == UInt8(ascii: "-") ? 1 : 0
            return writer.write(UnsafeRawBufferPointer(rebasing: text[start...]))
        }
        let mantissa = String(decoding: text[..<mark], as: UTF8.self)
        let exponent = Int(String(decoding: text[(mark + 1)...], as: UTF8.self)) ?? Int.max
        guard (-1_000...1_000).contains(exponent) else { return writer.write(text) }
        ClockText.write(plain(mantissa, exponent), &writer)
    }

    private static func plain(_ mantissa: String, _ exponent: Int) -> String {
        let isNegative = mantissa.hasPrefix("-")
        let parts = mantissa.drop { $0 == "-" }.split(
            separator: ".", omittingEmptySubsequences: false)
        var digits = parts.joined()
        var point = parts[0].count + exponent
        if point <= 0 {
            digits = String(repeating: "0", count: 1 - point) + digits
            point = 1
        }
        if point > digits.count {
            digits += String(repeating: "0", count: point - digits.count)
        }
        let whole = digits.prefix(point).drop { $0 == "0" }
        let fraction = digits.dropFirst(point)
        let isZero = digits.allSatisfy { $0 == "0" }
        return (isNegative && !isZero ? "-" : "") + (whole.isEmpty ? "0" : String(whole))
            + (fraction.isEmpty ? "" : "." + String(fraction))
    }
}
