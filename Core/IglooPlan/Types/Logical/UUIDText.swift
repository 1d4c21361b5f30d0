// SPDX-License-Identifier: MIT

/// UUIDs as text, and as the numbers they are kept as.
///
/// - Source: RFC 9562; `string_to_uuid` in src/backend/utils/adt/uuid.c of PostgreSQL.
public enum UUIDText {
    /// 32 digits, hyphens between groups of four, braces around: each or none; `nil` for others.
    public static func value(_ text: Span<UInt8>) -> Int128? {
        var index = 0
        var end = text.count
        if end > 0, text[0] == UInt8(ascii: "{") {
            guard text[end - 1] == UInt8(ascii: "}") else { return nil }
            (index, end) = (1, end - 1)
        }
        var bits: UInt128 = 0
        var digitCount = 0
        while index < end {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "-") {
                guard digitCount > 0, digitCount < 32, digitCount & 3 == 0,
                    text[index - 2] != UInt8(ascii: "-")
                else { return nil }
                continue
            }
            guard digitCount < 32, let digit = digit(byte) else { return nil }
            bits = bits << 4 | UInt128(digit)
            digitCount += 1
        }
        return digitCount == 32 ? value(bits) : nil
    }

    /// The usual form: 36 bytes.
    public static func text(_ value: Int128) -> [UInt8] {
        let bits = bits(value)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for place in 0..<32 {
            if place == 8 || place == 12 || place == 16 || place == 20 {
                text.append(UInt8(ascii: "-"))
            }
            let digit = UInt8(truncatingIfNeeded: bits >> UInt128(124 - 4 * place)) & 15
            text.append(digit < 10 ? digit + 0x30 : digit + 0x57)
        }
        return text
    }

    /// The number that 16 bytes, the first one uppermost, are kept as: signed numbers are ordered
    /// as the bytes are.
    @inlinable
    public static func value(_ bits: UInt128) -> Int128 {
        Int128(bitPattern: bits ^ (1 << 127))
    }

    @inlinable
    public static func bits(_ value: Int128) -> UInt128 {
        UInt128(bitPattern: value) ^ (1 << 127)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte &- 0x30 }
        let letter = byte | 0x20
        return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : nil
    }
}
