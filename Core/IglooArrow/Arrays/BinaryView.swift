// SPDX-License-Identifier: MIT

/// One value of a `utf8View` or `binaryView` array: up to 12 bytes inline, else a prefix and a
/// place in a data buffer.
///
/// - Shape: 16 bytes: int32 byte count; then either 12 bytes, zero-padded, or 4 bytes of prefix,
///   int32 index of the data buffer, int32 offset in it.
/// - Source: Arrow columnar format, "Variable-size Binary View Layout".
@frozen
public struct BinaryView: BitwiseCopyable, Sendable {
    /// Count in the low half, prefix in the high half.
    public var low: UInt64
    /// The rest of the bytes, or the buffer index (low half) and offset (high half).
    public var high: UInt64

    public static let inlineByteCountMax = 12

    @inlinable @inline(__always)
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// The view of no bytes.
    @inlinable @inline(__always)
    public init() { self.init(low: 0, high: 0) }

    /// A view over `count` bytes at `bytes`, which stand at `offset` of data buffer `bufferIndex`.
    /// Up to 12 bytes are copied into the view, and the place is not used.
    @inlinable @inline(__always)
    public init(_ bytes: UnsafeRawPointer, count: Int, bufferIndex: Int32, offset: Int32) {
        if count <= Self.inlineByteCountMax {
            self.init(inline: bytes, count: count)
        } else {
            let prefix = bytes.loadUnaligned(as: UInt32.self)
            self.init(
                low: UInt64(truncatingIfNeeded: count) & 0xFFFF_FFFF | UInt64(prefix) << 32,
                high: UInt64(UInt32(bitPattern: bufferIndex))
                    | UInt64(UInt32(bitPattern: offset)) << 32)
        }
    }

    /// A view that holds its at most 12 bytes itself.
    @inlinable @inline(__always)
    public init(inline bytes: UnsafeRawPointer, count: Int) {
        var words: (UInt64, UInt64) = (UInt64(truncatingIfNeeded: count), 0)
        withUnsafeMutableBytes(of: &words) { raw in
            var index = 0
            while index < count {
                raw[4 &+ index] = bytes.load(fromByteOffset: index, as: UInt8.self)
                index &+= 1
            }
        }
        self.init(low: words.0, high: words.1)
    }

    @inlinable @inline(__always)
    public var count: Int { Int(truncatingIfNeeded: low & 0xFFFF_FFFF) }

    @inlinable @inline(__always)
    public var isInline: Bool { count <= Self.inlineByteCountMax }

    @inlinable @inline(__always)
    public var bufferIndex: Int { Int(truncatingIfNeeded: high & 0xFFFF_FFFF) }

    @inlinable @inline(__always)
    public var offset: Int { Int(truncatingIfNeeded: high >> 32) }
}
