// SPDX-License-Identifier: MIT

/// Takes apart the text of a list, structure or map: `[1, "a b", NULL]`, `{1,2}`, `{'a': 1}`,
/// `{a=1}`. Each part is text again, for the cast of its own type.
struct NestedTextParser {
    /// Nested brackets, at most.
    private static let depthMax = 256

    private let bytes: UnsafeRawBufferPointer
    private var index: Int
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        var start = 0
        var end = bytes.count
        while start < end, Self.isSpace(bytes[start]) { start += 1 }
        while end > start, Self.isSpace(bytes[end - 1]) { end -= 1 }
        index = start
        self.end = end
    }

    /// A part's text; `nil` for NULL.
    typealias Part = [UInt8]?

    /// The parts between brackets or braces; `nil` when the text is malformed.
    mutating func list() -> [Part]? {
        guard open("[", "]") || open("{", "}") else { return nil }
        var parts: [Part] = []
        if isAtEnd { return parts }
        while true {
            guard let part = part(until: ",") else { return nil }
            parts.append(part.text)
            if isAtEnd { return parts }
            index += 1
        }
    }

    /// The pairs between braces, whose keys end with `separator`.
    mutating func pairs(_ separator: Unicode.Scalar) -> [(key: [UInt8], value: Part)]? {
        guard open("{", "}") else { return nil }
        var pairs: [(key: [UInt8], value: Part)] = []
        if isAtEnd { return pairs }
        while true {
            guard let key = part(until: separator), !isAtEnd, let name = key.text else {
                return nil
            }
            index += 1
            guard let value = part(until: ",") else { return nil }
            pairs.append((name, value.text))
            if isAtEnd { return pairs }
            index += 1
        }
    }

    private var last: Int { end - 1 }
    private var isAtEnd: Bool { index >= last }

    /// Steps behind the opening bracket, when the text stands between the two.
    private mutating func open(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
        guard end - index >= 2, bytes[index] == UInt8(ascii: first),
            bytes[last] == UInt8(ascii: second)
        else { return false }
        index += 1
        skipSpaces()
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 9 < 5 }

    private mutating func skipSpaces() {
        while index < last, Self.isSpace(bytes[index]) { index += 1 }
    }

    /// Up to the separator or the closing bracket; `nil` when that is not what follows.
    private mutating func part(until separator: Unicode.Scalar) -> (text: Part, isRead: Bool)? {
        skipSpaces()
        guard index < last else { return nil }
        let stop = UInt8(ascii: separator)
        if bytes[index] == 0x22 || bytes[index] == 0x27 {
            guard let text = quoted() else { return nil }
            skipSpaces()
            return isAtEnd || bytes[index] == stop ? (text, true) : nil
        }
        let start = index
        guard skipPlain(until: stop) else { return nil }
        var stopped = index
        while stopped > start, Self.isSpace(bytes[stopped - 1]) { stopped -= 1 }
        let text = Array(bytes[start..<stopped])
        if text.isEmpty { return nil }
        let isNull = text.count == 4 && text.map { $0 & 0xDF } == Array("NULL".utf8)
        return (isNull ? nil : text, true)
    }

    /// Over text without quotes, brackets within it closed.
    private mutating func skipPlain(until stop: UInt8) -> Bool {
        var depth = 0
        while index < last {
            let byte = bytes[index]
            switch byte {
            case 0x5B, 0x7B, 0x28:
                depth += 1
                if depth > Self.depthMax { return false }
            case 0x5D, 0x7D, 0x29:
                depth -= 1
                if depth < 0 { return false }
            case 0x22 where depth > 0, 0x27 where depth > 0:
                guard quoted() != nil else { return false }
                continue
            default: if byte == stop && depth == 0 { return true }
            }
            index += 1
        }
        return depth == 0
    }

    /// What stands between quotes; a backslash or a second quote keeps the next one.
    private mutating func quoted() -> [UInt8]? {
        let quote = bytes[index]
        index += 1
        var text: [UInt8] = []
        while index < last {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\\"), index < last {
                text.append(bytes[index])
                index += 1
            } else if byte == quote {
                guard index < last, bytes[index] == quote else { return text }
                text.append(quote)
                index += 1
            } else {
                text.append(byte)
            }
        }
        return nil
    }
}
