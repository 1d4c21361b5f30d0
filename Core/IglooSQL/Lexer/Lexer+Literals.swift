// SPDX-License-Identifier: MIT

// Strings, quoted identifiers, numbers and parameters.
extension Lexer {
    /// From a quote at `position` to its closing one; a doubled quote stands for itself.
    mutating func string(from start: Int, escapes: Bool, kind: Token.Kind) -> Token {
        position += 1
        while let byte = peek(0) {
            if byte == UInt8(ascii: "'") {
                if peek(1) != UInt8(ascii: "'") {
                    position += 1
                    return Token(kind, start, position)
                }
                position += 2
            } else if escapes, byte == UInt8(ascii: "\\"), peek(1) != nil {
                position += 2
            } else {
                position += 1
            }
        }
        return Token(.unterminatedString, start, position)
    }

    /// `E'...'`, `X'...'`, `N'...'`: a letter directly before a quote.
    mutating func prefixedString(_ byte: UInt8) -> Token? {
        guard peek(1) == UInt8(ascii: "'") else { return nil }
        let start = position
        switch byte | 0x20 {
        case UInt8(ascii: "e"):
            position += 1
            return string(from: start, escapes: true, kind: .escapeString)
        case UInt8(ascii: "x"):
            position += 1
            return string(from: start, escapes: false, kind: .byteString)
        case UInt8(ascii: "b"):
            position += 1
            return string(from: start, escapes: false, kind: .bitString)
        default: return nil
        }
    }

    /// `U&'d\0061t\+000061'`
    mutating func unicodeString() -> Token? {
        guard peek(0).map({ $0 | 0x20 }) == UInt8(ascii: "u"), peek(1) == UInt8(ascii: "&"),
            peek(2) == UInt8(ascii: "'")
        else { return nil }
        let start = position
        position += 2
        return string(from: start, escapes: false, kind: .unicodeString)
    }

    mutating func quotedIdentifier() -> Token {
        let start = position
        position += 1
        while let byte = peek(0) {
            if byte == UInt8(ascii: "\"") {
                if peek(1) != UInt8(ascii: "\"") {
                    position += 1
                    return Token(.quotedIdentifier, start, position)
                }
                position += 2
            } else {
                position += 1
            }
        }
        return Token(.unterminatedIdentifier, start, position)
    }

    /// `$1`, `$name`, `$$text$$`, `$tag$text$tag$`.
    mutating func dollar() -> Token {
        let start = position
        position += 1
        if Self.isDigit(peek(0)) {
            while Self.isDigit(peek(0)) { position += 1 }
            return Token(.parameter, start, position)
        }
        while let byte = peek(0), Self.isWordStart(byte) || Self.isDigit(byte) { position += 1 }
        guard peek(0) == UInt8(ascii: "$") else {
            return Token(position - start > 1 ? .parameter : .invalid, start, position)
        }
        position += 1
        return dollarString(start, tag: bytes[start..<position])
    }

    private mutating func dollarString(_ start: Int, tag: ArraySlice<UInt8>) -> Token {
        // A `$` within a mismatched tag may begin the real one, so the search steps by bytes; it
        // compares only at a `$`, and a tag holds none inside, which keeps it linear.
        while let byte = peek(0) {
            if byte == UInt8(ascii: "$"), matches(tag) {
                position += tag.count
                return Token(.dollarString, start, position)
            }
            position += 1
        }
        return Token(.unterminatedString, start, position)
    }

    private func matches(_ tag: ArraySlice<UInt8>) -> Bool {
        guard bytes.count - position >= tag.count else { return false }
        return bytes[position..<position + tag.count] == tag
    }

    mutating func number() -> Token {
        let start = position
        if peek(0) == UInt8(ascii: "0"), let base = peek(1).map({ $0 | 0x20 }),
            base == UInt8(ascii: "x") || base == UInt8(ascii: "o") || base == UInt8(ascii: "b")
        {
            position += 2
            return finishNumber(start, .integer)
        }
        var kind = Token.Kind.integer
        digits()
        if peek(0) == UInt8(ascii: "."), peek(1) != UInt8(ascii: ".") {
            kind = .decimal
            position += 1
            digits()
        }
        if let exponent = exponentByteCount() {
            kind = .float
            position += exponent
            digits()
        }
        return finishNumber(start, kind)
    }

    private mutating func digits() {
        while let byte = peek(0),
            Self.isDigit(byte) || byte == UInt8(ascii: "_") && Self.isDigit(peek(1))
        {
            position += 1
        }
    }

    /// Bytes of `e`, `e+` or `e-` before a digit.
    private func exponentByteCount() -> Int? {
        guard let byte = peek(0), byte | 0x20 == UInt8(ascii: "e") else { return nil }
        if Self.isDigit(peek(1)) { return 1 }
        let isSigned = peek(1) == UInt8(ascii: "-") || peek(1) == UInt8(ascii: "+")
        return isSigned && Self.isDigit(peek(2)) ? 2 : nil
    }

    /// Letters run into a number belong to its token: hexadecimal digits, or an error.
    private mutating func finishNumber(_ start: Int, _ kind: Token.Kind) -> Token {
        let digitsEnd = position
        while let byte = peek(0), Self.isWordPart(byte) { position += 1 }
        if position == digitsEnd { return Token(kind, start, position) }
        let isBased = digitsEnd == start + 2 && Self.isBasedInteger(bytes[start..<position])
        return Token(isBased ? .integer : .invalid, start, position)
    }

    private static func isBasedInteger(_ text: ArraySlice<UInt8>) -> Bool {
        let letter = text[text.startIndex + 1] | 0x20
        let base: UInt8 = letter == UInt8(ascii: "x") ? 16 : letter == UInt8(ascii: "o") ? 8 : 2
        guard !isDigit(text[text.startIndex + 1]) else { return false }
        var hasDigit = false
        for byte in text.dropFirst(2) where byte != UInt8(ascii: "_") {
            guard let digit = digitValue(byte), digit < base else { return false }
            hasDigit = true
        }
        return hasDigit
    }

    /// The value of a hexadecimal digit.
    static func digitValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
