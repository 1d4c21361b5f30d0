// SPDX-License-Identifier: MIT

import CIglooFiles
import IglooFiles

/// A strict parser of JSON over bytes in memory: RFC 8259, no extensions.
///
/// It reads tokens and skips whole values, checking all of them; columns are built by its callers
/// on the way. 64 bytes past the end must be readable.
struct JSONParser {
    /// Deeper nesting is refused, so that no text can exhaust the stack.
    static let depthMax = 1000

    let bytes: UnsafePointer<UInt8>
    let count: Int
    /// Nothing follows the bytes; otherwise their end is `incomplete` and not a syntax error.
    let isFinal: Bool
    /// All bytes are known to be ASCII or valid UTF-8.
    let isUTF8: Bool
    var index: Int
    private var depth = 0

    init(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, from index: Int = 0, isFinal: Bool = true,
        isUTF8: Bool = false
    ) {
        self.bytes = bytes
        self.count = count
        self.index = index
        self.isFinal = isFinal
        self.isUTF8 = isUTF8
    }

    /// A number, as it is written.
    struct Number {
        var start: UnsafePointer<UInt8>
        var count: Int
        var isInteger: Bool
    }

    /// The content of a string, without quotes.
    struct Text {
        var start: UnsafePointer<UInt8>
        var count: Int
        var hasEscapes: Bool
    }

    // MARK: - Faults

    @inline(never)
    func unexpected(_ wanted: String) -> JSONFault {
        guard index < count else { return endsEarly("where \(wanted) is expected") }
        let byte = bytes[index]
        let shown =
            byte >= 0x21 && byte < 0x7F
            ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
        return JSONFault(.syntax, "\(shown) where \(wanted) is expected", offset: index)
    }

    @inline(never)
    func endsEarly(_ place: String) -> JSONFault {
        JSONFault(isFinal ? .syntax : .incomplete, "the text ends \(place)", offset: count)
    }

    // MARK: - Tokens

    @inline(__always)
    mutating func skipSpace() {
        while index < count {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            index &+= 1
        }
    }

    /// The first byte of the value here; space before it is skipped.
    @inline(__always)
    mutating func peek() throws(JSONFault) -> UInt8 {
        skipSpace()
        guard index < count else { throw endsEarly("where a value is expected") }
        return bytes[index]
    }

