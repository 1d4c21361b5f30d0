// SPDX-License-Identifier: MIT

/// What the engine's other parts ask of JSON.
public enum JSONDocument {
    @Sendable
    public static func isValid(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { JSONScanner(UnsafeRawBufferPointer($0)).document() != nil }
    }
}

/// Finds values in the text of JSON without building anything.
///
/// - Source: RFC 8259.
struct JSONScanner {
    /// Arrays and objects within each other, at most.
    static let depthMax = 1_000

    let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The one value of the text, without white space around it; `nil` when it is no JSON.
    func document() -> Range<Int>? {
        let start = skipSpaces(0)
        guard let end = skipValue(start, 0), skipSpaces(end) == bytes.count else { return nil }
        return start..<end
    }

    func skipSpaces(_ from: Int) -> Int {
        var index = from
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            index &+= 1
        }
        return index
    }

    /// Where the value that begins at `index` ends; `nil` when it is malformed.
    func skipValue(_ index: Int, _ depth: Int) -> Int? {
        guard index < bytes.count, depth <= Self.depthMax else { return nil }
        switch bytes[index] {
        case UInt8(ascii: "{"):
            return skipItems(index, depth, UInt8(ascii: "}")) { place in
                guard place < bytes.count, bytes[place] == 0x22, let end = skipString(place) else {
                    return nil
                }
                let colon = skipSpaces(end)
                guard colon < bytes.count, bytes[colon] == UInt8(ascii: ":") else { return nil }
                return skipValue(skipSpaces(colon + 1), depth + 1)
            }
        case UInt8(ascii: "["):
            return skipItems(index, depth, UInt8(ascii: "]")) { skipValue($0, depth + 1) }
        case 0x22: return skipString(index)
        case UInt8(ascii: "t"): return skipWord("true", index)
        case UInt8(ascii: "f"): return skipWord("false", index)
        case UInt8(ascii: "n"): return skipWord("null", index)
        default: return skipNumber(index)
        }
    }

    /// Over `item, item ...` up to the closing bracket.
    private func skipItems(
        _ start: Int, _ depth: Int, _ close: UInt8, _ item: (Int) -> Int?
    ) -> Int? {
        var index = skipSpaces(start + 1)
        if index < bytes.count, bytes[index] == close { return index + 1 }
        while let end = item(index) {
            index = skipSpaces(end)
            guard index < bytes.count else { return nil }
            if bytes[index] == close { return index + 1 }
            guard bytes[index] == UInt8(ascii: ",") else { return nil }
            index = skipSpaces(index + 1)
        }
        return nil
    }

    func skipString(_ start: Int) -> Int? {
        var index = start + 1
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x22 { return index + 1 }
            if byte < 0x20 { return nil }
            index &+= 1
            guard byte == UInt8(ascii: "\\") else { continue }
            guard index < bytes.count else { return nil }
            switch bytes[index] {
            case UInt8(ascii: "u"):
                guard hexadecimal(index + 1) != nil else { return nil }
                index += 5
            case 0x22, UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
                UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                index += 1
            default: return nil
            }
        }
        return nil
    }

    private func hexadecimal(_ index: Int) -> UInt32? {
        guard index + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for place in index..<index + 4 {
            guard let digit = HexText.value(bytes[place]) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private func skipWord(_ word: StaticString, _ index: Int) -> Int? {
        let count = word.utf8CodeUnitCount
        guard index + count <= bytes.count else { return nil }
        for place in 0..<count where bytes[index + place] != word.utf8Start[place] { return nil }
        return index + count
    }

    private func skipNumber(_ start: Int) -> Int? {
        var index = start
        func digits() -> Int {
            let first = index
            while index < bytes.count, bytes[index] &- 0x30 < 10 { index += 1 }
            return index - first
        }
        if bytes[index] == UInt8(ascii: "-") { index += 1 }
        let first = index
        let whole = digits()
        guard whole > 0, whole == 1 || bytes[first] != 0x30 else { return nil }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            guard digits() > 0 else { return nil }
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < bytes.count, bytes[index] == 0x2B || bytes[index] == 0x2D { index += 1 }
            guard digits() > 0 else { return nil }
        }
        return index
    }

    // MARK: - Parts, of valid JSON

    /// Calls `body` with each item of an array, or value of an object with its key's place.
    func eachItem(_ value: Range<Int>, _ body: (_ key: Range<Int>?, _ item: Range<Int>) -> Bool) {
        let isObject = bytes[value.lowerBound] == UInt8(ascii: "{")
        guard isObject || bytes[value.lowerBound] == UInt8(ascii: "[") else { return }
        var index = skipSpaces(value.lowerBound + 1)
        while index < value.upperBound - 1 {
            var key: Range<Int>?
            if isObject {
                guard let end = skipString(index) else { return }
                key = index..<end
                index = skipSpaces(skipSpaces(end) + 1)
            }
            guard let end = skipValue(index, 0), body(key, index..<end) else { return }
            index = skipSpaces(end)
            if index < value.upperBound - 1 { index = skipSpaces(index + 1) }
        }
    }

    func member(_ name: [UInt8], of value: Range<Int>) -> Range<Int>? {
        guard bytes[value.lowerBound] == UInt8(ascii: "{") else { return nil }
        var found: Range<Int>?
        eachItem(value) { key, item in
            if let key, isKey(key, name) { found = item }
            return found == nil
        }
        return found
    }

    func isKey(_ key: Range<Int>, _ name: [UInt8]) -> Bool {
        let inner = key.lowerBound + 1..<key.upperBound - 1
        if bytes[inner].contains(UInt8(ascii: "\\")) { return string(key) == name }
        return inner.count == name.count && zip(bytes[inner], name).allSatisfy(==)
    }

    /// From 0, or from the end if negative.
    func item(_ index: Int64, of value: Range<Int>) -> Range<Int>? {
        guard bytes[value.lowerBound] == UInt8(ascii: "[") else { return nil }
        var left = index
        if index < 0 {
            var count: Int64 = 0
            eachItem(value) { _, _ in
                count += 1
                return true
            }
            left = count + index
            if left < 0 { return nil }
        }
        var found: Range<Int>?
        eachItem(value) { _, item in
            if left == 0 { found = item }
            left -= 1
            return found == nil
        }
        return found
    }

    /// The text of a string between quotes, its escapes undone.
    func string(_ value: Range<Int>) -> [UInt8] {
        var text: [UInt8] = []
        var index = value.lowerBound + 1
        let end = value.upperBound - 1
        while index < end {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < end else {
                text.append(byte)
                continue
            }
            let letter = bytes[index]
            index += 1
            switch letter {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"): append(unicodeAt: &index, to: &text)
            default: text.append(letter)
            }
        }
        return text
    }

    private func append(unicodeAt index: inout Int, to text: inout [UInt8]) {
        var value = hexadecimal(index) ?? 0xFFFD
        index += 4
        if value & 0xFC00 == 0xD800, index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u"), let low = hexadecimal(index + 2),
            low & 0xFC00 == 0xDC00
        {
            value = 0x10000 + ((value & 0x3FF) << 10 | low & 0x3FF)
            index += 6
        }
        text.append(contentsOf: String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8)
    }
}
