// SPDX-License-Identifier: MIT

import IglooConformance
import IglooContracts

/// What `igloo` does when its first words name a command, in place of running SQL.
struct Subcommand: Sendable {
    /// `plugin test`
    let words: [String]
    /// Gets the words that follow; gives the exit status.
    let run: @Sendable ([String]) -> Int32

    static let all: [Subcommand] = [
        Subcommand(words: ["plugin", "test"], run: ConformanceCommand.run)
    ]

    /// - Returns: the exit status; `nil` when the words begin with no command's first word.
    static func run(_ words: [String]) -> Int32? {
        if let command = all.first(where: { words.starts(with: $0.words) }) {
            return command.run(Array(words.dropFirst(command.words.count)))
        }
        let known = all.filter { $0.words.first == words.first }.map {
            $0.words.joined(separator: " ")
        }
        guard !known.isEmpty else { return nil }
        let given = words.prefix(2).joined(separator: " ")
        let near = NearestName.among(known, to: given).map { ": did you mean 'igloo \($0)'?" }
        PlatformMessages.write(
            "igloo: there is no command '\(given)'"
                + (near ?? "; there are: \(known.joined(separator: ", "))") + "\n")
        return 2
    }
}
