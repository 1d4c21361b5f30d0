// SPDX-License-Identifier: MIT

import IglooArrow
import IglooArrowIPC
import IglooContracts
import IglooEngine

/// Turns a result's batches into bytes of one format.
protocol ResultWriter {
    mutating func begin(_ schema: Schema) throws(IglooError)
    mutating func write(_ batch: RecordBatch) throws(IglooError)
    mutating func end() throws(IglooError)
}

/// What all formats of text need: the session's rendering, and what stands for NULL.
struct TextRows {
    let session: Session

    /// Each cell of a batch as text, `nil` for NULL, column by column.
    func columns(_ batch: RecordBatch) throws(IglooError) -> [TextColumn] {
        var columns: [TextColumn] = []
        for column in batch.columns {
            columns.append(TextColumn(try session.text(of: column)))
        }
        return columns
    }
}

/// A column rendered as text.
struct TextColumn {
    private let array: ArrayData

    init(_ array: ArrayData) { self.array = array }

    /// The cell's text, `nil` for NULL.
    func text(_ row: Int) -> String? {
        guard !array.isNull(row), case .text(let text) = array.scalar(at: row) else { return nil }
        return text
    }

    /// Appends the cell's bytes; false for NULL.
    func append(_ row: Int, to channel: OutputChannel, quotedBy needsQuotes: (UInt8) -> Bool)
        -> Bool
    {
        guard let text = text(row) else { return false }
        if !text.isEmpty && !text.utf8.contains(where: needsQuotes) {
            channel.append(text)
            return true
        }
        channel.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { channel.append(byte) }
            channel.append(byte)
        }
        channel.append(UInt8(ascii: "\""))
        return true
    }
}

/// RFC 4180 with a heading line; NULL is an empty field, an empty text `""`.
struct CSVWriter: ResultWriter {
    let rows: TextRows
    let channel: OutputChannel
    let nullText: String

    mutating func begin(_ schema: Schema) throws(IglooError) {
        for (index, field) in schema.fields.enumerated() {
            if index > 0 { channel.append(UInt8(ascii: ",")) }
            channel.append(Self.quoted(field.name))
        }
        channel.append(UInt8(ascii: "\n"))
    }

    mutating func write(_ batch: RecordBatch) throws(IglooError) {
        let columns = try rows.columns(batch)
        for row in 0..<batch.rowCount {
            for (index, column) in columns.enumerated() {
                if index > 0 { channel.append(UInt8(ascii: ",")) }
                if !column.append(row, to: channel, quotedBy: Self.needsQuotes) {
                    channel.append(nullText)
                }
            }
            channel.append(UInt8(ascii: "\n"))
            try channel.flushIfFull()
        }
    }

    mutating func end() throws(IglooError) {}

    private static func needsQuotes(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
        default: false
        }
    }

    private static func quoted(_ text: String) -> String {
        guard text.isEmpty || text.utf8.contains(where: needsQuotes) else { return text }
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"" + parts.joined(separator: "\"\"") + "\""
    }
}

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
            line(columns.map { $0.text(row).map(Self.escaped) ?? nullText })
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

/// Arrow's IPC stream.
struct ArrowWriter: ResultWriter {
    let channel: OutputChannel
    private var writer: IPCStreamWriter?

    init(channel: OutputChannel) { self.channel = channel }

    mutating func begin(_ schema: Schema) throws(IglooError) {
        let channel = channel
        do throws(ArrowError) {
            writer = try unsafe IPCStreamWriter(schema) { unsafe channel.append(raw: $0) }
        } catch {
            throw IglooError(error)
        }
    }

    mutating func write(_ batch: RecordBatch) throws(IglooError) {
        do throws(ArrowError) {
            try writer?.write(batch)
        } catch {
            throw IglooError(error)
        }
        try channel.flushIfFull()
    }

    mutating func end() throws(IglooError) {
        do throws(ArrowError) {
            try writer?.finish()
        } catch {
            throw IglooError(error)
        }
    }
}
