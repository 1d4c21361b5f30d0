// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// `docs/abi/reference.md` is made from `igloo.h`. `IGLOO_REWRITE_GUIDES=1` writes it.
@Suite struct ReferenceTests {
    private let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func theReferenceIsTheHeaders() throws {
        let header = try String(
            contentsOf: root.appendingPathComponent("SDK/CIgloo/include/igloo.h"), encoding: .utf8)
        let expected = HeaderReference(header).text
        let url = root.appendingPathComponent("docs/abi/reference.md")
        if ProcessInfo.processInfo.environment["IGLOO_REWRITE_GUIDES"] != nil {
            try expected.write(to: url, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: url, encoding: .utf8) == expected)
    }

    /// Every function of every table of functions has its line.
    @Test func everyFunctionIsDescribed() throws {
        let header = try String(
            contentsOf: root.appendingPathComponent("SDK/CIgloo/include/igloo.h"), encoding: .utf8)
        for part in HeaderReference(header).parts where part.code.contains("igloo_status (*") {
            guard part.code.hasPrefix("typedef struct") || part.code.hasPrefix("struct") else {
                continue
            }
            for name in part.code.matches(of: /\(\*(\w+)\)\(/).map({ String($0.1) }) {
                #expect(
                    part.comment.contains { $0.contains(name) },
                    "igloo.h does not say what \(name) does: \(part.code.prefix(60))")
            }
        }
    }
}

/// The header as chapters of comments, each with the declaration that follows it.
struct HeaderReference {
    struct Part {
        var chapter: String
        var comment: [String]
        var code: String
    }

    var parts: [Part] = []

    init(_ header: String) {
        var chapter = "Rules"
        var comment: [String] = []
        var code: [String] = []
        var isInComment = false
        var depth = 0
        func isRule(_ line: String) -> Bool { line.hasPrefix("/* ------") }
        for line in header.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        {
            if isRule(line) {
                flush(chapter, &comment, &code)
                chapter = line.split(separator: " ").dropFirst(2).dropLast().joined(separator: " ")
            } else if isInComment {
                isInComment = !line.hasSuffix("*/")
                comment.append(Self.bare(line))
            } else if line.hasPrefix("/* SPDX") {
                continue
            } else if line.hasPrefix("/* ") && depth == 0 {
                flush(chapter, &comment, &code)
                isInComment = !line.hasSuffix("*/")
                comment = [Self.bare(line)]
            } else if line.isEmpty && depth == 0 {
                flush(chapter, &comment, &code)
            } else {
                code.append(line)
                if line.hasPrefix("extern \"C\"") { continue }
                depth += line.count { $0 == "{" } - line.count { $0 == "}" }
                depth = max(depth, 0)
            }
        }
        flush(chapter, &comment, &code)
    }

    /// A comment's line without what makes it one.
    private static func bare(_ line: String) -> String {
        var line = Substring(line)
        if line == " */" { return "" }
        for mark in ["/* ", " * ", " *"] where line.hasPrefix(mark) {
            line = line.dropFirst(mark.count)
            break
        }
        if line.hasSuffix("*/") { line = line.dropLast(2) }
        while line.hasSuffix(" ") { line = line.dropLast() }
        return String(line)
    }

    private mutating func flush(
        _ chapter: String, _ comment: inout [String], _ code: inout [String]
    ) {
        while comment.last?.isEmpty == true { comment.removeLast() }
        if !comment.isEmpty && code.isEmpty && parts.isEmpty {
            parts.append(Part(chapter: chapter, comment: comment, code: ""))
        } else if !code.isEmpty {
            parts.append(
                Part(chapter: chapter, comment: comment, code: code.joined(separator: "\n")))
        } else {
            return
        }
        comment = []
        code = []
    }

    var text: String {
        var text =
            "# Reference of the ABI\n\nMade from [igloo.h](../../SDK/CIgloo/include/igloo.h).\n"
        var chapter = ""
        for part in parts where !isMachinery(part) || !part.comment.isEmpty {
            if part.chapter != chapter {
                chapter = part.chapter
                text += "\n## \(chapter.prefix(1).uppercased() + chapter.dropFirst())\n"
            }
            if !part.comment.isEmpty {
                text += "\n```text\n\(part.comment.joined(separator: "\n"))\n```\n"
            }
            if !part.code.isEmpty && !isMachinery(part) { text += "\n```c\n\(part.code)\n```\n" }
        }
        return text
    }

    /// Guards and includes, which say nothing to readers.
    private func isMachinery(_ part: Part) -> Bool {
        let lines = part.code.split(separator: "\n")
        return !lines.isEmpty
            && lines.allSatisfy {
                $0.hasPrefix("#if") || $0.hasPrefix("#e") || $0.hasPrefix("#include")
                    || $0 == "#define IGLOO_H" || $0.hasPrefix("extern \"C\"") || $0 == "}"
            }
    }
}
