// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// UUIDs, which are text in their usual form.
///
/// - Source: RFC 9562.
enum UUIDs {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        switch call.name {
        case "uuid": return { (call) throws(IglooError) in try canonical(call) }
        case "gen_random_uuid":
            return { (call) throws(IglooError) in
                var writer = ViewWriter(count: call.count)
                var generator = SystemRandomNumberGenerator()
                for _ in 0..<call.count {
                    var high = generator.next()
                    var low = generator.next()
                    high = high & ~0xF000 | 0x4000
                    low = low & ~(3 << 62) | 1 << 63
                    let words = [high.bigEndian, low.bigEndian]
                    words.withUnsafeBytes { write(Array($0), &writer) }
                }
                return writer.finish(.utf8View, count: call.count, validity: nil)
            }
        default: return nil
        }
    }

    private static func write(_ bytes: [UInt8], _ writer: inout ViewWriter) {
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 {
                writer.write(UInt8(ascii: "-"))
            }
            HexText.write(byte, to: &writer)
        }
        writer.close()
    }

    private static func canonical(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                writer.appendEmpty()
                continue
            }
            guard let bytes = bytes(texts[row]) else {
                throw IglooError(
                    .outOfRange,
                    "invalid input syntax for type uuid: \"\(Faults.shortened(texts[row].text))\"",
                    sqlState: .invalidTextRepresentation)
            }
            write(bytes, &writer)
        }
        return writer.finish(call)
    }

    /// 32 digits, hyphens between groups of four, braces around: each or none.
    private static func bytes(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var digits = text[...]
        if digits.first == UInt8(ascii: "{") {
            guard digits.last == UInt8(ascii: "}") else { return nil }
            digits = digits.dropFirst().dropLast()
        }
        var bytes: [UInt8] = []
        var high: UInt8?
        for byte in digits {
            if byte == UInt8(ascii: "-"), high == nil, bytes.count.isMultiple(of: 2), !bytes.isEmpty
            {
                continue
            }
            guard let digit = HexText.value(byte), bytes.count < 16 else { return nil }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return bytes.count == 16 && high == nil ? bytes : nil
    }
}
