// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The data buffers that the views of a batch point into.
final class ViewSink {
    private(set) var buffers: [Buffer] = []

    /// The number under which views refer to `buffer`, which is added unless it came last.
    func index(of buffer: Buffer) -> Int32 {
        if let last = buffers.last, last.baseAddress == buffer.baseAddress {
            return Int32(buffers.count - 1)
        }
        buffers.append(buffer)
        return Int32(buffers.count - 1)
    }

    /// Takes back the last buffer, to which no view refers.
    func removeLast() { buffers.removeLast() }

    /// Begins the next batch; `first` gets the number 0.
    func reset(first: Buffer?) {
        buffers = first.map { [$0] } ?? []
    }
}

/// What must hold for text.
enum TextCheck {
    /// Whether all bytes are ASCII. True for most text, and for its byte counts below 128 too.
    static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var index = 0
        while index &+ 256 <= bytes.count {
            var all: UInt64 = 0
            var word = 0
            while word < 32 {
                all |= base.loadUnaligned(fromByteOffset: index &+ word &* 8, as: UInt64.self)
                word &+= 1
            }
            if all & 0x8080_8080_8080_8080 != 0 { return false }
            index &+= 256
        }
        var all: UInt8 = 0
        while index < bytes.count {
            all |= base.load(fromByteOffset: index, as: UInt8.self)
            index &+= 1
        }
        return all < 0x80
    }

    static func check(_ bytes: UnsafeRawPointer, _ count: Int) throws(IglooError) {
        let isValid = UTF8Validation.isValid(
            bytes.assumingMemoryBound(to: UInt8.self), count: count)
        guard isValid else {
            let shown = UnsafeRawBufferPointer(start: bytes, count: min(count, 20))
            throw malformed("text is not UTF-8: '\(String(decoding: shown, as: UTF8.self))'")
        }
    }
}

extension BinaryView {
    /// A view of `count` bytes, of which 16 may be read whatever the count.
    @inline(__always)
    init(padded bytes: UnsafeRawPointer, count: Int, bufferIndex: Int32, offset: Int) {
        let head = UInt64(bytes.loadUnaligned(as: UInt32.self))
        let low = UInt64(truncatingIfNeeded: count)
        if count > Self.inlineByteCountMax {
            self.init(
                low: low | head &<< 32,
                high: UInt64(UInt32(bitPattern: bufferIndex))
                    | UInt64(truncatingIfNeeded: offset) &<< 32)
            return
        }
        let tail = bytes.loadUnaligned(fromByteOffset: 4, as: UInt64.self)
        let bits = UInt64(truncatingIfNeeded: count) &* 8
        // Bytes behind the end become zero.
        let headMask = bits >= 32 ? 0xFFFF_FFFF : (1 &<< bits) &- 1
        let tailBits = bits > 32 ? bits &- 32 : 0
        let tailMask = tailBits >= 64 ? UInt64.max : (UInt64(1) &<< tailBits) &- 1
        self.init(low: low | (head & headMask) &<< 32, high: tail & tailMask)
    }
}
