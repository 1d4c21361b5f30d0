// SPDX-License-Identifier: MIT

import IglooEngine

/// Cuts lines into statements, as soon as each is complete, and meta commands.
struct StatementReader {
    struct Statement: Equatable {
        var bytes: [UInt8]
        /// The line of its first byte, counted from 1.
        var line: Int
    }

    enum Piece: Equatable {
        case statement(Statement)
        /// A line that begins with a backslash outside of strings and comments.
        case command(String, line: Int)
    }

    private var text: [UInt8] = []
    private var scanner = StatementScanner()
    /// The line of the first byte of `text`, and of the line that comes next.
    private var firstLine = 1
    private var nextLine = 1

    /// Whether something has begun and not ended.
    var isInStatement: Bool { scanner.statementStart != nil || scanner.open != nil }

    /// The string or comment that the next line goes on with.
    var open: StatementScanner.Open? { scanner.open }

    /// What there is of the unfinished statement.
    var unfinished: String { String(decoding: text, as: UTF8.self) }

    /// What is complete with this line, which comes without its end.
    mutating func add(_ line: ArraySlice<UInt8>) -> [Piece] {
        defer { nextLine += 1 }
        if scanner.open == nil, let command = Self.command(line) {
            switch command {
            case "\\g" where isInStatement: return add(statementLine: [UInt8(ascii: ";")])
            case "\\r": reset()
            default: if !isInStatement { reset() }
            }
            return [.command(command, line: nextLine)]
        }
        return add(statementLine: line)
    }

    mutating func add(_ line: String) -> [Piece] { add(Array(line.utf8)[...]) }

    /// Forgets what has begun.
    mutating func reset() {
        text.removeAll()
        scanner = StatementScanner()
        firstLine = nextLine
    }

    /// What is left at the end of the input, if it is more than white space and comments.
    mutating func finish() -> Statement? {
        guard isInStatement else { return nil }
        let start = scanner.statementStart ?? 0
        while text.last.map(Self.isSpace) == true { text.removeLast() }
        let line = firstLine + Self.lineCount(text[..<start])
        defer { reset() }
        return Statement(bytes: Array(text[start...]), line: line)
    }

    private mutating func add(statementLine line: ArraySlice<UInt8>) -> [Piece] {
        if text.isEmpty { firstLine = nextLine }
        text += line
        text.append(UInt8(ascii: "\n"))
        var pieces: [Piece] = []
        var done = 0
        while let range = scanner.next(in: text) {
            firstLine += Self.lineCount(text[done..<range.lowerBound])
            pieces.append(.statement(Statement(bytes: Array(text[range]), line: firstLine)))
            firstLine += Self.lineCount(text[range])
            done = range.upperBound
        }
        guard done > 0 else { return pieces }
        // A command may stand behind a statement on its line.
        if let command = Self.command(text[done...]) {
            reset()
            return pieces + [.command(command, line: nextLine)]
        }
        text.removeFirst(done)
        scanner.dropFirst(done)
        return pieces
    }

    private static func command(_ line: ArraySlice<UInt8>) -> String? {
        guard let first = line.first(where: { !isSpace($0) }), first == UInt8(ascii: "\\") else {
            return nil
        }
        return String(decoding: line, as: UTF8.self).trimmed
    }

    private static func lineCount(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.count { $0 == UInt8(ascii: "\n") }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }
}

extension String {
    /// Without white space at the ends.
    var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}
