// SPDX-License-Identifier: MIT

import IglooArrow

/// Bytes of many values, which stay where they are as more come in.
///
/// - Threads: one may append; any number may read what was there before.
final class ByteHeap: @unchecked Sendable {
    // SAFETY: bytes are written once, before anyone is told where they are.
    private var chunks: [UnsafeMutableRawPointer] = []
    private var usedCounts: [Int] = []
    private var capacity = 0
    private(set) var byteCount = 0
    private static let chunkByteCountMax = 16 << 20
    /// Buffers may be read so far past their end.
    private static let padding = 64

    deinit { for chunk in chunks { RawMemory.release(chunk) } }

    /// Copies bytes and says where they are: chunk and offset, as a view's upper word does.
    func append(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        if bytes.count > capacity - (usedCounts.last ?? 0) {
            capacity = max(bytes.count, min(max(4_096, 2 * capacity), Self.chunkByteCountMax))
            byteCount += capacity
            chunks.append(RawMemory.resized(nil, to: capacity + Self.padding))
            usedCounts.append(0)
        }
        let last = chunks.count - 1
        let used = usedCounts[last]
        (chunks[last] + used).copyMemory(
            from: bytes.baseAddress.unsafelyUnwrapped, byteCount: bytes.count)
        usedCounts[last] = used + bytes.count
        return UInt64(last) | UInt64(used) << 32
    }

    /// Where the bytes of an upper word begin.
    @inline(__always)
    func address(_ place: UInt64) -> UnsafeRawPointer {
        UnsafeRawPointer(chunks[Int(truncatingIfNeeded: place & 0xFFFF_FFFF)])
            + Int(truncatingIfNeeded: place >> 32)
    }

    /// The chunks, for arrays of views.
    var buffers: [Buffer] {
        zip(chunks, usedCounts).map { Buffer(baseAddress: $0, byteCount: $1, keeping: self) }
    }
}
