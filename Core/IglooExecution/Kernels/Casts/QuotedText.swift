// SPDX-License-Identifier: MIT

import IglooArrow

/// A text within the text of a list, structure or map: in quotes where it could be misread, as
/// DuckDB writes it.
enum QuotedText {
    /// Puts what was written since `mark` in quotes, if it needs them.
    static func quote(from mark: Int, in writer: inout ViewWriter) {
        guard writer.withOpenBytes(from: mark, needsQuotes) else { return }
        let text = writer.withOpenBytes(from: mark) { Array($0) }
        writer.removeOpenBytes(from: mark)
        writer.write(UInt8(ascii: "'"))
        text.withUnsafeBytes { escape($0, to: &writer) }
        writer.write(UInt8(ascii: "'"))
    }

    static func escape(_ text: UnsafeRawBufferPointer, to writer: inout ViewWriter) {
        for byte in text {
            if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\\") {
                writer.write(UInt8(ascii: "\\"))
            }
            writer.write(byte)
        }
    }

    private static func needsQuotes(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let first = text.first, let last = text.last else { return true }
        if NumberText.isSpace(first) || NumberText.isSpace(last) { return true }
        if text.count == 4, zip(text, "null".utf8).allSatisfy({ $0 | 0x20 == $1 }) { return true }
        return text.contains { special.contains($0) }
    }

    private static let special = Set(",[]{}()'\":=\\".utf8)
}
