// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// What the shell prints, as its guide and the pages in Tests/Shell show it.
///
/// With `IGLOO_COMPLETE=1` in the environment the outputs in the pages are replaced by those that
/// the shell gives.
@Suite struct TranscriptTests {
    static let pages: [String] = {
        let folder = Transcript.root.appendingPathComponent("Tests/Shell").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return ["docs/guides/shell.md"]
            + names.filter { $0.hasSuffix(".md") }.sorted().map { "Tests/Shell/\($0)" }
    }()

    @Test(arguments: pages)
    func commandsPrintWhatThePageShows(page: String) throws {
        let transcript = try Transcript(page)
        #expect(transcript.examples.count >= 5)
        let outputs = try transcript.outputs()
        if ProcessInfo.processInfo.environment["IGLOO_COMPLETE"] != nil {
            return try transcript.complete(with: outputs)
        }
        for (example, output) in zip(transcript.examples, outputs) {
            let expected = transcript.output(of: example)
            #expect(output == expected, "\(page): \(example.command)")
        }
    }

    @Test func everyCommandIsInTheGuide() throws {
        let shell = try ShellProcess()
        defer { shell.remove() }
        let help = try shell.run([], input: Data("\\?\n".utf8)).text
        let commands = help.split(separator: "\n").compactMap { line in
            line.hasPrefix("  \\") ? line.split(separator: " ").first.map(String.init) : nil
        }
        #expect(commands.count > 10)
        let guide = try Transcript("docs/guides/shell.md").lines.joined(separator: "\n")
        for command in commands { #expect(guide.contains("`\(command)"), "\(command)") }
    }
}
