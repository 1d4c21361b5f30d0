// SPDX-License-Identifier: MIT

import IglooSQL

/// Finds statements in text that grows line by line, looking at each byte once.
///
/// Whoever uses it keeps the text, appends whole lines (with their ends) and asks for `next` until
/// that is `nil`.
public struct StatementScanner: Sendable {
    /// What has begun and not ended, perhaps over several lines.
    public enum Open: Hashable, Sendable {
        case string(escapes: Bool)
        case identifier
        case comment(depth: Int)
        /// `$tag$`, as it is written.
        case dollarString(tag: [UInt8])
    }

    /// What the text so far ends in the middle of; `nil` between tokens.
    public private(set) var open: Open?
    /// Where the first token of the unfinished statement stands; `nil` after white space and
    /// comments only.
    public private(set) var statementStart: Int?
    /// How far the text has been looked at.
    private var position = 0

    public init() {}

    /// The next statement that is complete, its semicolon included; `nil` when there is none yet.
    /// Lone semicolons are no statements.
    public mutating func next(in text: [UInt8]) -> Range<Int>? {
        while true {
            if open != nil {
                position = skip(text)
                if open != nil { return nil }
            }
            var lexer = Lexer(text, from: position)
            let token = lexer.next()
            switch token.kind {
            case .end:
                position = text.count
                return nil
            case .semicolon:
                position = token.end
                defer { statementStart = nil }
                if let start = statementStart { return start..<token.end }
            default: take(token, text)
            }
        }
    }

    /// Says that the first `count` bytes of the text are gone; they hold no unfinished statement.
    public mutating func dropFirst(_ count: Int) {
        position = max(0, position - count)
        statementStart = statementStart.map { max(0, $0 - count) }
    }

    private mutating func take(_ token: Token, _ text: [UInt8]) {
        if token.kind != .unterminatedComment { statementStart = statementStart ?? token.start }
        position = token.end
        switch token.kind {
        case .unterminatedComment:
            open = .comment(depth: 0)
            position = token.start
        case .unterminatedIdentifier:
            open = .identifier
            position = token.start + 1
        case .unterminatedString: openString(token, text)
        default: break
        }
    }

    private mutating func openString(_ token: Token, _ text: [UInt8]) {
        position = token.start + 1
        if text[token.start] == UInt8(ascii: "$") {
            let end = text[position...].firstIndex(of: UInt8(ascii: "$")) ?? token.end - 1
            open = .dollarString(tag: Array(text[token.start...end]))
            position = end + 1
        } else if text[token.start] == UInt8(ascii: "'") {
            open = .string(escapes: false)
        } else {
            open = .string(escapes: text[token.start] | 0x20 == UInt8(ascii: "e"))
            position += 1
        }
    }

    // MARK: - To the end of what is open

    private mutating func skip(_ text: [UInt8]) -> Int {
        switch open {
        case .string(let escapes): quoted(text, by: UInt8(ascii: "'"), escapes: escapes)
        case .identifier: quoted(text, by: UInt8(ascii: "\""), escapes: false)
        case .comment(let depth): comment(text, depth)
        case .dollarString(let tag): dollarString(text, tag)
        case nil: position
        }
    }

    /// A doubled quote stands for itself.
    private mutating func quoted(_ text: [UInt8], by quote: UInt8, escapes: Bool) -> Int {
        var at = position
        while at < text.count {
            let isPair = at + 1 < text.count
            if text[at] == quote {
                if !isPair || text[at + 1] != quote {
                    open = nil
                    return at + 1
                }
                at += 2
            } else {
                at += escapes && text[at] == UInt8(ascii: "\\") && isPair ? 2 : 1
            }
        }
        return at
    }

    private mutating func comment(_ text: [UInt8], _ depth: Int) -> Int {
        var (at, depth) = (position, depth)
        while at + 1 < text.count {
            switch (text[at], text[at + 1]) {
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                depth += 1
                at += 2
            case (UInt8(ascii: "*"), UInt8(ascii: "/")):
                depth -= 1
                at += 2
                if depth == 0 {
                    open = nil
                    return at
                }
            default: at += 1
            }
        }
        open = .comment(depth: depth)
        return max(at, text.count)
    }

    private mutating func dollarString(_ text: [UInt8], _ tag: [UInt8]) -> Int {
        var at = position
        while at < text.count {
            if text[at] == UInt8(ascii: "$"), text[at...].starts(with: tag) {
                open = nil
                return at + tag.count
            }
            at += 1
        }
        return at
    }
}
