// SPDX-License-Identifier: MIT

/// A command to the shell itself: its name, what may stand behind it, and its help.
struct MetaCommand: Sendable {
    /// What completion offers behind the name.
    enum Argument: Sendable {
        case none, text, file, table
        /// One of these words.
        case words([String])
    }

    let name: String
    let argument: Argument
    /// As help shows it: `[on|off]`.
    let shownArgument: String
    let summary: String

    init(_ name: String, _ argument: Argument, _ shownArgument: String, _ summary: String) {
        self.name = name
        self.argument = argument
        self.shownArgument = shownArgument
        self.summary = summary
    }

    private static let toggle = Argument.words(["on", "off"])

    static let all: [MetaCommand] = [
        MetaCommand("\\d", .table, "[NAME]", "tables and views, or the columns of one"),
        MetaCommand("\\dt", .text, "[PATTERN]", "tables; * and ? stand for any characters"),
        MetaCommand("\\dv", .text, "[PATTERN]", "views"),
        MetaCommand("\\df", .text, "[PATTERN]", "functions"),
        MetaCommand("\\l", .none, "", "catalogs"),
        MetaCommand("\\x", toggle, "[on|off]", "one line for each column"),
        MetaCommand(
            "\\format", .words(OutputFormat.names), "FORMAT",
            OutputFormat.names.joined(separator: ", ")),
        MetaCommand("\\null", .text, "[TEXT]", "what stands for NULL"),
        MetaCommand(
            "\\pset", .words(DisplayOption.allCases.map(\.rawValue)), "[OPTION VALUE]",
            "settings: format, null, expanded, pager, rows"),
        MetaCommand("\\timing", toggle, "[on|off]", "show how long statements take"),
        MetaCommand(
            "\\set", .words(["ON_ERROR_STOP"]), "ON_ERROR_STOP on|off",
            "whether scripts end at their first error"),
        MetaCommand("\\i", .file, "FILE", "run the statements in a file"),
        MetaCommand("\\o", .file, "[FILE]", "write results to a file; without: here again"),
        MetaCommand("\\echo", .text, "[TEXT]", "write a text"),
        MetaCommand("\\g", .none, "", "run the statement, as a semicolon does"),
        MetaCommand("\\r", .none, "", "forget what was typed of a statement"),
        MetaCommand("\\?", .none, "", "this list"),
        MetaCommand("\\q", .none, "", "quit"),
    ]

    static var help: String {
        let calls = all.map { ($0.name + " " + $0.shownArgument).trimmed }
        let width = calls.map(\.count).max() ?? 0
        var text = ""
        for (command, call) in zip(all, calls) {
            text +=
                "  " + CellText.padded(call, to: width + 2, alignment: .leading)
                + command.summary + "\n"
        }
        return text + """
            Statements of SQL end with a semicolon. Ctrl-C cancels the one that runs, Tab completes
            names, Ctrl-R searches the history, Ctrl-D quits.

            """
    }
}

/// What `\pset` sets.
enum DisplayOption: String, CaseIterable, Sendable {
    case format, null, expanded, pager, rows
}
