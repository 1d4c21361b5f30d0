// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFormats

/// A Markdown table; `|` and line ends in cells are escaped.
struct MarkdownWriter: ResultWriter {
    let rows: TextRows
    let channel: OutputChannel
    let nullText: String

    mutating func begin(_ schema: Schema) throws(IglooError) {
        line(schema.fields.map { Self.escaped($0.name) })
        line(schema.fields.map { $0.type.isNumeric ? "---:" : "---" })
    }

    mutating func write(_ batch: RecordBatch) throws(IglooError) {
        let columns = try rows.columns(batch)
        for row in 0..<batch.rowCount {
            line(columns.map { $0.isNull(row) ? nullText : Self.escaped($0.text(row)) })
            try channel.flushIfFull()
        }
    }

    mutating func end() throws(IglooError) {}

    private func line(_ cells: [String]) {
        channel.append("| " + cells.joined(separator: " | ") + " |\n")
    }

    private static func escaped(_ text: String) -> String {
        CellText.escaped(text).split(separator: "|", omittingEmptySubsequences: false)
            .joined(separator: "\\|")
    }
}
