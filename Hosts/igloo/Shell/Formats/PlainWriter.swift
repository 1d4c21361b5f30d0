// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFormats

/// A plan: its lines as they are, without a box.
struct PlainWriter: ResultWriter {
    let rows: TextRows
    let channel: OutputChannel
    let terminal: TerminalView?
    private var lines: [String] = []

    init(rows: TextRows, channel: OutputChannel, terminal: TerminalView?) {
        self.rows = rows
        self.channel = channel
        self.terminal = terminal
    }

    mutating func begin(_ schema: Schema) throws(IglooError) {}

    mutating func write(_ batch: RecordBatch) throws(IglooError) {
        for column in try rows.columns(batch) {
            for row in 0..<column.count { lines.append(CellText.escaped(column.text(row))) }
        }
    }

    mutating func end() throws(IglooError) {
        let lines = lines
        try Pager.page(lines.count, terminal, channel) { (channel, _) throws(IglooError) in
            for line in lines {
                channel.append(line + "\n")
                try channel.flushIfFull()
            }
        }
    }
}
