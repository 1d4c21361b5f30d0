// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooEngine
import IglooFormats

/// Writes the rows of a table that are shown.
struct TablePrinter {
    private let shown: ShownRows
    private let rows: TextRows
    private let channel: OutputChannel
    private let nullText: String
    private let hasStyles: Bool
    private let names: [String]
    private let types: [String]
    private let alignments: [CellText.Alignment]

    init(
        _ shown: ShownRows, _ rows: TextRows, _ channel: OutputChannel, nullText: String,
        hasStyles: Bool
    ) {
        self.shown = shown
        self.rows = rows
        self.channel = channel
        self.nullText = CellText.escaped(nullText)
        self.hasStyles = hasStyles
        let fields = shown.schema.fields
        names = fields.map { CellText.escaped($0.name) }
        types = fields.map { CellText.escaped(Session.typeName($0.type)) }
        alignments = fields.map { $0.type.isNumeric ? .trailing : .leading }
    }

    // MARK: - The box

    func box(within widthMax: Int?) throws(IglooError) {
        guard !names.isEmpty else { return footer(shownColumnCount: 0) }
        let layout = TableLayout(try columns(), within: widthMax)
        rule("┌", "┬", "┐", layout)
        heading(names, layout, isDimmed: false)
        heading(types, layout, isDimmed: true)
        rule("├", "┼", "┤", layout)
        for batch in shown.head { try lines(batch, layout) }
        if shown.hiddenCount > 0 { heading(names.map { _ in "·" }, layout, isDimmed: true) }
        for batch in shown.tail { try lines(batch, layout) }
        rule("└", "┴", "┘", layout)
        footer(shownColumnCount: layout.indexes.count)
    }

    private func columns() throws(IglooError) -> [TableLayout.Column] {
        var widths = names.map { _ in 1 }
        for batch in shown.head + shown.tail {
            for (index, column) in try rows.columns(batch).enumerated() {
                for row in 0..<column.count {
                    widths[index] = max(widths[index], width(column, row))
                }
            }
        }
        return names.indices.map { index in
            let type = shown.schema.fields[index].type
            let isCuttable = type.isText || type.isBinary || !type.childFields.isEmpty
            let title = max(DisplayWidth.of(names[index]), DisplayWidth.of(types[index]))
            let textMin = TableLayout.textWidthMin
            let cells = widths[index]
            return TableLayout.Column(
                width: max(title, cells),
                widthMin: max(min(title, textMin), isCuttable ? min(cells, textMin) : cells))
        }
    }

    private func width(_ column: TextColumn, _ row: Int) -> Int {
        if column.isNull(row) { return DisplayWidth.of(nullText) }
        if column.isPlain(row) { return unsafe column.bytes(row).count }
        return DisplayWidth.of(CellText.escaped(column.text(row)))
    }

    private func rule(_ left: String, _ middle: String, _ right: String, _ layout: TableLayout) {
        var parts = layout.widths.map { String(repeating: "─", count: $0 + 2) }
        if let gap = layout.gap { parts.insert("───", at: gap) }
        channel.append(left + parts.joined(separator: middle) + right + "\n")
    }

    private func heading(_ cells: [String], _ layout: TableLayout, isDimmed: Bool) {
        for (place, index) in layout.indexes.enumerated() {
            separator(place, layout)
            let width = layout.widths[place]
            let text = CellText.shortened(cells[index], to: width)
            let padded = CellText.padded(text, to: width, alignment: .center)
            channel.append(isDimmed ? dimmed(padded) : padded)
        }
        endOfLine(layout)
    }

    private func lines(_ batch: RecordBatch, _ layout: TableLayout) throws(IglooError) {
        let columns = try rows.columns(batch.projected(layout.indexes))
        for row in 0..<batch.rowCount {
            for (place, index) in layout.indexes.enumerated() {
                separator(place, layout)
                cell(columns[place], row, layout.widths[place], alignments[index])
            }
            endOfLine(layout)
            try channel.flushIfFull()
        }
    }

    private func separator(_ place: Int, _ layout: TableLayout) {
        channel.append(place == 0 ? "│ " : " │ ")
        if layout.gap == place { channel.append(CellText.ellipsis + " │ ") }
    }

    private func endOfLine(_ layout: TableLayout) {
        if layout.gap == layout.indexes.count { channel.append(" │ " + CellText.ellipsis) }
        channel.append(" │\n")
    }

    private func cell(
        _ column: TextColumn, _ row: Int, _ width: Int, _ alignment: CellText.Alignment
    ) {
        if column.isNull(row) {
            let text = CellText.shortened(nullText, to: width)
            channel.append(dimmed(CellText.padded(text, to: width, alignment: alignment)))
            return
        }
        let bytes = unsafe column.bytes(row)
        if bytes.count <= width && column.isPlain(row) {
            let missing = width - bytes.count
            if alignment == .trailing { channel.append(repeating: 0x20, count: missing) }
            unsafe channel.append(raw: bytes)
            if alignment != .trailing { channel.append(repeating: 0x20, count: missing) }
            return
        }
        let text = CellText.shortened(CellText.escaped(column.text(row)), to: width)
        channel.append(CellText.padded(text, to: width, alignment: alignment))
    }

    private func dimmed(_ text: String) -> String {
        hasStyles ? "\u{1B}[2m\(text)\u{1B}[0m" : text
    }

    // MARK: - Expanded

    /// A line for each column, as psql's \x.
    func expanded() throws(IglooError) {
        let width = names.map { DisplayWidth.of($0) }.max() ?? 0
        let padded = names.map { CellText.padded($0, to: width, alignment: .leading) + " │ " }
        var number = 1
        for batch in shown.head { try records(batch, padded, &number) }
        number += shown.hiddenCount
        for batch in shown.tail { try records(batch, padded, &number) }
        footer(shownColumnCount: names.count)
    }

    private func records(
        _ batch: RecordBatch, _ names: [String], _ number: inout Int
    ) throws(IglooError) {
        let columns = try rows.columns(batch)
        for row in 0..<batch.rowCount {
            channel.append(dimmed("─[ row \(number.grouped) ]─") + "\n")
            number += 1
            for (name, column) in zip(names, columns) {
                let isNull = column.isNull(row)
                channel.append(name)
                channel.append(
                    isNull ? dimmed(nullText) : CellText.escaped(column.text(row)))
                channel.append("\n")
            }
            try channel.flushIfFull()
        }
    }

    // MARK: - What there is besides

    /// How many rows there are, and how to see what is left out.
    private func footer(shownColumnCount: Int) {
        var parts = [Self.count(shown.rowCount, "row")]
        if names.isEmpty { parts[0] += " without columns" }
        if shown.hiddenCount > 0 {
            let shownCount = shown.rowCount - shown.hiddenCount
            parts.append("\(shownCount.grouped) shown: \\pset rows all shows more")
        }
        if shownColumnCount < names.count {
            parts.append("\(shownColumnCount) of \(names.count) columns shown: \\x shows all")
        }
        channel.append("(" + parts.joined(separator: "; ") + ")\n")
    }

    private static func count(_ count: Int, _ noun: String) -> String {
        "\(count.grouped) \(noun)\(count == 1 ? "" : "s")"
    }
}
