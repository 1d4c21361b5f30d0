// SPDX-License-Identifier: MIT

/// How records and fields are told apart in a file.
struct CSVDialect: Hashable, Sendable {
    static let delimiterByteCountMax = 4

    /// One to four bytes.
    var delimiter: [UInt8] = [UInt8(ascii: ",")]
    /// `nil`: no field is quoted.
    var quote: UInt8? = UInt8(ascii: "\"")
    /// What takes a quote's meaning inside quotes; the quote itself when it is doubled.
    var escape: UInt8? = UInt8(ascii: "\"")
    /// LF, which may follow a CR, or CR alone.
    var newline: UInt8 = UInt8(ascii: "\n")
    /// Records that begin with it are left out.
    var comment: UInt8?
    /// Lines before the header or the first record that belong to neither.
    var skippedLineCount = 0
    var hasHeader = false

    /// Whether the state of quoting follows from the quotes alone, so that 64 bytes can be looked
    /// at together.
    var isPlain: Bool {
        comment == nil && delimiter.count == 1 && (quote == nil || escape == nil || escape == quote)
    }

    /// Whether a CR at the end of a record belongs to the line's end.
    var stripsCarriageReturn: Bool { newline == UInt8(ascii: "\n") }
}
