// SPDX-License-Identifier: MIT

public import IglooContracts

/// A pattern of paths: `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`, and `**` for any folders.
///
/// No wildcard matches a slash, nor the dot at the beginning of a hidden name. A backslash takes
/// the meaning from the character after it.
public struct GlobPattern: Sendable {
    /// Alternatives of `{a,b}` beyond this are taken for a mistake.
    static let alternativeCountMax = 1024

    public let text: String
    /// The alternatives, each as its folders and name.
    let alternatives: [[Component]]

    enum Component: Sendable, Equatable {
        /// To be taken literally.
        case literal(String)
        case wildcard([UInt8])
        /// `**`: any number of folders.
        case anyFolders
    }

    /// Whether `text` has a wildcard at all.
    public static func hasWildcard(_ text: String) -> Bool {
        text.utf8.contains { byte in
            byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "[")
                || byte == UInt8(ascii: "{")
        }
    }

    /// - Throws: `invalidArgument` for an unclosed `[` or `{`, or too many alternatives.
    public init(_ text: String) throws(IglooError) {
        self.text = text
        var alternatives: [[Component]] = []
        for alternative in try Self.expandBraces(Array(text.utf8), text) {
            var components: [Component] = []
            for part in alternative.split(separator: UInt8(ascii: "/")) where part != [0x2E] {
                components.append(try Self.component(Array(part), text))
            }
            if components.last == .anyFolders { components.append(.wildcard([0x2A])) }
            alternatives.append(components)
        }
        self.alternatives = alternatives
    }

    private static func component(
        _ part: [UInt8], _ text: String
    ) throws(IglooError) -> Component {
        if part == [0x2A, 0x2A] { return .anyFolders }
        let special: Set<UInt8> = [0x2A, 0x3F, 0x5B, 0x5C]
        if part.allSatisfy({ !special.contains($0) }) {
            return .literal(String(decoding: part, as: UTF8.self))
        }
        try checkBrackets(part, text)
        return .wildcard(part)
    }

    private static func checkBrackets(_ part: [UInt8], _ text: String) throws(IglooError) {
        var index = 0
        while index < part.count {
            switch part[index] {
            case 0x5C: index += 2
            case 0x5B:
                guard let end = Self.setEnd(part, index) else {
                    throw IglooError(
                        .invalidArgument, "pattern '\(text)' has a '[' without its ']'",
                        hint: "write '[[]' for a literal bracket")
                }
                index = end + 1
            default: index += 1
            }
        }
    }

    /// The index of the `]` that ends the set which begins at `start`.
    static func setEnd(_ pattern: [UInt8], _ start: Int) -> Int? {
        var index = start + 1
        if index < pattern.count && (pattern[index] == 0x21 || pattern[index] == 0x5E) {
            index += 1
        }
        // A ']' in the first place belongs to the set.
        if index < pattern.count && pattern[index] == 0x5D { index += 1 }
        while index < pattern.count {
            if pattern[index] == 0x5D { return index }
            index += 1
        }
        return nil
    }

    private static func expandBraces(
        _ pattern: [UInt8], _ text: String
    ) throws(IglooError) -> [[UInt8]] {
        var waiting: [[UInt8]] = [pattern]
        var done: [[UInt8]] = []
        while let next = waiting.popLast() {
            guard let open = firstBrace(next) else {
                done.append(next)
                continue
            }
            let (parts, close) = try braceParts(next, open, text)
            for part in parts.reversed() {
                waiting.append(Array(next[..<open]) + part + Array(next[(close + 1)...]))
            }
            if waiting.count + done.count > alternativeCountMax {
                throw IglooError(
                    .invalidArgument,
                    "pattern '\(text)' has more than \(alternativeCountMax) alternatives")
            }
        }
        return done
    }

    private static func firstBrace(_ pattern: [UInt8]) -> Int? {
        var index = 0
        while index < pattern.count {
            if pattern[index] == 0x5C { index += 1 } else if pattern[index] == 0x7B { return index }
            index += 1
        }
        return nil
    }

    private static func braceParts(
        _ pattern: [UInt8], _ open: Int, _ text: String
    ) throws(IglooError) -> (parts: [[UInt8]], close: Int) {
        var parts: [[UInt8]] = [[]]
        var depth = 0
        var index = open
        while index < pattern.count {
            let byte = pattern[index]
            if byte == 0x7B { depth += 1 }
            if byte == 0x7D { depth -= 1 }
            if depth == 0 { return (parts, index) }
            if byte == 0x2C && depth == 1 {
                parts.append([])
            } else if index > open {
                parts[parts.count - 1].append(byte)
                if byte == 0x5C && index + 1 < pattern.count {
                    index += 1
                    parts[parts.count - 1].append(pattern[index])
                }
            }
            index += 1
        }
        throw IglooError(
            .invalidArgument, "pattern '\(text)' has a '{' without its '}'",
            hint: "write '\\{' for a literal brace")
    }
}

extension GlobPattern {
    /// Whether `name`, a single component, is matched. Backtracks over the last star only, hence
    /// quick for every input.
    static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        if name.first == 0x2E && pattern.first != 0x2E && pattern.first != 0x5C { return false }
        var (p, n) = (0, 0)
        var star: (pattern: Int, name: Int)?
        while n < name.count {
            if p < pattern.count && pattern[p] == 0x2A {
                star = (p + 1, n)
                p += 1
            } else if let next = step(pattern, p, name, n) {
                (p, n) = next
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                (p, n) = (last.pattern, last.name + 1)
            } else {
                return false
            }
        }
        while p < pattern.count && pattern[p] == 0x2A { p += 1 }
        return p == pattern.count
    }

    /// The places after one matched character, or `nil`.
    private static func step(
        _ pattern: [UInt8], _ p: Int, _ name: [UInt8], _ n: Int
    ) -> (Int, Int)? {
        guard p < pattern.count else { return nil }
        switch pattern[p] {
        case 0x3F: return (p + 1, afterCharacter(name, n))
        case 0x5B:
            guard let end = setEnd(pattern, p) else { return nil }
            return setContains(pattern, p, end, name[n]) ? (end + 1, n + 1) : nil
        case 0x5C where p + 1 < pattern.count:
            return pattern[p + 1] == name[n] ? (p + 2, n + 1) : nil
        case let byte: return byte == name[n] ? (p + 1, n + 1) : nil
        }
    }

    private static func afterCharacter(_ name: [UInt8], _ n: Int) -> Int {
        var next = n + 1
        while next < name.count && name[next] & 0xC0 == 0x80 { next += 1 }
        return next
    }

    private static func setContains(
        _ pattern: [UInt8], _ start: Int, _ end: Int, _ byte: UInt8
    ) -> Bool {
        var index = start + 1
        let isNegated = pattern[index] == 0x21 || pattern[index] == 0x5E
        if isNegated { index += 1 }
        var isFound = false
        while index < end {
            if index + 2 < end && pattern[index + 1] == 0x2D {
                isFound = isFound || (pattern[index] <= byte && byte <= pattern[index + 2])
                index += 3
            } else {
                isFound = isFound || pattern[index] == byte
                index += 1
            }
        }
        return isFound != isNegated
    }
}
