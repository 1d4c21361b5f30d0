// SPDX-License-Identifier: MIT

import IglooContracts
import IglooEngine
import IglooFormats

/// The shell on a terminal: prompts, history, statements over several lines.
final class Conversation {
    private let shell: Shell
    private let names: SessionNames
    private let editor: LineEditor
    private let history: HistoryFile?
    private var reader = StatementReader()
    /// The lines of the statement so far, for the history.
    private var typed: [String] = []

    /// - Throws: when the process may open no more files.
    init(_ shell: Shell) throws(IglooError) {
        self.shell = shell
        names = SessionNames(shell.session, shell.signals)
        history = PlatformTerminal.environment("HOME").map {
            HistoryFile(path: $0 + "/.igloo_history")
        }
        let pipe = try PlatformFiles.pipe()
        shell.signals.wakePrompt(pipe.writing)
        editor = LineEditor(
            wake: pipe.reading, entries: history?.entries() ?? [],
            entryCountMax: HistoryFile.entryCountMax)
        editor.complete = { [unowned self] before, after in
            Completer(source: names).completion(before: reader.unfinished + before, after: after)
        }
    }

    func run() {
        try? PlatformTerminal.write("igloo \(ShellMain.version): \\? for help, \\q to quit\n")
        while !shell.wantsToQuit {
            switch editor.line(prompt: prompt) {
            case .end:
                try? PlatformTerminal.write("\n")
                return
            case .interrupted:
                reader.reset()
                typed = []
            case .line(let text): take(text)
            }
        }
    }

    private var prompt: String {
        if shell.isCopying { return ">> " }
        guard reader.isInStatement else { return "igloo> " }
        switch reader.open {
        case .string: return "    '> "
        case .identifier: return "    \"> "
        case .comment: return "    *> "
        case .dollarString: return "    $> "
        case nil: return "  ...> "
        }
    }

    /// Words that newcomers type, as psql has them: `help`, `quit`, `exit;`.
    private static func command(meantBy text: String) -> String {
        var word = text.trimmed
        while word.hasSuffix(";") { word.removeLast() }
        switch word.lowercased() {
        case "help": return "\\?"
        case "quit", "exit": return "\\q"
        default: return text
        }
    }

    /// `.tables`, as other shells have commands: no statement begins so.
    private static func isForeignCommand(_ text: String) -> Bool {
        let scalars = text.trimmed.unicodeScalars
        return scalars.first == "." && scalars.dropFirst().first?.properties.isAlphabetic == true
    }

    /// A line as it was typed, or several when they come out of the history.
    private func take(_ text: String) {
        if shell.takes(Array(text.utf8)[...]) { return }
        let text = reader.isInStatement ? text : Self.command(meantBy: text)
        if !reader.isInStatement, Self.isForeignCommand(text) {
            return shell.start(.command(text.trimmed, line: 1))
        }
        var pieces: [StatementReader.Piece] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            pieces += reader.add(String(line))
        }
        if !text.trimmed.isEmpty { typed.append(text) }
        if !reader.isInStatement && !typed.isEmpty {
            let entry = typed.joined(separator: "\n")
            typed = []
            editor.remember(entry)
            history?.append(entry)
        }
        for piece in pieces where !shell.wantsToQuit {
            shell.start(piece)
            if shell.wasInterrupted { break }
        }
        if !pieces.isEmpty { names.forget() }
    }
}
