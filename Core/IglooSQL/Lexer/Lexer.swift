// SPDX-License-Identifier: MIT

/// Cuts the UTF-8 bytes of SQL text into tokens, by PostgreSQL's lexical rules.
///
/// It never fails: what cannot be a token becomes one of kind `invalid` or `unterminated...`, so
/// that the same lexer serves the parser, the shell's splitter and highlighting.
public struct Lexer: Sendable {
    let bytes: [UInt8]
    var position: Int
    let keepsComments: Bool

    public init(_ text: String, keepsComments: Bool = false) {
        self.init(Array(text.utf8), keepsComments: keepsComments)
    }

    /// - Parameter from: the byte offset to begin at.
    public init(_ bytes: [UInt8], from: Int = 0, keepsComments: Bool = false) {
        self.bytes = bytes
        position = max(0, min(from, bytes.count))
        self.keepsComments = keepsComments
    }

    /// All tokens but the end: for highlighting and completion.
    public static func tokens(of text: String) -> [Token] {
        var lexer = Lexer(text, keepsComments: true)
        var tokens: [Token] = []
        while true {
            let token = lexer.next()
            if token.kind == .end { return tokens }
            tokens.append(token)
        }
    }

    /// The next token; `end`, again and again, behind the last.
    public mutating func next() -> Token {
        while let byte = peek(0) {
            if Self.isSpace(byte) {
                position += 1
            } else if let comment = comment() {
                if keepsComments || comment.kind == .unterminatedComment { return comment }
            } else {
                return token(byte)
            }
        }
        return Token(.end, bytes.count, bytes.count)
    }

    func peek(_ distance: Int) -> UInt8? {
        let index = position + distance
        return index < bytes.count ? bytes[index] : nil
    }

    private mutating func token(_ byte: UInt8) -> Token {
        let start = position
        if let kind = punctuation(byte) {
            position += kind.count
            return Token(kind.0, start, position)
        }
        switch byte {
        case UInt8(ascii: "'"): return string(from: start, escapes: false, kind: .string)
        case UInt8(ascii: "\""): return quotedIdentifier()
        case UInt8(ascii: "$"): return dollar()
        case UInt8(ascii: "?"):
            // `?|` and `?&` are operators, `?||` is a parameter before one.
            if let next = peek(1), next == UInt8(ascii: "|") || next == UInt8(ascii: "&"),
                peek(2) != next
            {
                return take(2, .symbol)
            }
            return take(1, .parameter)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
        case UInt8(ascii: "."):
            return Self.isDigit(peek(1)) ? number() : take(1, .dot)
        default: break
        }
        if Self.isWordStart(byte) { return unicodeString() ?? prefixedString(byte) ?? word() }
        if Self.isOperator(byte) { return symbol() }
        // A whole UTF-8 character was taken as a word above, so this is one ASCII byte.
        return take(1, .invalid)
    }

    mutating func take(_ count: Int, _ kind: Token.Kind) -> Token {
        position += count
        return Token(kind, position - count, position)
    }

    private func punctuation(_ byte: UInt8) -> (Token.Kind, count: Int)? {
        switch byte {
        case UInt8(ascii: ","): (.comma, 1)
        case UInt8(ascii: ";"): (.semicolon, 1)
        case UInt8(ascii: "("): (.leftParenthesis, 1)
        case UInt8(ascii: ")"): (.rightParenthesis, 1)
        case UInt8(ascii: "["): (.leftBracket, 1)
        case UInt8(ascii: "]"): (.rightBracket, 1)
        case UInt8(ascii: "{"): (.leftBrace, 1)
        case UInt8(ascii: "}"): (.rightBrace, 1)
        case UInt8(ascii: ":"):
            switch peek(1) {
            case UInt8(ascii: ":"): (.doubleColon, 2)
            case UInt8(ascii: "="): (.assign, 2)
            default: (.colon, 1)
            }
        default: nil
        }
    }

    private mutating func word() -> Token {
        let start = position
        while let byte = peek(0), Self.isWordPart(byte) { position += 1 }
        return Token(.word, start, position, keyword: keyword(start, position))
    }

    private func keyword(_ start: Int, _ end: Int) -> Keyword? {
        guard end - start <= SQLKeywords.byteCountMax else { return nil }
        let folded = bytes[start..<end].lazy.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
        return SQLKeywords.byText[String(decoding: folded, as: UTF8.self)]
    }

    private mutating func symbol() -> Token {
        let start = position
        while let byte = peek(0), Self.isOperator(byte) {
            let follower = peek(1)
            let opensComment =
                byte == UInt8(ascii: "-") && follower == UInt8(ascii: "-")
                || byte == UInt8(ascii: "/") && follower == UInt8(ascii: "*")
            if opensComment { break }
            position += 1
        }
        if position - start == 1, bytes[start] == UInt8(ascii: "@"), peek(0) == UInt8(ascii: "?") {
            position += 1
        }
        trimSigns(from: start)
        if position - start == 2, bytes[start] == UInt8(ascii: "="),
            bytes[start + 1] == UInt8(ascii: ">")
        {
            return Token(.arrow, start, position)
        }
        return Token(.symbol, start, position)
    }

    /// `=-1` is `=` and `-1`: a trailing sign belongs to an operator only if that holds one of the
    /// characters no SQL operator has.
    private mutating func trimSigns(from start: Int) {
        let isOwn = bytes[start..<position].contains { "~!@#%^&|`".utf8.contains($0) }
        guard !isOwn else { return }
        while position - start > 1,
            bytes[position - 1] == UInt8(ascii: "-") || bytes[position - 1] == UInt8(ascii: "+")
        {
            position -= 1
        }
    }

    private mutating func comment() -> Token? {
        let start = position
        if peek(0) == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") {
            while let byte = peek(0), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
                position += 1
            }
            return Token(.comment, start, position)
        }
        guard peek(0) == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") else { return nil }
        position += 2
        var depth = 1
        while depth > 0 {
            guard let byte = peek(0) else { return Token(.unterminatedComment, start, position) }
            if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                position += 2
            } else if byte == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                position += 2
            } else {
                position += 1
            }
        }
        return Token(.comment, start, position)
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    static func isDigit(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// Letters, underscore, and every byte of a character beyond ASCII.
    static func isWordStart(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
            || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    static func isWordPart(_ byte: UInt8) -> Bool {
        isWordStart(byte) || isDigit(byte) || byte == UInt8(ascii: "$")
    }

    static func isOperator(_ byte: UInt8) -> Bool { operators[Int(byte)] }

    private static let operators: [Bool] = {
        var table = [Bool](repeating: false, count: 256)
        for byte in "+-*/<>=~!@#%^&|`".utf8 { table[Int(byte)] = true }
        return table
    }()
}
