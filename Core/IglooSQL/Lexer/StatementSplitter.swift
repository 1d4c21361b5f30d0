// SPDX-License-Identifier: MIT

/// Finds where the first statement of a text ends, for shells that read statement by statement.
public enum StatementSplitter {
    public enum Outcome: Hashable, Sendable {
        /// A statement that ends with a semicolon just before byte `end`.
        case complete(end: Int)
        /// Text without its semicolon yet, or within a string or comment.
        case incomplete
        /// White space and comments only.
        case blank
    }

    /// - Complexity: linear in the bytes looked at.
    public static func first(in text: [UInt8], from start: Int = 0) -> Outcome {
        var lexer = Lexer(text, from: start)
        var outcome = Outcome.blank
        while true {
            let token = lexer.next()
            switch token.kind {
            case .semicolon: return .complete(end: token.end)
            case .end: return outcome
            default: outcome = .incomplete
            }
        }
    }

    /// The statements of a script, each with its byte range, the last with or without semicolon;
    /// those of white space, comments and a semicolon alone are left out.
    public static func statements(in text: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start: Int?
        var lexer = Lexer(text)
        while true {
            let token = lexer.next()
            switch token.kind {
            case .semicolon:
                if let first = start { ranges.append(first..<token.end) }
                start = nil
            case .end:
                if let first = start { ranges.append(first..<token.end) }
                return ranges
            default: start = start ?? token.start
            }
        }
    }
}
