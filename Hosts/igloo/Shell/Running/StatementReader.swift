// SPDX-License-Identifier: MIT

import IglooEngine

/// Cuts lines into statements, as soon as each is complete, and meta commands.
struct StatementReader {
    enum Piece: Equatable {
        case statement(String)
        /// A line that begins with a backslash, outside of a statement.
        case command(String)
    }

    private var text = ""

    /// Whether a statement has begun and not ended.
    var isInStatement: Bool { !text.trimmed.isEmpty }

    /// What is complete with this line.
    mutating func add(_ line: String) -> [Piece] {
        if !isInStatement && line.trimmed.hasPrefix("\\") {
            text = ""
            return [.command(line.trimmed)]
        }
        text += line + "\n"
        var pieces: [Piece] = []
        let bytes = Array(text.utf8)
        var start = 0
        while let end = Session.statementEnd(in: bytes, from: start) {
            let statement = String(decoding: bytes[start..<end], as: UTF8.self)
            if !statement.trimmed.isEmpty && statement.trimmed != ";" {
                pieces.append(.statement(statement))
            }
            start = end
        }
        text = String(decoding: bytes[start...], as: UTF8.self)
        if text.trimmed.isEmpty { text = "" }
        // A command may stand behind a statement on its line.
        if !pieces.isEmpty && text.trimmed.hasPrefix("\\") {
            pieces.append(.command(text.trimmed))
            text = ""
        }
        return pieces
    }

    /// What is left at the end of the input, if it is more than white space and comments.
    var rest: String? {
        Session.isBlank(text) ? nil : text.trimmed
    }
}
