// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooEngine

/// A boxed table, as wide as its content or the terminal, with the types under the names and the
/// number of rows below. Of long results on a terminal the middle is left out.
struct TableWriter: ResultWriter {
    let rows: TextRows
    let channel: OutputChannel
    let nullText: String
    /// Columns of the terminal; `nil` = no limit.
    let widthMax: Int?
    /// Rows shown; `nil` = all.
    let rowCountMax: Int?
    let isExpanded: Bool
    private var schema = Schema([])
    private var head: [[String]] = []
    private var tail: [[String]] = []
    private var rowCount = 0

    init(
        rows: TextRows, channel: OutputChannel, nullText: String, widthMax: Int?,
        rowCountMax: Int?, isExpanded: Bool
    ) {
        self.rows = rows
        self.channel = channel
        self.nullText = nullText
        self.widthMax = widthMax
        self.rowCountMax = rowCountMax
        self.isExpanded = isExpanded
    }

    mutating func begin(_ schema: Schema) throws(IglooError) { self.schema = schema }

    mutating func write(_ batch: RecordBatch) throws(IglooError) {
        let columns = try rows.columns(batch)
        for row in 0..<batch.rowCount {
            rowCount += 1
            let cells = columns.map { CellText.escaped($0.text(row) ?? nullText) }
            guard let rowCountMax, head.count >= (rowCountMax + 1) / 2 else {
                head.append(cells)
                continue
            }
            tail.append(cells)
            if tail.count > rowCountMax * 2 { tail.removeFirst(tail.count - rowCountMax / 2) }
        }
    }

    mutating func end() throws(IglooError) {
        var hiddenCount = 0
        if let rowCountMax, head.count + tail.count > rowCountMax || rowCount > rowCountMax {
            tail.removeFirst(max(0, tail.count - rowCountMax / 2))
            hiddenCount = rowCount - head.count - tail.count
        }
        if isExpanded { return expanded() }
        table(hiddenCount)
    }

    // MARK: - Layout

    private func table(_ hiddenCount: Int) {
        let names = schema.fields.map { CellText.escaped($0.name) }
        let types = schema.fields.map { Session.typeName($0.type) }
        let numeric = schema.fields.map(\.type.isNumeric)
        guard !names.isEmpty else {
            channel.append("(\(rowCount.grouped) rows without columns)\n")
            return
        }
        let widths = Self.widths(
            names.indices.map { index in
                let cells = (head + tail).map { DisplayWidth.of($0[index]) }
                return max(
                    DisplayWidth.of(names[index]), DisplayWidth.of(types[index]),
                    cells.max() ?? 0, 1)
            }, within: widthMax)
        rule("┌", "┬", "┐", widths)
        line(names, widths, names.map { _ in .center })
        line(types, widths, types.map { _ in .center })
        rule("├", "┼", "┤", widths)
        let alignments: [CellText.Alignment] = numeric.map { $0 ? .trailing : .leading }
        for row in head { line(row, widths, alignments) }
        if hiddenCount > 0 {
            line(names.map { _ in "·" }, widths, names.map { _ in .center })
        }
        for row in tail { line(row, widths, alignments) }
        rule("└", "┴", "┘", widths)
        footer(hiddenCount)
    }

    private func footer(_ hiddenCount: Int) {
        let rows = "\(rowCount.grouped) row\(rowCount == 1 ? "" : "s")"
        let shown = hiddenCount > 0 ? ", \((rowCount - hiddenCount).grouped) shown" : ""
        channel.append("(\(rows)\(shown))\n")
    }

    /// Narrows the widest columns until all fit.
    private static func widths(_ wanted: [Int], within widthMax: Int?) -> [Int] {
        guard let widthMax else { return wanted }
        let available = max(widthMax - 1 - 3 * wanted.count, 4 * wanted.count)
        if wanted.reduce(0, +) <= available { return wanted }
        var limit = wanted.max() ?? 1
        while limit > 4 && wanted.reduce(0, { $0 + min($1, limit) }) > available { limit -= 1 }
        return wanted.map { min($0, limit) }
    }

    private func rule(_ left: String, _ middle: String, _ right: String, _ widths: [Int]) {
        let parts = widths.map { String(repeating: "─", count: $0 + 2) }
        channel.append(left + parts.joined(separator: middle) + right + "\n")
    }

    private func line(
        _ cells: [String], _ widths: [Int], _ alignments: [CellText.Alignment]
    ) {
        var parts: [String] = []
        for index in cells.indices {
            let text = CellText.shortened(cells[index], to: widths[index])
            parts.append(
                CellText.padded(text, to: widths[index], alignment: alignments[index]))
        }
        channel.append("│ " + parts.joined(separator: " │ ") + " │\n")
    }

    /// One line a column, as psql's \x.
    private func expanded() {
        let names = schema.fields.map { CellText.escaped($0.name) }
        let width = names.map { DisplayWidth.of($0) }.max() ?? 0
        for (index, row) in (head + tail).enumerated() {
            let number =
                index < head.count ? index + 1 : rowCount - (head.count + tail.count - index) + 1
            channel.append("─[ row \(number.grouped) ]─\n")
            for (name, cell) in zip(names, row) {
                channel.append(
                    CellText.padded(name, to: width, alignment: .leading) + " │ \(cell)\n")
            }
        }
        footer(rowCount - head.count - tail.count)
    }
}
