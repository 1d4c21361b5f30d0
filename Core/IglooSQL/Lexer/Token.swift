// SPDX-License-Identifier: MIT

/// A piece of a statement: its kind and its place.
public struct Token: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable {
        /// A name or a keyword without quotes.
        case word
        case quotedIdentifier
        case integer, decimal, float
        /// `'text'`
        case string
        /// `E'text'`
        case escapeString
        /// `$tag$text$tag$`
        case dollarString
        /// `X'00FF'`
        case byteString
        /// `B'101'`
        case bitString
        /// `U&'\0061'`
        case unicodeString
        /// `$1`, `?`, `$name`
        case parameter
        case symbol
        case comma, semicolon, dot, colon, doubleColon, assign, arrow
        case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
        /// Only from a tokenizer that keeps comments.
        case comment
        case unterminatedString, unterminatedIdentifier, unterminatedComment
        /// A character no token begins with, or a number run into letters.
        case invalid
        case end
    }

    public var kind: Kind
    /// The keyword spelt by a `word`.
    public var keyword: Keyword?
    private var storedStart: Int32
    private var storedEnd: Int32

    init(_ kind: Kind, _ start: Int, _ end: Int, keyword: Keyword? = nil) {
        self.kind = kind
        self.keyword = keyword
        storedStart = Int32(clamping: start)
        storedEnd = Int32(clamping: end)
    }

    /// Byte offset of the first byte.
    public var start: Int { Int(storedStart) }
    /// Byte offset just behind the last byte.
    public var end: Int { Int(storedEnd) }

    var range: SourceRange { SourceRange(start, end) }
}
