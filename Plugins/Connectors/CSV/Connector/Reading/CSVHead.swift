// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// What stands at the beginning of a file: a byte order mark, lines to be skipped, the header.
struct CSVHead {
    /// Offset in the content of the first record.
    var dataStart: Int64
    /// The fields of the header, when the dialect has one.
    var names: [String] = []
    /// Fields of the first record, when there is no header; 0 = no record.
    var fieldCount = 0

    /// Reads the head of a file in the table's dialect.
    static func read(
        _ content: OpenedContent, _ table: CSVTable, _ context: CallContext
    ) throws(IglooError) -> CSVHead {
        var byteCount = 64 << 10
        while true {
            try context.checkCancelled()
            let sample = try CSVSample(content, byteCount: byteCount)
            let head = try sample.head(table)
            if let head { return head }
            guard byteCount < 2 * table.text.recordByteCountMax else {
                throw IglooError(
                    .invalidData,
                    "'\(content.reader.path)': the first record does not end within \(byteCount) bytes",
                    hint: "a quote in it may not be closed (see the options quote and skip), or"
                        + " max_line_size is too small")
            }
            byteCount *= 4
        }
    }
}
