// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Bytes as text and back: hexadecimal, base64, escapes; digests.
enum Encodings {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        let type = call.result
        switch call.name {
        case "hex":
            guard call.parameters[0].isInteger else {
                return { (call) throws(IglooError) in
                    map(call, type) { bytes, writer in
                        for byte in bytes {
                            writer.write(HexText.upper(byte >> 4))
                            writer.write(HexText.upper(byte & 15))
                        }
                    }
                }
            }
            return radix(16, isUpper: true, call.parameters[0])
        case "to_hex": return radix(16, isUpper: false, call.parameters[0])
        case "bin": return radix(2, isUpper: false, call.parameters[0])
        case "to_oct": return radix(8, isUpper: false, call.parameters[0])
        case "unhex": return decoding(.hexadecimal, type)
        case "to_base64":
            return { (call) throws(IglooError) in
                map(call, type) { Base64.encode($0, lineLength: nil, &$1) }
            }
        case "from_base64": return decoding(.base64, type)
        case "sha1": return digest(type) { SHA1.digest($0) }
        case "sha224": return digest(type) { SHA256.shortDigest($0) }
        case "sha256": return digest(type) { SHA256.digest($0) }
        case "sha384": return digest(type) { SHA512.shortDigest($0) }
        case "sha512": return digest(type) { SHA512.digest($0) }
        case "md5": return digest(type) { MD5.digest($0) }
        case "encode": return try encode(call)
        case "decode": return try decode(call)
        default: return nil
        }
    }

    private enum Format: String {
        case hexadecimal = "hex"
        case base64, escape
    }

    private static func format(_ call: FunctionCall) throws(IglooError) -> Format? {
        guard call.parameters.count > 1 else { return nil }
        guard let name = call.constantText(1), let format = Format(rawValue: name.lowercased())
        else {
            throw Faults.invalid("unrecognized encoding: use 'hex', 'base64' or 'escape'")
        }
        return format
    }

    private static func encode(_ call: FunctionCall) throws(IglooError) -> Kernel {
        let type = call.result
        switch try format(call) {
        case nil:
            return { (call) throws(IglooError) in
                map(call, type) { bytes, writer in writer.write(bytes) }
            }
        case .hexadecimal:
            return { (call) throws(IglooError) in
                map(call, type) { bytes, writer in
                    for byte in bytes { HexText.write(byte, to: &writer) }
                }
            }
        case .base64:
            return { (call) throws(IglooError) in
                map(call, type) { Base64.encode($0, lineLength: 76, &$1) }
            }
        case .escape:
            return { (call) throws(IglooError) in
                map(call, type) { bytes, writer in
                    for byte in bytes { escape(byte, &writer) }
                }
            }
        }
    }

    private static func escape(_ byte: UInt8, _ writer: inout ViewWriter) {
        if byte == UInt8(ascii: "\\") {
            writer.write(byte)
            writer.write(byte)
        } else if byte == 0 || byte >= 0x80 {
            writer.write(UInt8(ascii: "\\"))
            for shift in [6, 3, 0] { writer.write(0x30 + (byte >> UInt8(shift)) & 7) }
        } else {
            writer.write(byte)
        }
    }

    private static func decode(_ call: FunctionCall) throws(IglooError) -> Kernel {
        guard let format = try format(call) else {
            return { (call) throws(IglooError) in
                let reader = ViewReader(call.arguments[0])
                return try parse(call, .utf8View) { row in
                    String(validating: reader[row], as: UTF8.self).map { Array($0.utf8) }
                }
            }
        }
        return decoding(format, call.result)
    }

    private static func decoding(_ format: Format, _ type: DataType) -> Kernel {
        { (call) throws(IglooError) in
            let reader = ViewReader(call.arguments[0])
            return try parse(call, type) { row in
                switch format {
                case .hexadecimal: HexText.bytes(reader[row])
                case .base64: Base64.decode(reader[row])
                case .escape: unescaped(reader[row])
                }
            }
        }
    }

    private static func unescaped(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var bytes: [UInt8] = []
        var index = 0
        while index < text.count {
            guard text[index] == UInt8(ascii: "\\") else {
                bytes.append(text[index])
                index += 1
                continue
            }
            if index + 1 < text.count, text[index + 1] == UInt8(ascii: "\\") {
                bytes.append(UInt8(ascii: "\\"))
                index += 2
                continue
            }
            guard index + 3 < text.count, text[index + 1] &- 0x30 < 4,
                text[index + 2] &- 0x30 < 8, text[index + 3] &- 0x30 < 8
            else { return nil }
            bytes.append(
                (text[index + 1] & 3) << 6 | (text[index + 2] & 7) << 3 | text[index + 3] & 7)
            index += 4
        }
        return bytes
    }

    // MARK: - Rows

    private static func map(
        _ call: KernelCall, _ type: DataType,
        _ body: (UnsafeRawBufferPointer, inout ViewWriter) -> Void
    ) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        var row = 0
        while row < call.count {
            if call.isValid(row) { body(reader[row], &writer) }
            writer.close()
            row &+= 1
        }
        return writer.finish(call, type)
    }

    private static func parse(
        _ call: KernelCall, _ type: DataType, _ body: (Int) -> [UInt8]?
    ) throws(IglooError) -> ArrayData {
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                writer.appendEmpty()
                continue
            }
            guard let bytes = body(row) else {
                throw IglooError(
                    .outOfRange,
                    type == .utf8View
                        ? "the bytes are not UTF-8" : "invalid data for this encoding",
                    sqlState: type == .utf8View
                        ? SQLState(rawValue: "22021") : .invalidParameterValue)
            }
            bytes.withUnsafeBytes { writer.append($0) }
        }
        return writer.finish(call, type)
    }

    private static func digest(
        _ type: DataType, _ body: @escaping (UnsafeRawBufferPointer) -> [UInt8]
    ) -> Kernel {
        let isBinary = type == .binaryView
        return { (call) throws(IglooError) in
            map(call, type) { bytes, writer in
                for byte in body(bytes) {
                    if isBinary { writer.write(byte) } else { HexText.write(byte, to: &writer) }
                }
            }
        }
    }

    /// Negative numbers in two's complement, as wide as their type.
    private static func radix(_ radix: Int, isUpper: Bool, _ type: DataType) -> Kernel {
        let mask: UInt64 = type == .int32 ? 0xFFFF_FFFF : .max
        return { (call) throws(IglooError) in
            let values = WideReader(call.arguments[0].array)
            let step = call.arguments[0].step
            var writer = ViewWriter(count: call.count)
            for row in 0..<call.count {
                if call.isValid(row) {
                    let bits = UInt64(bitPattern: values.int64(row * step)) & mask
                    writer.append(String(bits, radix: radix, uppercase: isUpper))
                } else {
                    writer.appendEmpty()
                }
            }
            return writer.finish(call)
        }
    }
}

