// SPDX-License-Identifier: MIT

/// Characters (code points) of valid UTF-8.
enum UTF8Bytes {
    /// Bytes of the character that begins at `index`, within the text.
    @inline(__always)
    static func characterByteCount(_ text: UnsafeRawBufferPointer, _ index: Int) -> Int {
        let byte = text[index]
        let count = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        return min(count, text.count &- index)
    }

    /// The code point of `width` bytes at `index`.
    @inline(__always)
    static func scalar(_ text: UnsafeRawBufferPointer, _ index: Int, _ width: Int) -> UInt32 {
        let first = UInt32(text[index])
        if width == 1 { return first }
        let second = UInt32(text[index &+ 1]) & 0x3F
        if width == 2 { return (first & 0x1F) << 6 | second }
        let third = UInt32(text[index &+ 2]) & 0x3F
        if width == 3 { return (first & 0x0F) << 12 | second << 6 | third }
        return (first & 0x07) << 18 | second << 12 | third << 6 | UInt32(text[index &+ 3]) & 0x3F
    }

    static func isASCII(_ text: UnsafeRawBufferPointer) -> Bool {
        var bits: UInt8 = 0
        var i = 0
        while i < text.count {
            bits |= text[i]
            i &+= 1
        }
        return bits < 0x80
    }

    static func characterCount(_ text: UnsafeRawBufferPointer) -> Int {
        var count = 0
        var i = 0
        while i < text.count {
            count &+= text[i] & 0xC0 != 0x80 ? 1 : 0
            i &+= 1
        }
        return count
    }

    /// Where the character `count` characters behind `start` begins, or the text's end.
    static func offset(_ text: UnsafeRawBufferPointer, from start: Int, by count: Int) -> Int {
        var index = start
        var left = count
        while left > 0 && index < text.count {
            index += characterByteCount(text, index)
            left -= 1
        }
        return index
    }

    /// Code points from the beginning.
    static func scalars(_ text: UnsafeRawBufferPointer) -> String.UnicodeScalarView {
        text.text.unicodeScalars
    }
}
