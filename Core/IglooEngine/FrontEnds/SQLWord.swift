// SPDX-License-Identifier: MIT

import IglooSQL

/// A token of SQL text as completion and highlighting see it.
public struct SQLWord: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// A word that names nothing without quotes: `SELECT`, `LEFT`.
        case keyword
        /// A name, in quotes or not, or a keyword that may be one: `name`, `year`.
        case name
        case string
        case number
        case comment
        /// Signs: operators, commas, parentheses.
        case sign
        /// A string, name in quotes or comment without its end.
        case unterminated
    }

    public var kind: Kind
    /// Its bytes in the text.
    public var range: Range<Int>

    /// All tokens of `text`, comments too.
    public static func words(of text: String) -> [SQLWord] {
        Lexer.tokens(of: text).map { token in
            SQLWord(kind: kind(token), range: token.start..<token.end)
        }
    }

    private static func kind(_ token: Token) -> Kind {
        switch token.kind {
        case .word: token.keyword.map(isReserved) == true ? .keyword : .name
        case .quotedIdentifier: .name
        case .string, .escapeString, .dollarString, .byteString: .string
        case .integer, .decimal, .float: .number
        case .comment: .comment
        case .unterminatedString, .unterminatedIdentifier, .unterminatedComment: .unterminated
        default: .sign
        }
    }

    private static func isReserved(_ keyword: Keyword) -> Bool {
        keyword.category == .reserved || keyword.category == .functionName
    }
}
