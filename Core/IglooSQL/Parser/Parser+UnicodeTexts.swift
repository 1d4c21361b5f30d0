// SPDX-License-Identifier: MIT

internal import IglooContracts

// `U&'d\0061t\+000061'`, with `UESCAPE '!'` for another sign than the backslash.
//
// - Source: PostgreSQL 16, section 4.1.2.3.
extension Parser {
    mutating func unicodeText() throws(IglooError) -> String {
        let token = current
        advance()
        var sign = UInt8(ascii: "\\")
        if acceptWord("uescape") {
            let start = current
            let text = try stringText()
            let refused = Array("+'\" \t\n".utf8)
            guard text.utf8.count == 1, let byte = text.utf8.first, !refused.contains(byte),
                Lexer.digitValue(byte).map({ $0 >= 16 }) ?? true
            else {
                throw syntaxError("invalid Unicode escape character", at: start)
            }
            sign = byte
        }
        return try decoded(token, sign)
    }

    private func decoded(_ token: Token, _ sign: UInt8) throws(IglooError) -> String {
        var result: [UInt8] = []
        var position = token.start + 3
        let end = token.end - 1
        var high: UInt32?
        while position < end {
            let byte = bytes[position]
            position += 1
            guard byte == sign, !(position < end && bytes[position] == sign) else {
                guard high == nil else { throw invalidEscape(token) }
                result.append(byte)
                // A doubled quote, or a doubled sign, stands for one.
                if byte == sign || byte == UInt8(ascii: "'") { position += 1 }
                continue
            }
            var count = 4
            if position < end, bytes[position] == UInt8(ascii: "+") {
                position += 1
                count = 6
            }
            guard position + count <= end,
                let value = UInt32(
                    String(decoding: bytes[position..<position + count], as: UTF8.self), radix: 16)
            else { throw invalidEscape(token) }
            position += count
            if let first = high {
                guard (0xDC00..<0xE000).contains(value) else { throw invalidEscape(token) }
                high = nil
                try append(
                    0x10000 + ((first & 0x3FF) << 10) + (value & 0x3FF), token, to: &result)
            } else if (0xD800..<0xDC00).contains(value) {
                high = value
            } else {
                try append(value, token, to: &result)
            }
        }
        guard high == nil else { throw invalidEscape(token) }
        return String(decoding: result, as: UTF8.self)
    }

    private func append(
        _ value: UInt32, _ token: Token, to result: inout [UInt8]
    ) throws(IglooError) {
        guard value > 0, let scalar = Unicode.Scalar(value) else { throw invalidEscape(token) }
        result += Array(String(Character(scalar)).utf8)
    }

    private func invalidEscape(_ token: Token) -> IglooError {
        IglooError(
            .invalidArgument, "invalid Unicode escape",
            hint: "Unicode escapes must be \\XXXX or \\+XXXXXX",
            sqlState: .syntaxError, position: token.start)
    }
}
