// SPDX-License-Identifier: MIT

/// Walks over the bytes of a short text: a date, a time, an interval.
struct ByteScanner {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
        skipSpaces()
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }
    var isAtEnd: Bool { position >= bytes.count }

    mutating func advance() { if position < bytes.count { position += 1 } }

    mutating func skipSpaces() {
        while let byte = current, Lexer.isSpace(byte) { position += 1 }
    }

    mutating func accept(_ character: UnicodeScalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// One to `countMax` digits, of which `countMin` at least.
    mutating func digits(_ countMin: Int, _ countMax: Int) -> Int? {
        var value = 0
        var count = 0
        while count < countMax, let byte = current, Lexer.isDigit(byte) {
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            count += 1
            position += 1
        }
        return count >= countMin ? value : nil
    }

    /// Digits behind a point as a count of billionths; more than nine digits round down.
    mutating func billionths() -> Int? {
        var value = 0
        var count = 0
        while let byte = current, Lexer.isDigit(byte) {
            if count < 9 {
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
                count += 1
            }
            position += 1
        }
        guard count > 0 else { return nil }
        while count < 9 {
            value *= 10
            count += 1
        }
        return value
    }

    /// Letters, in lower case.
    mutating func word() -> String {
        let start = position
        while let byte = current, byte | 0x20 >= UInt8(ascii: "a"), byte | 0x20 <= UInt8(ascii: "z")
        {
            position += 1
        }
        return String(decoding: bytes[start..<position].map { $0 | 0x20 }, as: UTF8.self)
    }

    /// -1 behind a minus, else 1; takes the sign.
    mutating func sign() -> Int {
        if accept("-") { return -1 }
        _ = accept("+")
        return 1
    }

    /// Only white space is left.
    mutating func isDone() -> Bool {
        skipSpaces()
        return isAtEnd
    }
}
