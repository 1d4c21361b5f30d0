// SPDX-License-Identifier: MIT

import IglooContracts

/// A compiled regular expression with the tables of its matching.
///
/// The match is the leftmost, as in Perl: of alternatives the first that leads to a match.
///
/// - Threads: one at a time.
final class Regex {
    private let machine: RegexMachine
    private let backtracker: RegexBacktracker
    private let automaton: RegexAutomaton?
    /// Replace, extract or split at every match.
    let isGlobal: Bool

    var groupCount: Int { machine.program.groupCount }

    init(_ pattern: String, options: String = "") throws(IglooError) {
        var flags = RegexFlags()
        var isGlobal = false
        var isLiteral = false
        for option in options {
            switch option {
            case "g": isGlobal = true
            case "i": flags.ignoresCase = true
            case "c": flags.ignoresCase = false
            case "n", "m": (flags.isMultiline, flags.excludesNewline) = (true, true)
            case "p": flags.excludesNewline = true
            case "w": flags.isMultiline = true
            case "s": (flags.isMultiline, flags.excludesNewline) = (false, false)
            case "x": flags.isExtended = true
            case "q", "l": isLiteral = true
            case "e", "t": break
            default:
                throw Faults.invalid("invalid regular expression option: \"\(option)\"")
            }
        }
        let program = try RegexProgram(isLiteral ? Self.escaped(pattern) : pattern, flags)
        machine = RegexMachine(program)
        backtracker = RegexBacktracker(program)
        automaton = RegexAutomaton(program)
        self.isGlobal = isGlobal
    }

    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        automaton?.matches(text) ?? (find(text, from: 0) != nil)
    }

    /// See `RegexMachine.find`.
    func find(_ text: UnsafeRawBufferPointer, from start: Int) -> [Int]? {
        backtracker.takes(text.count)
            ? backtracker.find(text, from: start) : machine.find(text, from: start)
    }

    /// Calls `body` with each match, until it says that it has enough.
    func eachMatch(
        _ text: UnsafeRawBufferPointer, from first: Int = 0, _ body: ([Int]) -> Bool
    ) {
        var start = first
        while start <= text.count, let match = find(text, from: start) {
            if !body(match) { return }
            // Behind an empty match, one character further.
            start = match[1]
            if match[1] == match[0] {
                guard start < text.count else { return }
                start += UTF8Bytes.characterByteCount(text, start)
            }
        }
    }

    /// The pattern of a text that stands for itself.
    static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if "\\.^$|?*+()[]{}-".unicodeScalars.contains(scalar) { result.append("\\") }
            result.append(scalar)
        }
        return String(result)
    }
}

/// Patterns of other kinds as regular expressions over the whole text.
enum PatternTranslation {
    /// The part between two `#"` of a pattern of `SIMILAR TO` as the only group; all without them.
    static func substring(_ pattern: String, escape: Unicode.Scalar) throws(IglooError) -> String {
        var parts = [String.UnicodeScalarView()]
        var isEscaped = false
        for scalar in pattern.unicodeScalars {
            if isEscaped, scalar == "\"" {
                parts.append(String.UnicodeScalarView())
            } else {
                if isEscaped { parts[parts.count - 1].append(escape) }
                if scalar != escape || isEscaped { parts[parts.count - 1].append(scalar) }
            }
            isEscaped = scalar == escape && !isEscaped
        }
        guard parts.count == 3 else {
            guard parts.count == 1 else {
                throw IglooError(
                    .invalidArgument,
                    "SQL regular expression may not contain more than two escape-double-quote "
                        + "separators", sqlState: SQLState(rawValue: "2200C"))
            }
            return try similar(String(parts[0]), escape: escape)
        }
        var inner: [String] = []
        for (place, part) in parts.enumerated() {
            inner.append(
                String(
                    try similar(String(part), escape: escape, isLazy: place == 0).dropFirst(5)
                        .dropLast(3)))
        }
        return "\\A(?:" + inner[0] + ")(" + inner[1] + ")(?:" + inner[2] + ")\\z"
    }

    /// `SIMILAR TO`: `%`, `_`, and a regular expression's `| * + ? {} () []`.
    static func similar(
        _ pattern: String, escape: Unicode.Scalar? = "\\", isLazy: Bool = false
    ) throws(IglooError) -> String {
        var result = "\\A(?:"
        var isEscaped = false
        var isInBrackets = false
        for scalar in pattern.unicodeScalars {
            if isEscaped {
                result += Regex.escaped(String(scalar))
                isEscaped = false
            } else if scalar == escape {
                isEscaped = true
            } else if isInBrackets {
                if scalar == "]" { isInBrackets = false }
                result.unicodeScalars.append(contentsOf: scalar == "\\" ? ["\\", "\\"] : [scalar])
            } else {
                switch scalar {
                case "%": result += isLazy ? ".*?" : ".*"
                case "_": result += "."
                case "(": result += "(?:"
                case ".", "^", "$", "\\": result += "\\" + String(scalar)
                case "[":
                    isInBrackets = true
                    result += "["
                default: result.unicodeScalars.append(scalar)
                }
            }
        }
        if isEscaped {
            throw IglooError(
                .invalidArgument, "SIMILAR TO pattern must not end with escape character",
                sqlState: SQLState(rawValue: "22025"))
        }
        return result + ")\\z"
    }

    /// `GLOB`: `*`, `?` and `[...]`, `[!...]`.
    static func glob(_ pattern: String) -> String {
        var result = "\\A"
        var isInBrackets = false
        var isFirst = false
        for scalar in pattern.unicodeScalars {
            if isInBrackets {
                if scalar == "]" && !isFirst { isInBrackets = false }
                if scalar == "!" && isFirst {
                    result += "^"
                } else {
                    result += scalar == "\\" ? "\\\\" : String(scalar)
                }
                isFirst = false
                continue
            }
            switch scalar {
            case "*": result += ".*"
            case "?": result += "."
            case "[":
                (isInBrackets, isFirst) = (true, true)
                result += "["
            default: result += Regex.escaped(String(scalar))
            }
        }
        return result + "\\z"
    }
}
