// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooEngine
import IglooFormats

// Statements of SQL and their rows.
extension Shell {
    func run(
        _ statement: StatementReader.Statement, input: [UInt8]? = nil
    ) throws(IglooError) {
        let start = MonotonicClock.nanoseconds()
        defer {
            for notice in session.takeNotices() { warn(notice) }
            if display.showsTiming { writeTime(MonotonicClock.nanoseconds() - start) }
        }
        let sql = try Self.text(statement.bytes)
        try interruptible { (token) throws(IglooError) in
            let progress = showsProgress ? ProgressBar() : nil
            defer { progress?.finish() }
            switch try session.execute(sql, input: input, cancellation: token) {
            case .rows(let stream):
                progress?.watch(stream)
                try write(stream, progress, isPlan: Self.isPlan(sql, stream.schema))
                if let tag = stream.tag { write(tag: tag) }
            case .done(let tag):
                progress?.finish()
                write(tag: tag)
            }
        }
    }

    /// What a statement did: `INSERT 0 5`.
    private func write(tag: String) {
        if isTerminal && file == nil { output.append(tag + "\n") }
    }

    private static func text(_ bytes: [UInt8]) throws(IglooError) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes.span))
        } catch {
            let position = error.byteOffsets.lowerBound
            let digits = String(bytes[position], radix: 16)
            throw IglooError(
                .invalidArgument, "invalid byte sequence for encoding \"UTF8\": 0x\(digits)",
                hint: "SQL text is read as UTF-8", sqlState: SQLState(rawValue: "22021"),
                position: position)
        }
    }

    /// A plan's lines need no box.
    private static func isPlan(_ sql: String, _ schema: Schema) -> Bool {
        guard schema.fields.count == 1,
            let first = SQLWord.words(of: sql).first(where: { $0.kind != .comment })
        else { return false }
        return String(decoding: Array(sql.utf8)[first.range], as: UTF8.self).lowercased()
            == "explain"
    }

    private func writeTime(_ nanoseconds: Int64) {
        let microseconds = (nanoseconds + 500) / 1_000
        let rest = String(microseconds % 1_000)
        let zeros = String(repeating: "0", count: 3 - rest.count)
        standardOutput.append("Time: \(microseconds / 1_000).\(zeros)\(rest) ms\n")
        // Who is gone is noticed with the next statement.
        try? standardOutput.flush()
    }

    /// Only where a user sees it and no other program writes to the same screen.
    private var showsProgress: Bool {
        PlatformTerminal.isTerminal(2)
            && (isTerminal || file != nil || PlatformTerminal.isRegularFile(1))
    }

    // MARK: - Rows

    private func write(
        _ stream: ResultStream, _ progress: ProgressBar?, isPlan: Bool
    ) throws(IglooError) {
        var writer =
            if let make = stream.copyWriter { make(output) } else { try makeWriter(isPlan: isPlan) }
        var batch = try stream.next()
        // What is written at once must not meet the progress bar on the screen.
        let showsAtOnce = terminal != nil && display.format != .table
        if showsAtOnce { progress?.finish() }
        try writer.begin(stream.schema)
        while let rows = batch {
            try writer.write(rows)
            batch = try stream.next()
        }
        progress?.finish()
        try writer.end()
    }

    /// Writes rows that the shell itself makes, as those of a query.
    func write(columns: [String], _ rows: [[String?]]) throws(IglooError) {
        let schema = Schema(columns.map { Field($0, .utf8View) })
        var arrays: [ArrayData] = []
        for index in columns.indices {
            var builder = BinaryViewBuilder(.utf8View)
            for row in rows {
                if let text = row[index] { builder.append(text) } else { builder.appendNull() }
            }
            arrays.append(builder.finish())
        }
        var writer = try makeWriter(isPlan: false)
        try writer.begin(schema)
        try writer.write(RecordBatch(schema: schema, columns: arrays, rowCount: rows.count))
        try writer.end()
    }

    /// The terminal that results are written to; `nil` where they go elsewhere.
    var terminal: TerminalView? {
        guard file == nil, isTerminal, let extent = PlatformTerminal.extent(1) else { return nil }
        return TerminalView(
            columnCount: extent.columnCount, rowCount: extent.rowCount,
            hasStyles: PlatformTerminal.hasStyles,
            pager: display.usesPager ? Pager(signals) : nil)
    }

    private func makeWriter(isPlan: Bool) throws(IglooError) -> any ResultWriter {
        let rows = TextRows { [session] (column) throws(IglooError) in
            try session.text(of: column)
        }
        let channel = output
        let nullText = display.nullText
        switch display.format {
        case .csv:
            var dialect = CSVDialect()
            dialect.nullText = nullText ?? ""
            return CSVWriter(rows: rows, channel: channel, dialect: dialect)
        case .json: return JSONWriter(rows: rows, channel: channel, isLines: false)
        case .ndjson: return JSONWriter(rows: rows, channel: channel, isLines: true)
        case .markdown:
            return MarkdownWriter(rows: rows, channel: channel, nullText: nullText ?? "NULL")
        case .arrow:
            try refuseTerminal()
            return ExportingWriter(ArrowWriter(channel: channel))
        case .parquet:
            try refuseTerminal()
            return ExportingWriter(ParquetResultWriter(channel: channel))
        case .table where isPlan:
            return PlainWriter(rows: rows, channel: channel, terminal: terminal)
        case .table:
            let terminal = terminal
            return TableWriter(
                rows: rows, channel: channel, nullText: nullText ?? "NULL",
                isExpanded: display.isExpanded, terminal: terminal,
                rowCountMax: terminal.flatMap {
                    display.rowLimit.countMax(isPaged: $0.pager != nil)
                })
        }
    }

    private func refuseTerminal() throws(IglooError) {
        guard file == nil, PlatformTerminal.isTerminal(1) else { return }
        throw IglooError(
            .invalidArgument, "format \(display.format.rawValue) is binary, not for a terminal",
            hint: "\\o FILE or a redirection takes it to a file")
    }
}
