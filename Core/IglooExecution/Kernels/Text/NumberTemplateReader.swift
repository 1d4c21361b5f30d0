// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `to_number`: reads a number after a template.
///
/// - Source: `NUM_processor` in src/backend/utils/adt/formatting.c of PostgreSQL.
struct NumberTemplateReader {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0
    private var isNegative: Bool?
    private var digits: [UInt8] = []
    private var digitCount = 0
    private var hasPoint = false

    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel {
        let constant: NumberTemplate?
        if let text = call.constantText(1) {
            constant = try NumberTemplate(text)
        } else {
            constant = nil
        }
        let type = call.result
        return { (call) throws(IglooError) in
            let (texts, templates) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
            var builder = BufferBuilder(byteCapacity: call.count * 16)
            for row in 0..<call.count {
                var text = "0"
                if call.isValid(row) {
                    let template: NumberTemplate
                    if let constant {
                        template = constant
                    } else {
                        template = try NumberTemplate(templates[row].text)
                    }
                    text = try number(texts[row], template)
                }
                try append(text, type, &builder)
            }
            return call.result(type, [builder.finish()], validity: call.validity)
        }
    }

    private static func append(
        _ text: String, _ type: DataType, _ builder: inout BufferBuilder
    ) throws(IglooError) {
        guard let (precision, scale) = type.decimalShape else {
            builder.append(Double(text) ?? 0)
            return
        }
        var value: Int128 = 0
        var left = scale
        var isFraction = false
        let limit = DecimalPower.ten(precision)
        for byte in text.utf8 {
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else if byte &- 0x30 < 10, !isFraction || left > 0 {
                value = value * 10 + Int128(byte - 0x30)
                if isFraction { left -= 1 }
                guard value < limit else { throw Faults.outOfRange(type) }
            }
        }
        for _ in 0..<left {
            value *= 10
            guard value < limit else { throw Faults.outOfRange(type) }
        }
        if text.hasPrefix("-") { value = -value }
        if type.fixedByteWidth == 8 {
            builder.append(Int64(truncatingIfNeeded: value))
        } else {
            builder.append(value)
        }
    }

    /// As SQL writes numbers.
    private static func number(
        _ bytes: UnsafeRawBufferPointer, _ template: NumberTemplate
    ) throws(IglooError) -> String {
        var reader = NumberTemplateReader(bytes: bytes)
        reader.read(template)
        guard reader.digitCount > 0 else {
            throw IglooError(
                .outOfRange, "invalid input syntax for type numeric: \" \"",
                sqlState: .invalidTextRepresentation)
        }
        var digits = reader.digits
        if template.multiplier > 0 {
            if let point = digits.firstIndex(of: UInt8(ascii: ".")) {
                digits.removeSubrange(point...)
            }
            let missing = template.multiplier + 1 - digits.count
            if missing > 0 { digits.insert(contentsOf: repeatElement(0x30, count: missing), at: 0) }
            digits.insert(UInt8(ascii: "."), at: digits.count - template.multiplier)
        }
        return (reader.isNegative == true ? "-" : "") + String(decoding: digits, as: UTF8.self)
    }

    private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func read(_ template: NumberTemplate) {
        for item in template.items {
            guard index < bytes.count else { return }
            switch item {
            case .digit, .point:
                readDigit(template, isDigit: item != .point)
                index += 1
            case .comma: if byte == UInt8(ascii: ",") { index += 1 }
            case .minus:
                if byte == UInt8(ascii: "-") { isNegative = true; index += 1 } else { skip(1) }
            case .plus:
                if byte == UInt8(ascii: "+") { isNegative = false; index += 1 } else { skip(1) }
            case .signHere:
                if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") {
                    isNegative = byte == UInt8(ascii: "-")
                    index += 1
                } else {
                    skip(1)
                }
            case .literal(let text): skip(text.unicodeScalars.count)
            case .ordinal: skip(2)
            case .sign, .roman, .exponent: break
            }
        }
    }

    /// Passes over characters that no number has.
    private mutating func skip(_ count: Int) {
        for _ in 0..<count {
            guard let byte, !"0123456789.,+-".utf8.contains(byte) else { return }
            index += UTF8Bytes.characterByteCount(bytes, index)
        }
    }

    private mutating func readDigit(_ template: NumberTemplate, isDigit: Bool) {
        if byte == 0x20 { index += 1 }
        guard byte != nil else { return }
        if isNegative == nil, isDigit, digitCount == 0 {
            if byte == UInt8(ascii: "-") || template.hasBrackets && byte == UInt8(ascii: "<") {
                isNegative = true
                index += 1
            } else if byte == UInt8(ascii: "+") {
                isNegative = false
                index += 1
            }
        }
        guard let byte else { return }
        var isRead = false
        if byte &- 0x30 < 10 {
            digits.append(byte)
            digitCount += 1
            isRead = true
        } else if byte == UInt8(ascii: "."), !hasPoint, template.hasPoint {
            digits.append(byte)
            hasPoint = true
            isRead = true
        }
        guard isNegative == nil, digitCount > 0 else { return }
        // A sign behind the number.
        if template.hasSign {
            guard isRead, index + 1 < bytes.count else { return }
            let next = bytes[index + 1]
            if next == UInt8(ascii: "-") || next == UInt8(ascii: "+") {
                isNegative = next == UInt8(ascii: "-")
                index += 1
            }
        } else if !isRead, byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") {
            isNegative = byte == UInt8(ascii: "-")
        }
    }
}
