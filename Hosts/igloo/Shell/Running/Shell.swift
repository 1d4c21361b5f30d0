// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooEngine

/// Runs statements and meta commands, and writes what becomes of them.
///
/// - Threads: one.
final class Shell {
    let session: Session
    private let interrupts: Interrupts
    private let standardOutput = OutputChannel(descriptor: 1, name: "standard output")
    private var file: OutputChannel?
    var format: OutputFormat
    var nullText: String?
    var isExpanded = false
    var showsTiming = false
    /// Something failed: the exit code tells.
    private(set) var hasFailed = false
    private(set) var wantsToQuit = false
    private let isTerminal = PlatformTerminal.isTerminal(1)
    private static let rowCountMax = 40

    init(_ session: Session, _ interrupts: Interrupts, format: OutputFormat, nullText: String?) {
        self.session = session
        self.interrupts = interrupts
        self.format = format
        self.nullText = nullText
    }

    private var output: OutputChannel { file ?? standardOutput }

    // MARK: - Scripts

    /// Runs all statements and meta commands of a text, the last with or without its semicolon.
    func run(script text: String) {
        var reader = StatementReader()
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            for piece in reader.add(String(line)) { run(piece) }
            if wantsToQuit { return }
        }
        if let rest = reader.rest { run(.statement(rest)) }
    }

    func run(_ piece: StatementReader.Piece) {
        if wantsToQuit { return }
        switch piece {
        case .statement(let sql): run(sql: sql)
        case .command(let line): report("") { () throws(IglooError) in try command(line) }
        }
    }

    private func run(sql: String) {
        let start = PlatformTerminal.nanoseconds
        report(sql) { () throws(IglooError) in
            try interrupts.during { (token) throws(IglooError) in
                switch try session.execute(sql, cancellation: token) {
                case .rows(let stream): try write(stream)
                case .done(let tag): if isTerminal && file == nil { output.append(tag + "\n") }
                }
            }
        }
        for notice in session.takeNotices() {
            PlatformTerminal.writeError(ErrorReport.text(notice))
        }
        if showsTiming {
            let hundredths = (PlatformTerminal.nanoseconds - start + 500) / 1_000
            let rest = String(hundredths % 1_000)
            let zeros = String(repeating: "0", count: 3 - rest.count)
            standardOutput.append("Time: \(hundredths / 1_000).\(zeros)\(rest) ms\n")
            report("") { () throws(IglooError) in try standardOutput.flush() }
        }
    }

    /// Runs `body`; its error is written out, and the shell goes on.
    private func report(_ sql: String, _ body: () throws(IglooError) -> Void) {
        do throws(IglooError) {
            try body()
            try output.flush()
        } catch  where error.isReaderGone {
            wantsToQuit = true
        } catch {
            hasFailed = true
            try? output.flush()
            PlatformTerminal.writeError(ErrorReport.text(error, in: sql))
        }
    }

    // MARK: - Results

    private func write(_ stream: ResultStream) throws(IglooError) {
        var writer = makeWriter()
        try writer.begin(stream.schema)
        let showsProgress = PlatformTerminal.isTerminal(2) && isTerminal
        while let batch = try ProgressBar.during(
            stream, isWanted: showsProgress,
            { () throws(IglooError) in try stream.next() })
        {
            try writer.write(batch)
        }
        try writer.end()
    }

    private func makeWriter() -> any ResultWriter {
        let rows = TextRows(session: session)
        let channel = output
        switch format {
        case .csv: return CSVWriter(rows: rows, channel: channel, nullText: nullText ?? "")
        case .json: return JSONWriter(rows: rows, channel: channel, isLines: false)
        case .ndjson: return JSONWriter(rows: rows, channel: channel, isLines: true)
        case .markdown:
            return MarkdownWriter(rows: rows, channel: channel, nullText: nullText ?? "NULL")
        case .arrow: return ArrowWriter(channel: channel)
        case .table:
            let showsAll = file != nil || !isTerminal
            return TableWriter(
                rows: rows, channel: channel, nullText: nullText ?? "NULL",
                widthMax: showsAll ? nil : PlatformTerminal.extent(1)?.columnCount,
                rowCountMax: showsAll ? nil : Self.rowCountMax, isExpanded: isExpanded)
        }
    }

    // MARK: - Meta commands

    private func command(_ line: String) throws(IglooError) {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        let rest = words.count > 1 ? words[1].trimmed : ""
        switch words.first ?? "" {
        case "\\q": wantsToQuit = true
        case "\\?": output.append(Self.help)
        case "\\echo":
            output.append(rest + "\n")
            try output.flush()
        case "\\timing": showsTiming = Self.toggled(showsTiming, rest)
        case "\\x": isExpanded = Self.toggled(isExpanded, rest)
        case "\\format": try setFormat(rest)
        case "\\null": nullText = rest
        case "\\i":
            guard !rest.isEmpty else { throw usage("\\i FILE") }
            run(script: try ScriptFile.text(rest))
        case "\\o":
            try output.flush()
            file = rest.isEmpty ? nil : try OutputChannel.create(rest)
        case "\\d" where !rest.isEmpty: try describe(rest)
        case "\\d", "\\dt": run(sql: "SHOW TABLES")
        default:
            throw IglooError(
                .invalidArgument, "unknown command \(words.first ?? "")",
                hint: "\\? lists the commands", sqlState: .syntaxError)
        }
    }

    private func setFormat(_ name: String) throws(IglooError) {
        guard let format = OutputFormat(rawValue: name) else {
            throw usage(
                "\\format " + OutputFormat.allCases.map(\.rawValue).joined(separator: " | "))
        }
        self.format = format
    }

    private func describe(_ name: String) throws(IglooError) {
        let schema = try session.describe(name)
        let width = schema.fields.map { DisplayWidth.of($0.name) }.max() ?? 0
        for field in schema.fields {
            let shown = CellText.padded(
                CellText.escaped(field.name), to: width, alignment: .leading)
            output.append("  \(shown)  \(Session.typeName(field.type))\n")
        }
    }

    private static func toggled(_ value: Bool, _ word: String) -> Bool {
        switch word {
        case "on": true
        case "off": false
        default: !value
        }
    }

    private func usage(_ text: String) -> IglooError {
        IglooError(.invalidArgument, "usage: \(text)", sqlState: .syntaxError)
    }

    static let help = """
        \\d              tables and views          \\d NAME        a table's columns
        \\i FILE         run a file                \\o [FILE]      write results to a file
        \\format FORMAT  table, csv, json ...      \\null TEXT     what stands for NULL
        \\x [on|off]     one line a column         \\timing        show how long statements take
        \\echo TEXT      write a text              \\q             quit
        SQL statements end with a semicolon. Ctrl-C cancels a running one.

        """
}

extension String {
    /// Without white space (and a semicolon) at the ends.
    var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}

/// A file of statements.
enum ScriptFile {
    static func text(_ path: String) throws(IglooError) -> String {
        let descriptor = try PlatformFiles.openForReading(path)
        defer { PlatformFiles.close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            let more = try PlatformFiles.read(descriptor, byteCountMax: 1 << 16, name: path)
            if more.isEmpty { break }
            bytes += more
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw IglooError(.invalidData, "'\(path)' is not UTF-8 text")
        }
        return text
    }
}
