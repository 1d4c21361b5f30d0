// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Texts that are parts of SQL: names, literals, Unicode escapes; and the normal forms of Unicode.
///
/// - Source: PostgreSQL 16, section 9.4; `parse_ident` in src/backend/utils/adt/misc.c.
enum TextNames {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        let type = call.result
        switch call.name {
        case "parse_ident": return { (call) throws(IglooError) in try names(call, type) }
        case "unistr":
            return { (call) throws(IglooError) in
                try texts(call) { (text) throws(IglooError) in try unescaped(text) }
            }
        case "normalize":
            return { (call) throws(IglooError) in
                let reader = ViewReader(call.arguments[0])
                var writer = ViewWriter(count: call.count)
                for row in 0..<call.count {
                    guard call.isValid(row) else {
                        writer.appendEmpty()
                        continue
                    }
                    let form = try NormalForm.named(call, row)
                    if isASCII(reader[row]) {
                        writer.append(reader[row])
                    } else {
                        writer.append(form.text(reader[row].text))
                    }
                }
                return writer.finish(call)
            }
        case "is_normalized":
            return { (call) throws(IglooError) in
                let reader = ViewReader(call.arguments[0])
                var builder = BufferBuilder(zeroed: Bitmap.byteCount(forBits: call.count))
                for row in 0..<call.count where call.isValid(row) {
                    let (bytes, form) = (reader[row], try NormalForm.named(call, row))
                    if isASCII(bytes) || form.text(bytes.text).utf8.elementsEqual(bytes) {
                        Bitmap.set(builder.pointer(), row)
                    }
                }
                return call.bits(builder.finish())
            }
        default: return nil
        }
    }

    private enum NormalForm: String {
        case composed = "NFC"
        case decomposed = "NFD"

        static func named(_ call: KernelCall, _ row: Int) throws(IglooError) -> NormalForm {
            guard call.arguments.count > 1 else { return .composed }
            let name = ViewReader(call.arguments[1])[row].text
            if let form = NormalForm(rawValue: name.uppercased()) { return form }
            let isKnown = ["NFKC", "NFKD"].contains(name.uppercased())
            throw isKnown
                ? IglooError(
                    .unsupported, "normalization form \(name) is not supported",
                    hint: "NFC and NFD are")
                : Faults.invalid("invalid normalization form: \(Faults.shortened(name))")
        }

        func text(_ text: String) -> String {
            switch self {
            case .composed: UnicodeForms.composed(text)
            case .decomposed: UnicodeForms.decomposed(text)
            }
        }
    }

    private static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.allSatisfy { $0 < 0x80 }
    }

    /// A text of another one.
    private static func texts(
        _ call: KernelCall, _ body: (String) throws(IglooError) -> String
    ) throws(IglooError) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            if call.isValid(row) {
                writer.append(try body(reader[row].text))
            } else {
                writer.appendEmpty()
            }
        }
        return writer.finish(call)
    }

    // MARK: - Names

    private static func names(
        _ call: KernelCall, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        var lists = TextLists()
        for row in 0..<call.count {
            var parts: [String] = []
            if call.isValid(row) {
                let isStrict = call.arguments.count < 2 || call.flag(1, row)
                parts = try names(reader[row].text, isStrict: isStrict)
            }
            for part in parts { Array(part.utf8).withUnsafeBytes { lists.append($0) } }
            lists.counts.append(parts.count)
        }
        return try lists.finish(type, validity: call.validity)
    }

    private static func names(_ text: String, isStrict: Bool) throws(IglooError) -> [String] {
        let scalars = Array(text.unicodeScalars)
        var index = 0
        var parts: [String] = []
        func fault(_ hint: String?) -> IglooError {
            IglooError(
                .invalidArgument,
                "string is not a valid identifier: \"\(Faults.shortened(text))\"", hint: hint,
                sqlState: .invalidParameterValue)
        }
        func skipSpaces() {
            while index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
        }
        skipSpaces()
        while true {
            var part = String.UnicodeScalarView()
            if index < scalars.count, scalars[index] == "\"" {
                index += 1
                while true {
                    guard index < scalars.count else {
                        throw fault("string has unclosed double quotes")
                    }
                    if scalars[index] == "\"" {
                        index += 1
                        guard index < scalars.count, scalars[index] == "\"" else { break }
                    }
                    part.append(scalars[index])
                    index += 1
                }
                if part.isEmpty { throw fault("quoted identifier must not be empty") }
                parts.append(String(part))
            } else {
                func isPart(_ scalar: Unicode.Scalar, isFirst: Bool) -> Bool {
                    scalar == "_" || scalar.value >= 0x80
                        || scalar.isASCII && scalar.properties.isAlphabetic
                        || !isFirst && (scalar == "$" || scalar.value &- 0x30 < 10)
                }
                while index < scalars.count, isPart(scalars[index], isFirst: part.isEmpty) {
                    part.append(scalars[index])
                    index += 1
                }
                guard !part.isEmpty else {
                    let isAtEnd = index >= scalars.count
                    throw fault(
                        isAtEnd || scalars[index] == "."
                            ? (parts.isEmpty
                                ? "no valid identifier before \".\""
                                : "no valid identifier after \".\"") : nil)
                }
                parts.append(String(part).lowercased())
            }
            skipSpaces()
            guard index < scalars.count else { return parts }
            if scalars[index] == "." {
                index += 1
                skipSpaces()
            } else if isStrict {
                throw fault(nil)
            } else {
                return parts
            }
        }
    }

    // MARK: - Escapes

    /// `\XXXX`, `\+XXXXXX`, `\uXXXX`, `\UXXXXXXXX`; a doubled backslash is one.
    private static func unescaped(_ text: String) throws(IglooError) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        var high: UInt32?
        func fault(_ message: String) -> IglooError {
            IglooError(
                .invalidArgument, message,
                hint: "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX",
                sqlState: .syntaxError)
        }
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                if high != nil { throw fault("invalid Unicode surrogate pair") }
                result.append(bytes[index])
                index += 1
                continue
            }
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            if next == UInt8(ascii: "\\") {
                if high != nil { throw fault("invalid Unicode surrogate pair") }
                result.append(next)
                index += 2
                continue
            }
            let (skip, count) =
                next == UInt8(ascii: "u")
                ? (2, 4)
                : next == UInt8(ascii: "U") ? (2, 8) : next == UInt8(ascii: "+") ? (2, 6) : (1, 4)
            var value: UInt32 = 0
            guard index + skip + count <= bytes.count else { throw fault("invalid Unicode escape") }
            for place in index + skip..<index + skip + count {
                guard let digit = HexText.value(bytes[place]) else {
                    throw fault("invalid Unicode escape")
                }
                value = value << 4 | UInt32(digit)
            }
            index += skip + count
            if let first = high {
                guard value & 0xFFFF_FC00 == 0xDC00 else {
                    throw fault("invalid Unicode surrogate pair")
                }
                value = 0x10000 + ((first & 0x3FF) << 10 | value & 0x3FF)
                high = nil
            } else if value & 0xFFFF_FC00 == 0xD800 {
                high = value
                continue
            }
            guard value > 0, let scalar = Unicode.Scalar(value) else {
                throw fault(
                    value & 0xFFFF_FC00 == 0xDC00
                        ? "invalid Unicode surrogate pair" : "invalid Unicode escape value")
            }
            result.append(contentsOf: String(scalar).utf8)
        }
        if high != nil { throw fault("invalid Unicode surrogate pair") }
        return String(decoding: result, as: UTF8.self)
    }
}
