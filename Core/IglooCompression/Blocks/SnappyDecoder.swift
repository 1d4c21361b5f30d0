// SPDX-License-Identifier: MIT

/// Decodes the elements of a snappy block: literals and copies of what was written before.
///
/// Where there is room it moves 16 bytes at a time, past the end of an element, which the next one
/// overwrites. That is what makes it quicker than the library, which calls `memmove` for each.
///
/// - Source: google/snappy, format_description.txt.
struct SnappyDecoder {
    private var input: UnsafeRawPointer
    private let inputEnd: UnsafeRawPointer
    private var output: UnsafeMutableRawPointer
    private let outputStart: UnsafeMutableRawPointer
    private let outputEnd: UnsafeMutableRawPointer

    /// An element of up to 64 bytes may be written so far past its end.
    private static let slack = 80

    /// - Parameter input: what follows the length.
    init(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        self.input = input.baseAddress.unsafelyUnwrapped
        inputEnd = self.input + input.count
        self.output = output.baseAddress.unsafelyUnwrapped
        outputStart = self.output
        outputEnd = self.output + output.count
    }

    /// Fills the output exactly; false when the input says something else.
    mutating func decode() -> Bool {
        while input < inputEnd {
            let tag = input.load(as: UInt8.self)
            input += 1
            let isSound = tag & 3 == 0 ? literal(tag) : copy(tag)
            if !isSound { return false }
        }
        return output == outputEnd
    }

    @inline(__always)
    private static func move16(_ to: UnsafeMutableRawPointer, _ from: UnsafeRawPointer) {
        let bytes = from.loadUnaligned(as: SIMD2<UInt64>.self)
        to.storeBytes(of: bytes, as: SIMD2<UInt64>.self)
    }

    @inline(__always)
    private mutating func literal(_ tag: UInt8) -> Bool {
        var count = Int(tag &>> 2) &+ 1
        if count <= 16 && inputEnd - input >= 16 && outputEnd - output >= 16 {
            Self.move16(output, input)
        } else {
            if count > 60, !longCount(&count) { return false }
            if inputEnd - input < count || outputEnd - output < count { return false }
            output.copyMemory(from: input, byteCount: count)
        }
        output += count
        input += count
        return true
    }

    /// The count of a literal of more than 60 bytes stands behind its tag, in 1 to 4 bytes.
    private mutating func longCount(_ count: inout Int) -> Bool {
        let byteCount = count - 60
        if inputEnd - input < byteCount { return false }
        count = 1
        for index in 0..<byteCount {
            count += Int(input.load(fromByteOffset: index, as: UInt8.self)) << (8 * index)
        }
        input += byteCount
        return true
    }

    @inline(__always)
    private mutating func copy(_ tag: UInt8) -> Bool {
        var count = Int(tag &>> 2) &+ 1
        let distance: Int
        if tag & 3 == 1 {
            if inputEnd - input < 1 { return false }
            count = Int(tag &>> 2 & 7) &+ 4
            distance = Int(tag & 0xE0) &<< 3 | Int(input.load(as: UInt8.self))
            input += 1
        } else if tag & 3 == 2 {
            if inputEnd - input < 2 { return false }
            distance = Int(UInt16(littleEndian: input.loadUnaligned(as: UInt16.self)))
            input += 2
        } else {
            if inputEnd - input < 4 { return false }
            distance = Int(UInt32(littleEndian: input.loadUnaligned(as: UInt32.self)))
            input += 4
        }
        if distance == 0 || distance > output - outputStart || count > outputEnd - output {
            return false
        }
        copy(distance, count)
        output += count
        return true
    }

    @inline(__always)
    private func copy(_ distance: Int, _ count: Int) {
        let from = UnsafeRawPointer(output - distance)
        guard outputEnd - output >= Self.slack else { return copyBytes(from, count) }
        if distance >= 16 {
            Self.move16(output, from)
            if count <= 16 { return }
            Self.move16(output + 16, from + 16)
            if count <= 32 { return }
            Self.move16(output + 32, from + 32)
            Self.move16(output + 48, from + 48)
            return
        }
        let word = from.loadUnaligned(as: UInt64.self)
        switch distance {
        case 8: fill(word, count)
        case 4: fill((word & 0xFFFF_FFFF) &* 0x1_0000_0001, count)
        case 2: fill((word & 0xFFFF) &* 0x1_0001_0001_0001, count)
        case 1: fill((word & 0xFF) &* 0x0101_0101_0101_0101, count)
        case 9...:
            var index = 0
            while index < count {
                let next = from.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                output.storeBytes(of: next, toByteOffset: index, as: UInt64.self)
                index &+= 8
            }
        default: copyBytes(from, count)
        }
    }

    /// The same eight bytes again and again.
    @inline(__always)
    private func fill(_ word: UInt64, _ count: Int) {
        let words = SIMD2<UInt64>(repeating: word)
        var index = 0
        while index < count {
            output.storeBytes(of: words, toByteOffset: index, as: SIMD2<UInt64>.self)
            index &+= 16
        }
    }

    /// Byte by byte: what is copied may be what was just written.
    private func copyBytes(_ from: UnsafeRawPointer, _ count: Int) {
        var index = 0
        while index < count {
            let byte = from.load(fromByteOffset: index, as: UInt8.self)
            output.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            index &+= 1
        }
    }
}
