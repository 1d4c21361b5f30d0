// SPDX-License-Identifier: MIT

import IglooContracts

/// Text of another encoding, as UTF-8. A byte order mark stays one.
///
/// - Threads: one at a time.
final class TranscodingByteStream: ByteStream, @unchecked Sendable {
    // SAFETY: one thread at a time, by the protocol's contract.
    private static let inputByteCount = 64 << 10

    private let source: any ByteStream
    private let encoding: TextEncoding
    private let path: String
    private let input = TextChunk(byteCapacity: TranscodingByteStream.inputByteCount)
    /// Bytes of `input` that are not whole characters yet.
    private var keptCount = 0
    private var position: Int64 = 0
    /// At most three bytes a byte of input.
    private let output = TextChunk(byteCapacity: TranscodingByteStream.inputByteCount * 3)
    private var outputStart = 0
    private var outputEnd = 0
    private var isAtEnd = false

    init(_ source: any ByteStream, _ encoding: TextEncoding, _ path: String) {
        self.source = source
        self.encoding = encoding
        self.path = path
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(IglooError) -> Int {
        var done = 0
        while done < buffer.count {
            if outputStart == outputEnd {
                if isAtEnd { break }
                try convert()
                continue
            }
            let count = min(buffer.count - done, outputEnd - outputStart)
            if let base = buffer.baseAddress {
                (base + done).copyMemory(from: output.bytes + outputStart, byteCount: count)
            }
            outputStart += count
            done += count
        }
        return done
    }

    func checkUnchanged() throws(IglooError) { try source.checkUnchanged() }

    private func convert() throws(IglooError) {
        let room = UnsafeMutableRawBufferPointer(
            start: input.bytes + keptCount, count: input.byteCapacity - keptCount)
        let read = try source.read(into: room)
        isAtEnd = read < room.count
        let count = keptCount + read
        (outputStart, outputEnd) = (0, 0)
        let used = encoding == .latin1 ? convertLatin1(count) : try convertUTF16(count)
        keptCount = count - used
        input.bytes.update(from: input.bytes + used, count: keptCount)
        position += Int64(used)
        if isAtEnd && keptCount > 0 { throw malformed(0) }
    }

    private func convertLatin1(_ count: Int) -> Int {
        var index = 0
        while index < count {
            put(UInt32(input.bytes[index]))
            index &+= 1
        }
        return count
    }

    /// - Returns: the bytes that were whole characters.
    private func convertUTF16(_ count: Int) throws(IglooError) -> Int {
        let high = encoding == .utf16BigEndian ? 0 : 1
        var index = 0
        while index &+ 1 < count {
            let unit =
                UInt32(input.bytes[index &+ high]) &<< 8 | UInt32(input.bytes[index &+ 1 &- high])
            if unit & 0xF800 != 0xD800 {
                put(unit)
                index &+= 2
                continue
            }
            guard unit < 0xDC00 else { throw malformed(index) }
            if index &+ 3 >= count { return index }
            let low =
                UInt32(input.bytes[index &+ 2 &+ high]) &<< 8
                | UInt32(input.bytes[index &+ 3 &- high])
            guard low & 0xFC00 == 0xDC00 else { throw malformed(index) }
            put(0x10000 &+ (unit & 0x3FF) &<< 10 &+ (low & 0x3FF))
            index &+= 4
        }
        return index
    }

    @inline(__always)
    private func put(_ scalar: UInt32) {
        let bytes = output.bytes + outputEnd
        if scalar < 0x80 {
            bytes[0] = UInt8(truncatingIfNeeded: scalar)
            outputEnd &+= 1
        } else if scalar < 0x800 {
            bytes[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar &>> 6)
            bytes[1] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
            outputEnd &+= 2
        } else if scalar < 0x10000 {
            bytes[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar &>> 12)
            bytes[1] = UInt8(truncatingIfNeeded: 0x80 | scalar &>> 6 & 0x3F)
            bytes[2] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
            outputEnd &+= 3
        } else {
            bytes[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar &>> 18)
            bytes[1] = UInt8(truncatingIfNeeded: 0x80 | scalar &>> 12 & 0x3F)
            bytes[2] = UInt8(truncatingIfNeeded: 0x80 | scalar &>> 6 & 0x3F)
            bytes[3] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
            outputEnd &+= 4
        }
    }

    private func malformed(_ index: Int) -> IglooError {
        IglooError(
            .invalidData,
            "'\(path)' is not valid UTF-16: half a character at byte \(position + Int64(index))",
            hint: "the option encoding says how the file is encoded",
            sqlState: .invalidTextRepresentation)
    }
}
