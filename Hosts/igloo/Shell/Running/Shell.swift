// SPDX-License-Identifier: MIT

import IglooContracts
import IglooEngine
import IglooFormats

/// Runs statements and meta commands, and writes what becomes of them.
///
/// - Threads: one.
final class Shell {
    let session: Session
    let signals: Signals
    let isConversation: Bool
    var display: DisplaySettings
    /// What scripts do after an error; `nil` = what is usual for their kind.
    var errorPolicy: ErrorPolicy?
    /// Where results go instead of standard output.
    var file: OutputChannel?
    /// Something failed: the exit code tells.
    private(set) var hasFailed = false
    private(set) var wantsToQuit = false
    /// Ctrl-C ended the last statement: scripts end with it.
    private(set) var wasInterrupted = false
    /// The last statement or command failed.
    private var failedLast = false
    /// A COPY FROM STDIN whose lines are coming, and those that came.
    private var copying: (statement: StatementReader.Statement, lines: [UInt8])?
    /// The files that are being run, the innermost last.
    private var scripts: [String] = []
    let standardOutput = OutputChannel(descriptor: 1, name: "standard output")
    let isTerminal = PlatformTerminal.isTerminal(1)
    /// Nobody nests scripts as deep by intention.
    private static let scriptDepthMax = 32

    init(
        _ session: Session, _ signals: Signals, _ display: DisplaySettings,
        errorPolicy: ErrorPolicy?, isConversation: Bool
    ) {
        self.session = session
        self.signals = signals
        self.display = display
        self.errorPolicy = errorPolicy
        self.isConversation = isConversation
    }

    var output: OutputChannel { file ?? standardOutput }

    func quit() { wantsToQuit = true }

    // MARK: - Scripts

    /// Runs all statements and meta commands of a text, the last with or without its semicolon.
    ///
    /// - Parameter policy: what to do after an error unless the user said so.
    func run(_ script: ScriptText, onError policy: ErrorPolicy = .continue) {
        failedLast = false
        if let name = script.name { scripts.append(name) }
        defer { if script.name != nil { scripts.removeLast() } }
        var reader = StatementReader()
        var lines = script.bytes.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines where !takes(line) {
            for piece in reader.add(line) where !isOver(policy) { run(piece) }
            if isOver(policy) { return }
        }
        if let rest = reader.finish() { run(.statement(rest)) }
        if copying != nil, script.name == nil { readInput() }
        finishCopying()
    }

    // MARK: - COPY FROM STDIN

    /// Whether lines are data rather than statements.
    var isCopying: Bool { copying != nil }

    /// Takes a line of data; false where none is expected.
    func takes(_ line: ArraySlice<UInt8>) -> Bool {
        guard copying != nil else { return false }
        let end = Array("\\.".utf8)
        if line.elementsEqual(end) || line.elementsEqual(end + [0x0D]) {
            finishCopying()
        } else {
            copying?.lines += line
            copying?.lines.append(0x0A)
        }
        return true
    }

    /// Runs the statement with the data that came.
    func finishCopying() {
        guard let (statement, lines) = copying else { return }
        copying = nil
        failedLast = false
        report(statement.bytes, line: statement.line) { () throws(IglooError) in
            try run(statement, input: lines)
        }
    }

    /// Data from standard input, up to its end or a line with `\.`.
    private func readInput() {
        var lines = InputLines()
        report { () throws(IglooError) in
            while copying != nil, let line = try lines.next() { _ = takes(line) }
        }
    }

    /// Runs the script in a file, within the script that asks for it.
    func include(_ path: String) throws(IglooError) {
        if scripts.count >= Self.scriptDepthMax {
            throw IglooError(
                .invalidArgument, "scripts are nested more than \(Self.scriptDepthMax) deep",
                hint: "does '\(path)' include itself?", sqlState: .statementTooComplex)
        }
        run(try ScriptText(path: path))
    }

    /// Runs a script that was asked for from outside; an unreadable file is an error like others.
    func run(file path: String) {
        wasInterrupted = false
        report { () throws(IglooError) in try include(path) }
    }

    /// Statements from standard input, each run as soon as its line is there; false when the input
    /// could not be read to its end.
    func runInput() -> Bool {
        var reader = StatementReader()
        var lines = InputLines()
        do throws(IglooError) {
            while let line = try lines.next() {
                if takes(line) { continue }
                for piece in reader.add(line) where !isOver(.continue) { start(piece) }
                if isOver(.continue) { return true }
            }
        } catch {
            PlatformTerminal.writeError(ErrorReport.text(error))
            return false
        }
        if let rest = reader.finish() { start(.statement(rest)) }
        finishCopying()
        return true
    }

    /// Runs what a user or driver asks for next: earlier interrupts and errors are forgotten.
    func start(_ piece: StatementReader.Piece) {
        wasInterrupted = false
        run(piece)
        if !isConversation { wasInterrupted = false }
    }

    /// Whether nothing more is to be run.
    ///
    /// - Parameter policy: what to do after an error unless the user said so.
    func isOver(_ policy: ErrorPolicy) -> Bool {
        wantsToQuit || wasInterrupted || failedLast && (errorPolicy ?? policy) == .stop
    }

    private func run(_ piece: StatementReader.Piece) {
        if wantsToQuit { return }
        failedLast = false
        switch piece {
        case .statement(let statement)
        where Session.readsInput(String(decoding: statement.bytes, as: UTF8.self)):
            copying = (statement, [])
        case .statement(let statement):
            report(statement.bytes, line: statement.line) { () throws(IglooError) in
                try run(statement)
            }
        case .command(let text, let line):
            report(line: line) { () throws(IglooError) in try command(text) }
        }
    }

    // MARK: - Errors

    /// Runs `body`; its error is written out, and the shell goes on.
    private func report(
        _ sql: [UInt8] = [], line: Int? = nil, _ body: () throws(IglooError) -> Void
    ) {
        do throws(IglooError) {
            try body()
            try output.flush()
        } catch  where error.isReaderGone {
            wantsToQuit = true
        } catch {
            hasFailed = true
            failedLast = true
            try? output.flush()
            let place = ErrorReport.Place(file: line == nil ? nil : scripts.last, line: line ?? 1)
            PlatformTerminal.writeError(ErrorReport.text(error, in: sql, at: place))
        }
    }

    func warn(_ notice: Notice) { PlatformTerminal.writeError(ErrorReport.text(notice)) }

    /// Runs `body` with a token that Ctrl-C raises, and remembers that it was.
    func interruptible(
        _ body: (CancellationToken) throws(IglooError) -> Void
    ) throws(IglooError) {
        try signals.during { (token) throws(IglooError) in
            do throws(IglooError) {
                try body(token)
            } catch {
                wasInterrupted = token.isCancelled
                throw error
            }
        }
    }
}
