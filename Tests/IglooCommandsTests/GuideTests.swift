// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// The guides that lead to a plugin, as their readers follow them.
@Suite struct GuideTests {
    private let place: CommandProcess

    init() throws { place = try CommandProcess() }

    @Test(arguments: [
        ("write-a-connector", "In C"), ("write-a-connector", "In Swift"),
        ("write-functions", "In C"),
    ])
    func everyCommandDoesWhatIsSaid(guide name: String, chapter: String) throws {
        let guide = try String(
            contentsOfFile: "\(CommandProcess.root)/docs/guides/\(name).md", encoding: .utf8)
        let text = try #require(
            guide.components(separatedBy: "\n## ").first { $0.hasPrefix(chapter + "\n") })
        var folder = ""
        var output = ""
        for block in GuideBlock.blocks(of: text) {
            switch block.kind {
            case "sh":
                // Later blocks go on in the folder to which one changed.
                if let change = block.text.split(separator: "\n").first(where: {
                    $0.hasPrefix("cd ")
                }) {
                    folder = String(change.dropFirst(3))
                }
                let into =
                    block.text.contains("cd \(folder)") || folder.isEmpty ? "" : "cd \(folder)\n"
                let outcome = try place.run(["sh", "-e", "-c", into + Self.quickened(block.text)])
                try #require(outcome.status == 0, "\(block.text)\n\(outcome)")
                output = outcome.output
            case "text": #expect(output.hasSuffix(block.text), "\(output)")
            case "diff": try apply(block.text, in: folder)
            default:
                // A whole file, to be saved under the name behind its language.
                if let name = block.name { try place.write(name, block.text) }
            }
        }
    }

    /// Plugins in Swift are built unoptimised, where the next run finds what this one built.
    private static func quickened(_ commands: String) -> String {
        let scratch = "\(CommandProcess.root)/.build/guide"
        return "PATH=\(CommandProcess.folder):$PATH\nIGLOO=\(CommandProcess.root)\n"
            + commands.replacingOccurrences(
                of: "igloo plugin build",
                with: "igloo plugin build --debug --scratch-path \(scratch) >&2")
    }

    /// Replaces the lines with `-` by those with `+`, wherever they stand.
    private func apply(_ diff: String, in folder: String) throws {
        let hunks = diff.components(separatedBy: "@@\n")
        let name = try #require(hunks[0].split(separator: "\n").first?.dropFirst(4))
        var text = try place.read("\(folder)/\(name)")
        for hunk in hunks.dropFirst() {
            func lines(_ mark: Character) -> String {
                hunk.split(separator: "\n").filter { $0.first == mark }.map { $0.dropFirst() }
                    .joined(separator: "\n")
            }
            #expect(text.contains(lines("-")), "\(name) has no\n\(lines("-"))")
            text = text.replacingOccurrences(of: lines("-"), with: lines("+"))
        }
        try place.write("\(folder)/\(name)", text)
    }
}

/// A fenced block of a guide.
struct GuideBlock {
    /// The word behind the fence, and the next one.
    var kind: String
    var name: String?
    var text: String

    static func blocks(of guide: String) -> [GuideBlock] {
        var blocks: [GuideBlock] = []
        var open: GuideBlock?
        for line in guide.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(block)
                    open = nil
                } else {
                    let words = line.dropFirst(3).split(separator: " ").map { String($0) }
                    open = GuideBlock(
                        kind: words.first ?? "", name: words.dropFirst().first, text: "")
                }
            } else {
                open?.text += line + "\n"
            }
        }
        return blocks
    }
}