/// Base64.
///
/// - Source: RFC 4648, section 4.
enum Base64 {
    private static let digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(
        _ bytes: UnsafeRawBufferPointer, lineLength: Int?, _ writer: inout ViewWriter
    ) {
        var index = 0
        var column = 0
        while index < bytes.count {
            if let lineLength, column == lineLength {
                writer.write(UInt8(0x0A))
                column = 0
            }
            let left = bytes.count - index
            let word =
                UInt32(bytes[index]) << 16 | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
                | (left > 2 ? UInt32(bytes[index + 2]) : 0)
            writer.write(digits[Int(word >> 18)])
            writer.write(digits[Int(word >> 12 & 63)])
            writer.write(left > 1 ? digits[Int(word >> 6 & 63)] : UInt8(ascii: "="))
            writer.write(left > 2 ? digits[Int(word & 63)] : UInt8(ascii: "="))
            index += 3
            column += 4
        }
    }

    /// White space is left out; `nil` for anything else that is not base64.
    static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (word, count, padding) = (UInt32(0), 0, 0)
        for byte in text {
            if byte == 0x20 || byte &- 9 < 5 { continue }
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let digit = value(byte) else { return nil }
            word = word << 6 | UInt32(digit)
            count += 1
            if count % 4 == 0 {
                for shift in [16, 8, 0] {
                    bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(shift)))
                }
                word = 0
            }
        }
        switch (count % 4, padding) {
        case (0, 0): break
        case (2, 2): bytes.append(UInt8(truncatingIfNeeded: word >> 4))
        case (3, 1):
            bytes.append(UInt8(truncatingIfNeeded: word >> 10))
            bytes.append(UInt8(truncatingIfNeeded: word >> 2))
        default: return nil
        }
        return bytes
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x41...0x5A: byte - 0x41
        case 0x61...0x7A: byte - 0x61 + 26
        case 0x30...0x39: byte - 0x30 + 52
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }
}
