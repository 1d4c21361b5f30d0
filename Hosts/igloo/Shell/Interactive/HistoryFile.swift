// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFormats

/// Statements of earlier conversations, one a line; their own line ends are written as `\n`, so
/// that a statement over several lines comes back as it was.
struct HistoryFile {
    let path: String
    /// Entries that are kept.
    static let entryCountMax = 10_000

    /// The entries, oldest first. Without a readable file there are none.
    func entries() -> [String] {
        guard let script = try? ScriptText(path: path) else { return [] }
        let lines = script.bytes.split(separator: UInt8(ascii: "\n"))
        if lines.count > Self.entryCountMax + Self.entryCountMax / 4 { trim(lines) }
        return lines.suffix(Self.entryCountMax).map {
            Self.entry(String(decoding: $0, as: UTF8.self))
        }
    }

    /// Adds an entry. Conversations at the same time add to one file.
    func append(_ entry: String) {
        try? PlatformFiles.append(Self.line(entry) + "\n", to: path)
    }

    private func trim(_ lines: [ArraySlice<UInt8>]) {
        let kept = lines.suffix(Self.entryCountMax).joined(separator: [UInt8(ascii: "\n")])
        try? PlatformFiles.replace(path, with: String(decoding: Array(kept), as: UTF8.self) + "\n")
    }

    static func line(_ entry: String) -> String {
        var line = ""
        for character in entry.unicodeScalars {
            switch character {
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            default: line.unicodeScalars.append(character)
            }
        }
        return line
    }

    static func entry(_ line: String) -> String {
        var entry = ""
        var isEscaped = false
        for character in line.unicodeScalars {
            if isEscaped {
                entry.unicodeScalars.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                entry.unicodeScalars.append(character)
            }
        }
        return entry
    }
}
