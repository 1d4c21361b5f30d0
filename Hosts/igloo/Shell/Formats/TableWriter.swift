// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooEngine
import IglooFormats

/// Rows for people: a box with names and types on top and the number of rows below, or, expanded,
/// a line for each column.
///
/// Of results longer than `rowCountMax` the middle is left out; what is not shown is not rendered.
struct TableWriter: ResultWriter {
    let rows: TextRows
    let channel: OutputChannel
    let nullText: String
    let isExpanded: Bool
    let terminal: TerminalView?
    /// Rows shown; `nil` = all.
    let rowCountMax: Int?
    private var schema = Schema([])
    private var head: [RecordBatch] = []
    private var headCount = 0
    private var tail: [RecordBatch] = []
    private var tailCount = 0
    private var rowCount = 0

    init(
        rows: TextRows, channel: OutputChannel, nullText: String, isExpanded: Bool,
        terminal: TerminalView?, rowCountMax: Int?
    ) {
        self.rows = rows
        self.channel = channel
        self.nullText = nullText
        self.isExpanded = isExpanded
        self.terminal = terminal
        self.rowCountMax = rowCountMax
    }

    mutating func begin(_ schema: Schema) throws(IglooError) { self.schema = schema }

    mutating func write(_ batch: RecordBatch) throws(IglooError) {
        rowCount += batch.rowCount
        let wanted = rowCountMax.map { max(0, ($0 + 1) / 2 - headCount) } ?? batch.rowCount
        let count = min(wanted, batch.rowCount)
        if count > 0 { head.append(batch.slice(0, count: count)) }
        headCount += count
        if count == batch.rowCount { return }
        tail.append(batch.slice(count, count: batch.rowCount - count))
        tailCount += batch.rowCount - count
        let tailMax = (rowCountMax ?? 0) - headCount
        while let first = tail.first, tailCount - first.rowCount >= max(tailMax, 1) {
            tailCount -= first.rowCount
            tail.removeFirst()
        }
    }

    mutating func end() throws(IglooError) {
        if let rowCountMax, let first = tail.first, headCount + tailCount > rowCountMax {
            let surplus = headCount + tailCount - rowCountMax
            tail[0] = first.slice(surplus, count: first.rowCount - surplus)
            tailCount -= surplus
        }
        let hidden = rowCount - headCount - tailCount
        let shown = ShownRows(
            schema: schema, head: head, tail: tail, hiddenCount: hidden, rowCount: rowCount)
        let shownCount = headCount + tailCount
        let lineCount =
            isExpanded
            ? shownCount * (schema.fields.count + 1) + 1 : shownCount + (hidden > 0 ? 7 : 6)
        let (rows, nullText, isExpanded) = (rows, nullText, isExpanded)
        try Pager.page(lineCount, terminal, channel) { (channel, width) throws(IglooError) in
            let printer = TablePrinter(
                shown, rows, channel, nullText: nullText,
                hasStyles: terminal?.hasStyles ?? false)
            if isExpanded { try printer.expanded() } else { try printer.box(within: width) }
        }
    }
}

/// The rows of a result that are shown.
struct ShownRows {
    var schema: Schema
    var head: [RecordBatch]
    var tail: [RecordBatch]
    /// Rows between head and tail.
    var hiddenCount: Int
    /// All rows of the result.
    var rowCount: Int
}
