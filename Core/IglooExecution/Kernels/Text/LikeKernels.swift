// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// LIKE and ILIKE: a constant pattern is compiled once.
enum LikeKernels {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        guard call.name == "like" || call.name == "ilike" else { return nil }
        let ignoresCase = call.name == "ilike"
        if let pattern = call.constantText(1),
            call.parameters.count == 2 || call.constantText(2) != nil
        {
            let compiled = try compile(pattern, call.constantText(2), ignoresCase)
            return { (call) throws(IglooError) in match(call, compiled, ignoresCase) }
        }
        return { (call) throws(IglooError) in try matchEach(call, ignoresCase) }
    }

    private static func compile(
        _ pattern: String, _ escape: String?, _ ignoresCase: Bool
    ) throws(IglooError) -> LikePattern {
        let bytes = Array((ignoresCase ? LetterCase.lower(pattern) : pattern).utf8)
        let escapeBytes = escape.map { Array((ignoresCase ? LetterCase.lower($0) : $0).utf8) }
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(IglooError) in
                guard let escapeBytes else { return try LikePattern(bytes, escape: nil) }
                let inner = escapeBytes.withUnsafeBytes { escape in
                    Result { () throws(IglooError) in try LikePattern(bytes, escape: escape) }
                }
                return try inner.get()
            }
        }
        return try result.get()
    }

    private static func match(
        _ call: KernelCall, _ pattern: LikePattern, _ ignoresCase: Bool
    ) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        if !ignoresCase {
            return call.bits(
                Bits.make(call.count) { call.isValid($0) && pattern.matches(reader[$0]) })
        }
        return call.bits(
            Bits.make(call.count) { row in
                guard call.isValid(row) else { return false }
                return LetterCase.withLower(reader[row]) { pattern.matches($0) }
            })
    }

    /// Patterns that differ by row are compiled when they change.
    private static func matchEach(
        _ call: KernelCall, _ ignoresCase: Bool
    ) throws(IglooError) -> ArrayData {
        let (texts, patterns) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
        let escapes = call.arguments.count > 2 ? ViewReader(call.arguments[2]) : nil
        var last: (key: [String?], pattern: LikePattern)?
        var builder = BufferBuilder(zeroed: Bitmap.byteCount(forBits: call.count))
        for row in 0..<call.count where call.isValid(row) {
            let key = [patterns[row].text, escapes?[row].text]
            let pattern: LikePattern
            if let last, last.key == key {
                pattern = last.pattern
            } else {
                pattern = try compile(key[0] ?? "", key[1], ignoresCase)
                last = (key, pattern)
            }
            let isMatch =
                ignoresCase
                ? LetterCase.withLower(texts[row]) { pattern.matches($0) }
                : pattern.matches(texts[row])
            if isMatch { Bitmap.set(builder.pointer(), row) }
        }
        return call.bits(builder.finish())
    }
}

/// Upper and lower case, by Unicode's mappings of single characters.
enum LetterCase {
    static func lower(_ text: String) -> String { mapped(text) { $0.lowercaseMapping } }
    static func upper(_ text: String) -> String { mapped(text) { $0.uppercaseMapping } }

    private static func mapped(
        _ text: String, _ map: (Unicode.Scalar.Properties) -> String
    ) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            // PostgreSQL maps a character to a character: what would become two stays.
            let mapping = map(scalar.properties).unicodeScalars
            result.unicodeScalars.append(
                mapping.count == 1 ? mapping[mapping.startIndex] : scalar)
        }
        return result
    }

    static func withLower<Value>(
        _ text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Value
    ) -> Value {
        if UTF8Bytes.isASCII(text) {
            return withUnsafeTemporaryAllocation(byteCount: max(text.count, 1), alignment: 1) {
                buffer in
                var i = 0
                while i < text.count {
                    buffer[i] = lowerByte(text[i])
                    i &+= 1
                }
                return body(UnsafeRawBufferPointer(rebasing: buffer[..<text.count]))
            }
        }
        var lowered = lower(text.text)
        return lowered.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    @inline(__always)
    static func lowerByte(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    @inline(__always)
    static func upperByte(_ byte: UInt8) -> UInt8 {
        byte &- 0x61 < 26 ? byte & 0xDF : byte
    }
}