    /// Whether `byte` comes next after space; if so, it is read.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard index < count, bytes[index] == byte else { return false }
        index &+= 1
        return true
    }

    mutating func literal(_ word: StaticString) throws(JSONFault) {
        let length = word.utf8CodeUnitCount
        var at = 0
        while at < length {
            guard index &+ at < count else { throw endsEarly("inside '\(word)'") }
            guard bytes[index &+ at] == word.utf8Start[at] else {
                throw unexpected("a value")
            }
            at &+= 1
        }
        index &+= length
    }

    mutating func bool() throws(JSONFault) -> Bool {
        if bytes[index] == UInt8(ascii: "t") {
            try literal("true")
            return true
        }
        try literal("false")
        return false
    }

    mutating func number() throws(JSONFault) -> Number {
        let start = index
        if index < count && bytes[index] == 0x2D { index &+= 1 }
        guard index < count else { throw endsEarly("inside a number") }
        if bytes[index] == 0x30 {
            index &+= 1
        } else {
            try digits()
        }
        var isInteger = true
        if index < count && bytes[index] == 0x2E {
            isInteger = false
            index &+= 1
            try digits()
        }
        if index < count && bytes[index] | 0x20 == 0x65 {
            isInteger = false
            index &+= 1
            if index < count && (bytes[index] == 0x2B || bytes[index] == 0x2D) { index &+= 1 }
            try digits()
        }
        // More digits may follow in bytes that are not here yet.
        if index >= count && !isFinal { throw endsEarly("inside a number") }
        return Number(start: bytes + start, count: index - start, isInteger: isInteger)
    }

    @inline(__always)
    private mutating func digits() throws(JSONFault) {
        let start = index
        while index < count && bytes[index] &- 0x30 <= 9 { index &+= 1 }
        if index == start { throw unexpected("a digit") }
    }

    /// The string that begins here.
    mutating func string() throws(JSONFault) -> Text {
        guard index < count, bytes[index] == 0x22 else { throw unexpected("a string") }
        index &+= 1
        let start = index
        var hasEscapes = false
        while true {
            guard index < count else { throw endsEarly("inside a string") }
            let available = count &- index
            let limit = available >= 64 ? UInt64.max : 1 &<< UInt64(available) &- 1
            let special = igloo_scan_json_special(bytes + index) & limit
            guard special != 0 else {
                index &+= min(64, available)
                continue
            }
            index &+= special.trailingZeroBitCount
            let byte = bytes[index]
            if byte == 0x22 { break }
            guard byte == 0x5C else {
                throw JSONFault(
                    .syntax, "control character \(byte) inside a string", offset: index)
            }
            hasEscapes = true
            try skipEscape()
        }
        let text = Text(start: bytes + start, count: index - start, hasEscapes: hasEscapes)
        guard isUTF8 || TextBytes.isUTF8(text.start, text.count) else {
            throw JSONFault(.syntax, "a string is not valid UTF-8", offset: start)
        }
        index &+= 1
        return text
    }

    private mutating func skipEscape() throws(JSONFault) {
        guard index &+ 1 < count else {
            index = count
            throw endsEarly("inside a string")
        }
        switch bytes[index &+ 1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: index &+= 2
        case 0x75:
            for digit in 2..<6 {
                guard index &+ digit < count else {
                    index = count
                    throw endsEarly("inside a string")
                }
                guard Self.hexDigit(bytes[index &+ digit]) != nil else {
                    throw JSONFault(
                        .syntax, "an escape '\\u' without four hexadecimal digits",
                        offset: index)
                }
            }
            index &+= 6
        default: throw JSONFault(.syntax, "an unknown escape in a string", offset: index)
        }
    }

    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte &- 0x30)
        case 0x41...0x46: UInt32(byte &- 0x37)
        case 0x61...0x66: UInt32(byte &- 0x57)
        default: nil
        }
    }

    // MARK: - Values

    mutating func enter() throws(JSONFault) {
        depth &+= 1
        if depth > Self.depthMax {
            throw JSONFault(
                .syntax, "nesting deeper than \(Self.depthMax) levels", offset: index)
        }
        index &+= 1
    }

    mutating func leave() { depth &-= 1 }

    /// Reads over the value here, checking it.
    mutating func skipValue() throws(JSONFault) {
        switch try peek() {
        case 0x22: _ = try string()
        case 0x7B: try skipObject()
        case 0x5B: try skipArray()
        case 0x74: try literal("true")
        case 0x66: try literal("false")
        case 0x6E: try literal("null")
        case 0x2D, 0x30...0x39: _ = try number()
        default: throw unexpected("a value")
        }
    }

    private mutating func skipObject() throws(JSONFault) {
        try enter()
        if !take(0x7D) {
            repeat {
                skipSpace()
                _ = try string()
                guard take(0x3A) else { throw unexpected("':'") }
                try skipValue()
            } while take(0x2C)
            guard take(0x7D) else { throw unexpected("',' or '}'") }
        }
        leave()
    }

    private mutating func skipArray() throws(JSONFault) {
        try enter()
        if !take(0x5D) {
            repeat { try skipValue() } while take(0x2C)
            guard take(0x5D) else { throw unexpected("',' or ']'") }
        }
        leave()
    }

    /// Throws unless only space is left.
    mutating func expectEnd() throws(JSONFault) {
        skipSpace()
        if index < count { throw unexpected("the end") }
    }

    // MARK: - Escapes

    /// The bytes of a string with its escapes resolved.
    func unescaped(_ text: Text) throws(JSONFault) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var at = 0
        while at < text.count {
            let byte = text.start[at]
            guard byte == 0x5C else {
                output.append(byte)
                at &+= 1
                continue
            }
            let kind = text.start[at &+ 1]
            at &+= 2
            switch kind {
            case 0x62: output.append(0x08)
            case 0x66: output.append(0x0C)
            case 0x6E: output.append(0x0A)
            case 0x72: output.append(0x0D)
            case 0x74: output.append(0x09)
            case 0x75: try appendUnicode(text, &at, &output)
            default: output.append(kind)
            }
        }
        return output
    }

    private func appendUnicode(
        _ text: Text, _ at: inout Int, _ output: inout [UInt8]
    ) throws(JSONFault) {
        var value = fourDigits(text, at)
        at &+= 4
        if value >= 0xD800 && value < 0xDC00, at &+ 6 <= text.count, text.start[at] == 0x5C,
            text.start[at &+ 1] == 0x75
        {
            let low = fourDigits(text, at &+ 2)
            if low >= 0xDC00 && low < 0xE000 {
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
                at &+= 6
            }
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw JSONFault(
                .syntax, "half of a surrogate pair in a string", offset: text.start - bytes + at - 6
            )
        }
        output.append(contentsOf: UTF8.encode(scalar)!)
    }

    /// The digits were checked when the string was read.
    private func fourDigits(_ text: Text, _ at: Int) -> UInt32 {
        var value: UInt32 = 0
        for digit in 0..<4 {
            value = value << 4 | (Self.hexDigit(text.start[at &+ digit]) ?? 0)
        }
        return value
    }
}
