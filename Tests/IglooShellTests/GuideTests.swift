// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// The shell's guide shows what the shell prints.
@Suite struct GuideTests {
    private static let guide =
        (try? String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("docs/guides/shell.md"), encoding: .utf8)) ?? ""

    /// Each `$ command` with the lines behind it.
    private static let examples: [(command: String, output: String)] = {
        var examples: [(command: String, output: String)] = []
        var isConsole = false
        for line in guide.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isConsole = line == "```console"
            } else if isConsole, line.hasPrefix("$ ") {
                examples.append((String(line.dropFirst(2)), ""))
            } else if isConsole, !examples.isEmpty {
                examples[examples.count - 1].output += line + "\n"
            }
        }
        return examples
    }()

    @Test func examplesPrintWhatTheGuideShows() throws {
        #expect(Self.examples.count >= 5)
        let shell = try ShellProcess()
        defer { shell.remove() }
        for (command, expected) in Self.examples {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            let words = command.replacingOccurrences(
                of: "igloo ", with: "'\(ShellProcess.program)' ")
            process.arguments = ["-c", words + " 2>&1"]
            process.environment = shell.environment
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            #expect(String(decoding: data, as: UTF8.self) == expected, "\(command)")
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
        for command in commands { #expect(Self.guide.contains("`\(command)"), "\(command)") }
    }
}
