// SPDX-License-Identifier: MIT

import IglooContracts

/// An error as a user reads it: what, where, and what to do.
enum ErrorReport {
    /// Columns shown before and after the place.
    private static let columnCountMax = 60

    /// Where the text of a statement comes from.
    struct Place {
        /// The file; `nil` for what was typed, piped or given as an argument.
        var file: String?
        /// The line in the file at which the statement begins, from 1.
        var line = 1
    }

    /// `ERROR: ...`, a caret under the place in `sql` where there is one, and a hint.
    static func text(
        _ error: IglooError, in sql: [UInt8] = [], at place: Place = Place()
    ) -> String {
        let excerpt = error.position.flatMap { Excerpt(sql, $0) }
        let line = (place.file == nil ? 1 : place.line) + (excerpt?.line ?? 0)
        let file = place.file.map { "\(CellText.escaped($0)):\(line): " } ?? ""
        let origin = error.origin.map { " [\($0)]" } ?? ""
        var text = "\(file)ERROR: \(CellText.escaped(error.message))\(origin)\n"
        if let excerpt { text += excerpt.text(label: "LINE \(line): ") }
        if let hint = error.hint { text += "HINT: \(CellText.escaped(hint))\n" }
        return text + "SQLSTATE: \(error.sqlState)\n"
    }

    /// A line that begins with `WARNING:`, and its hint.
    static func text(_ notice: Notice) -> String {
        let hint = notice.hint.map { "HINT: \(CellText.escaped($0))\n" } ?? ""
        return "WARNING: \(CellText.escaped(notice.message))\n" + hint
    }

    /// The line around a place in a statement.
    private struct Excerpt {
        /// Lines before it.
        let line: Int
        private let before: String
        private let after: String

        init?(_ sql: [UInt8], _ position: Int) {
            guard position >= 0, position <= sql.count else { return nil }
            // The end of a text is where its last word ends, not the empty line below it.
            var position = position
            if sql[position...].allSatisfy(Self.isSpace) {
                while position > 0, Self.isSpace(sql[position - 1]) { position -= 1 }
            }
            let newline = UInt8(ascii: "\n")
            let start = (sql[..<position].lastIndex(of: newline) ?? -1) + 1
            let end = sql[position...].firstIndex(of: newline) ?? sql.count
            line = sql[..<position].count { $0 == newline }
            before = Self.visible(sql[start..<position])
            after = Self.visible(sql[position..<end])
        }

        func text(label: String) -> String {
            let shownBefore = CellText.lastPart(before, of: columnCountMax)
            let shownAfter = CellText.shortened(after, to: columnCountMax)
            let indent = DisplayWidth.of(label) + DisplayWidth.of(shownBefore)
            return label + shownBefore + shownAfter + "\n"
                + String(repeating: " ", count: indent) + "^\n"
        }

        private static func isSpace(_ byte: UInt8) -> Bool {
            byte == 0x20 || (9...13).contains(byte)
        }

        /// Tabs as blanks, other control characters and broken UTF-8 as escapes.
        private static func visible(_ bytes: ArraySlice<UInt8>) -> String {
            var bytes = bytes.map { $0 == 9 ? 0x20 : $0 }
            if bytes.last == 13 { bytes.removeLast() }
            return CellText.escaped(String(decoding: bytes, as: UTF8.self))
        }
    }
}
