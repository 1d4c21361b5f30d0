// SPDX-License-Identifier: MIT

import Foundation

/// A page of Markdown whose `console` blocks hold commands, as `$ igloo ...`, each followed by what
/// it prints.
struct Transcript {
    struct Example {
        var command: String
        /// Lines of the page that hold its output.
        var outputLines: Range<Int>
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    let file: URL
    let lines: [String]
    let examples: [Example]

    /// - Parameter path: within the repository.
    init(_ path: String) throws {
        file = Self.root.appendingPathComponent(path)
        lines = try String(contentsOf: file, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        examples = Self.examples(lines)
    }

    private static func examples(_ lines: [String]) -> [Example] {
        var examples: [Example] = []
        var isConsole = false
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("```") {
                isConsole = line == "```console"
            } else if isConsole, line.hasPrefix("$ ") {
                let command = String(line.dropFirst(2))
                examples.append(
                    Example(command: command, outputLines: index + 1..<index + 1))
            } else if isConsole, let last = examples.indices.last {
                examples[last].outputLines = examples[last].outputLines.lowerBound..<index + 1
            }
        }
        return examples
    }

    func output(of example: Example) -> [String] { Array(lines[example.outputLines]) }

    /// What each command prints, all run one after the other in one folder.
    func outputs() throws -> [[String]] {
        let shell = try ShellProcess()
        defer { shell.remove() }
        let programs = shell.folder.appendingPathComponent(".programs")
        try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: programs.path + "/igloo", withDestinationPath: ShellProcess.program)
        return try examples.map { example in
            let process = shell.make([])
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "exec 2>&1\n" + example.command]
            process.environment?["PATH"] = programs.path + ":/usr/bin:/bin"
            let output = Pipe()
            process.standardOutput = output
            process.standardInput = FileHandle.nullDevice
            try process.run()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            var lines = String(decoding: data, as: UTF8.self)
                .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            if lines.last == "" { lines.removeLast() }
            return lines
        }
    }

    /// Writes the page anew with these outputs.
    func complete(with outputs: [[String]]) throws {
        var lines = lines
        for (example, output) in zip(examples, outputs).reversed() {
            lines.replaceSubrange(example.outputLines, with: output)
        }
        try Data(lines.joined(separator: "\n").utf8).write(to: file)
    }
}
