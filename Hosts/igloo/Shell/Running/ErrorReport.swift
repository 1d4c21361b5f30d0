// SPDX-License-Identifier: MIT

import IglooContracts

/// An error as a user reads it: what, where, and what to do.
enum ErrorReport {
    private static let excerptCountMax = 100

    /// Lines that begin with `ERROR:`; a caret under the place in `sql` where there is one.
    static func text(_ error: IglooError, in sql: String) -> String {
        let origin = error.origin.map { " [\($0)]" } ?? ""
        var text = "ERROR:  \(CellText.escaped(error.message))\(origin)\n"
        if let position = error.position, let excerpt = excerpt(sql, position) { text += excerpt }
        if let hint = error.hint { text += "HINT:  \(CellText.escaped(hint))\n" }
        return text + "SQLSTATE:  \(error.sqlState)\n"
    }

    /// A line that begins with `WARNING:`, and its hint.
    static func text(_ notice: Notice) -> String {
        let hint = notice.hint.map { "HINT:  \(CellText.escaped($0))\n" } ?? ""
        return "WARNING:  \(CellText.escaped(notice.message))\n" + hint
    }

    /// `LINE 2: ...` and a caret below the character that begins at byte `position`.
    private static func excerpt(_ sql: String, _ position: Int) -> String? {
        let bytes = Array(sql.utf8)
        guard position >= 0, position <= bytes.count else { return nil }
        let start = (bytes[..<position].lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let number = bytes[..<position].count { $0 == UInt8(ascii: "\n") } + 1
        let before = visible(bytes[start..<position])
        let after = visible(bytes[position..<end])
        // Of a long line, what stands around the place.
        let cut = before.count > excerptCountMax / 2
        let shownBefore = cut ? "..." + before.suffix(excerptCountMax / 2) : before
        let shownAfter = String(after.prefix(excerptCountMax - 20))
        let label = "LINE \(number): "
        let indent = label.count + DisplayWidth.of(shownBefore)
        return label + shownBefore + shownAfter + "\n"
            + String(repeating: " ", count: indent) + "^\n"
    }

    private static func visible(_ bytes: ArraySlice<UInt8>) -> String {
        String(
            String(decoding: bytes, as: UTF8.self).map { $0 == "\t" || $0 == "\r" ? " " : $0 })
    }
}
