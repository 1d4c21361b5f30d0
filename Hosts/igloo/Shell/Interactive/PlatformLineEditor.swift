// SPDX-License-Identifier: MIT

import CLibedit
import Glibc
import IglooEngine
import Synchronization

/// Line editing, history and completion by libedit.
///
/// - Threads: one; libedit's state is global.
final class LineEditor {
    private let historyPath: String?

    init(_ session: Session) {
        historyPath = PlatformTerminal.environment("HOME").map { $0 + "/.igloo_history" }
        Completion.words.withLock { $0 = Session.keywords + Session.functionNames }
        using_history()
        stifle_history(10_000)
        if let historyPath { _ = unsafe read_history(historyPath) }
        unsafe igloo_complete_with { text, state in
            guard let text = unsafe text else { return nil }
            guard let match = Completion.match(unsafe String(cString: text), Int(state)) else {
                return nil
            }
            return unsafe strdup(match)
        }
    }

    /// Names that completion offers beside keywords and functions.
    func offer(_ names: [String]) {
        Completion.words.withLock {
            $0 = Session.keywords + Session.functionNames + names
        }
    }

    /// A line without its end; `nil` at the end of the input.
    func line(prompt: String) -> String? {
        guard let line = unsafe readline(prompt) else { return nil }
        defer { unsafe free(line) }
        return unsafe String(cString: line)
    }

    func remember(_ statement: String) {
        let line = statement.split(separator: "\n").joined(separator: " ").trimmed
        guard !line.isEmpty else { return }
        _ = unsafe add_history(line)
        if let historyPath { _ = unsafe write_history(historyPath) }
    }
}

/// The words that begin alike, one after another, as readline asks for them.
private enum Completion {
    static let words = Mutex<[String]>([])
    private static let matches = Mutex<[String]>([])

    static func match(_ beginning: String, _ state: Int) -> String? {
        if state == 0 {
            let isUpper = beginning.contains { $0.isUppercase }
            let wanted = beginning.lowercased()
            let found = words.withLock { words in
                words.filter { $0.lowercased().hasPrefix(wanted) }
            }
            matches.withLock {
                $0 = found.map { word in
                    word == word.uppercased() && !isUpper ? word.lowercased() : word
                }
            }
        }
        return matches.withLock { state < $0.count ? $0[state] : nil }
    }
}
