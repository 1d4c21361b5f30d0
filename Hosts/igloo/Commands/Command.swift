// SPDX-License-Identifier: MIT

import IglooContracts
import IglooShell

/// A command of the program: a word on the command line and what it does with those that follow.
struct Command: Sendable {
    var name: String
    /// One line for the list of commands.
    var summary: String
    /// Gives the exit status: 0, 1 for what failed, 2 for wrong usage.
    var run: @Sendable (ArraySlice<String>) -> Int32
}

/// Commands that share their first word: `igloo plugin list`.
struct CommandGroup: Sendable {
    var name: String
    var commands: [Command]

    func run(_ words: ArraySlice<String>) -> Int32 {
        guard let word = words.first else {
            Output.error("igloo \(name): which command?\n\n\(list)")
            return 2
        }
        if ["-h", "--help", "help"].contains(word) { return Output.text(list) }
        if let command = commands.first(where: { $0.name == word }) {
            return command.run(words.dropFirst())
        }
        let nearest = NearestName.among(commands.map(\.name), to: word)
        Output.error(
            "igloo \(name): there is no command '\(word)'"
                + (nearest.map { ": did you mean '\($0)'?" } ?? "") + "\n\n\(list)")
        return 2
    }

    private var list: String {
        let width = commands.map(\.name.count).max() ?? 0
        return "usage: igloo \(name) COMMAND ...\n"
            + commands.map { "  \(Output.padded($0.name, width))  \($0.summary)\n" }.joined()
            + "igloo \(name) COMMAND --help tells more.\n"
    }
}

/// What commands write.
enum Output {
    /// - Returns: the exit status: 1 when nobody could read it.
    static func text(_ text: String) -> Int32 {
        do throws(IglooError) {
            try PlatformTerminal.write(text)
            return 0
        } catch {
            return 1
        }
    }

    static func error(_ text: String) { PlatformTerminal.writeError(text) }

    /// An error as one line, and what to do about it as another.
    static func error(_ error: IglooError) {
        let origin = error.origin.map { " [\($0)]" } ?? ""
        self.error("igloo: \(error.message)\(origin)\n")
        if let hint = error.hint { self.error("  hint: \(hint)\n") }
    }

    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Columns as wide as what stands in them, two blanks apart.
    static func table(_ rows: [[String]]) -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { row in
            var line = zip(row, widths).map { padded($0, $1) }.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
