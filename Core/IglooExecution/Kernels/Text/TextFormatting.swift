// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `format` and `printf`.
enum TextFormatting {
    private static let widthMax = 10_000

    static func kernel(_ call: FunctionCall) -> Kernel? {
        switch call.name {
        case "format":
            return { (call) throws(IglooError) in
                try write(call) { (pattern, values, writer: inout ViewWriter) throws(IglooError) in
                    if !values.isEmpty, !pattern.contains(UInt8(ascii: "%")) {
                        try braces(pattern, values, &writer)
                    } else {
                        try format(pattern, values, &writer)
                    }
                }
            }
        case "printf":
            return { (call) throws(IglooError) in
                try write(call) { (pattern, values, writer: inout ViewWriter) throws(IglooError) in
                    try printf(pattern, values, &writer)
                }
            }
        default: return nil
        }
    }

    private static func write(
        _ call: KernelCall,
        _ body: ([UInt8], [Scalar], inout ViewWriter) throws(IglooError) -> Void
    ) throws(IglooError) -> ArrayData {
        let patterns = ViewReader(call.arguments[0])
        let validity = Bits.make(call.count) { !call.isNull(0, $0) }
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            guard !call.isNull(0, row) else {
                writer.appendEmpty()
                continue
            }
            let values = call.arguments.dropFirst().map { $0.array.scalar(at: row * $0.step) }
            try body(Array(patterns[row]), values, &writer)
            writer.close()
        }
        return writer.finish(.utf8View, count: call.count, validity: validity)
    }

    /// One conversion: `%[position$][flags][width][.precision]letter`.
    private struct Conversion {
        var position: Int?
        var isLeft = false
        var isZeroFilled = false
        var sign: Character?
        var width = 0
        var precision: Int?
        var letter: UInt8 = 0

        /// From behind the percent sign.
        init?(_ pattern: [UInt8], _ index: inout Int) {
            func digits() -> Int? {
                var value: Int?
                while index < pattern.count, pattern[index] &- 0x30 < 10 {
                    value = min((value ?? 0) * 10 + Int(pattern[index] - 0x30), 1_000_000)
                    index += 1
                }
                return value
            }
            let start = index
            if let number = digits(), index < pattern.count, pattern[index] == UInt8(ascii: "$") {
                position = number
                index += 1
            } else {
                index = start
            }
            flags: while index < pattern.count {
                switch pattern[index] {
                case UInt8(ascii: "-"): isLeft = true
                case UInt8(ascii: "0"): isZeroFilled = true
                case UInt8(ascii: "+"): sign = "+"
                case UInt8(ascii: " "): sign = sign ?? " "
                default: break flags
                }
                index += 1
            }
            width = digits() ?? 0
            if index < pattern.count, pattern[index] == UInt8(ascii: ".") {
                index += 1
                precision = digits() ?? 0
            }
            while index < pattern.count, pattern[index] == UInt8(ascii: "l") { index += 1 }
            guard index < pattern.count, width <= TextFormatting.widthMax, precision ?? 0 <= 300
            else { return nil }
            letter = pattern[index]
            index += 1
        }

        /// The text filled up to the width.
        func filled(_ text: String) -> String {
            let missing = width - text.unicodeScalars.count
            if missing <= 0 { return text }
            if isLeft { return text + String(repeating: " ", count: missing) }
            let isNumber = text.utf8.contains { $0 &- 0x30 < 10 }
            guard isZeroFilled, isNumber else {
                return String(repeating: " ", count: missing) + text
            }
            let sign = text.prefix { "+- ".contains($0) }
            return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
        }
    }

    private static func text(_ value: Scalar) -> String? {
        switch value {
        case .null: nil
        case .text(let text): text
        case .int(let value): String(value)
        case .bool(let value): value ? "true" : "false"
        case .float(let value): FloatText.form(value.description, value, fixedMax: 15)
        default: ""
        }
    }

    /// The value of a conversion, and the next place.
    private static func argument(
        _ conversion: Conversion, _ values: [Scalar], _ next: inout Int
    ) throws(IglooError) -> Scalar {
        let place = conversion.position.map { $0 - 1 } ?? next
        guard values.indices.contains(place) else {
            throw Faults.invalid("too few arguments for the format")
        }
        next = place + 1
        return values[place]
    }

    private static func each(
        _ pattern: [UInt8], _ writer: inout ViewWriter,
        _ body: (Conversion) throws(IglooError) -> String
    ) throws(IglooError) {
        var index = 0
        while index < pattern.count {
            let byte = pattern[index]
            index += 1
            guard byte == UInt8(ascii: "%") else {
                writer.write(byte)
                continue
            }
            if index < pattern.count, pattern[index] == byte {
                writer.write(byte)
                index += 1
                continue
            }
            guard let conversion = Conversion(pattern, &index) else {
                throw Faults.invalid("unterminated or too wide conversion in a format")
            }
            var text = try body(conversion)
            try writer.plan(text.utf8.count)
            text.withUTF8 { writer.write(UnsafeRawBufferPointer($0)) }
        }
    }

    /// PostgreSQL's: `%s`, `%I` (identifier), `%L` (literal).
    private static func format(
        _ pattern: [UInt8], _ values: [Scalar], _ writer: inout ViewWriter
    ) throws(IglooError) {
        var next = 0
        try each(pattern, &writer) { (conversion) throws(IglooError) in
            let value = text(try argument(conversion, values, &next))
            switch conversion.letter {
            case UInt8(ascii: "s"): return conversion.filled(value ?? "")
            case UInt8(ascii: "I"):
                guard let value else {
                    throw IglooError(
                        .invalidArgument, "null values cannot be formatted as an SQL identifier",
                        sqlState: SQLState(rawValue: "22004"))
                }
                return conversion.filled(quoted(value, TextEditing.quoteIdentifier))
            case UInt8(ascii: "L"):
                return conversion.filled(
                    value.map { quoted($0, TextEditing.quoteLiteral) } ?? "NULL")
            default:
                let letter = Character(Unicode.Scalar(conversion.letter))
                throw Faults.invalid("unrecognized format() type specifier \"\(letter)\"")
            }
        }
    }

    private static func quoted(
        _ text: String, _ body: (UnsafeRawBufferPointer, inout ViewWriter) -> Void
    ) -> String {
        var writer = ViewWriter(count: 1)
        var text = text
        text.withUTF8 { body(UnsafeRawBufferPointer($0), &writer) }
        writer.close()
        let value = writer.finish(.utf8View, count: 1, validity: nil).scalar(at: 0)
        return if case .text(let text) = value { text } else { "" }
    }

    /// DuckDB's: `{}` and `{0}`.
    private static func braces(
        _ pattern: [UInt8], _ values: [Scalar], _ writer: inout ViewWriter
    ) throws(IglooError) {
        var index = 0
        var next = 0
        while index < pattern.count {
            let byte = pattern[index]
            index += 1
            guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") else {
                writer.write(byte)
                continue
            }
            if index < pattern.count, pattern[index] == byte {
                writer.write(byte)
                index += 1
                continue
            }
            guard byte == UInt8(ascii: "{"),
                let end = pattern[index...].firstIndex(of: UInt8(ascii: "}"))
            else { throw Faults.invalid("unmatched brace in a format") }
            let inner = String(decoding: pattern[index..<end], as: UTF8.self)
            let place = inner.isEmpty ? next : Int(inner) ?? -1
            guard values.indices.contains(place) else {
                throw Faults.invalid("no argument for {\(inner)} in a format")
            }
            next = place + 1
            index = end + 1
            var text = text(values[place]) ?? "NULL"
            try writer.plan(text.utf8.count)
            text.withUTF8 { writer.write(UnsafeRawBufferPointer($0)) }
        }
    }

    private static func printf(
        _ pattern: [UInt8], _ values: [Scalar], _ writer: inout ViewWriter
    ) throws(IglooError) {
        var next = 0
        try each(pattern, &writer) { (conversion) throws(IglooError) in
            let value = try argument(conversion, values, &next)
            let letter = Character(Unicode.Scalar(conversion.letter))
            switch (letter, value) {
            case ("s", _):
                let text = text(value) ?? "NULL"
                return conversion.filled(
                    conversion.precision.map { String(text.prefix($0)) } ?? text)
            case ("d", .int(let value)), ("i", .int(let value)):
                let sign = value >= 0 ? conversion.sign.map { String($0) } ?? "" : ""
                return conversion.filled(sign + String(value))
            case ("u", .int(let value)):
                return conversion.filled(String(UInt64(bitPattern: value)))
            case ("x", .int(let value)), ("X", .int(let value)), ("o", .int(let value)):
                return conversion.filled(
                    String(
                        UInt64(bitPattern: value), radix: letter == "o" ? 8 : 16,
                        uppercase: letter == "X"))
            case ("c", .int(let value)):
                guard let scalar = UInt32(exactly: value).flatMap({ Unicode.Scalar($0) }) else {
                    throw Faults.invalid("\(value) is not a valid code point")
                }
                return conversion.filled(String(scalar))
            case ("f", _), ("F", _), ("e", _), ("E", _), ("g", _), ("G", _):
                let number: Double
                switch value {
                case .float(let value): number = value
                case .int(let value): number = Double(value)
                default: throw mismatch(letter)
                }
                let precision = conversion.precision ?? 6
                let sign = number >= 0 ? conversion.sign.map { String($0) } ?? "" : ""
                return conversion.filled(
                    sign + PlatformFormatting.double("%.\(precision)\(letter)", number))
            default: throw mismatch(letter)
            }
        }
    }

    private static func mismatch(_ letter: Character) -> IglooError {
        Faults.invalid("%\(letter) does not take the argument's type", .datatypeMismatch)
    }
}
