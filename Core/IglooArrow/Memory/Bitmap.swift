// SPDX-License-Identifier: MIT

/// Bits in Arrow's order: bit `i` is bit `i & 7` of byte `i >> 3`.
public enum Bitmap {
    public static func byteCount(forBits count: Int) -> Int { (count + 7) >> 3 }

    @inlinable @inline(__always)
    public static func isSet(_ bits: UnsafePointer<UInt8>, _ index: Int) -> Bool {
        bits[index &>> 3] &>> UInt8(truncatingIfNeeded: index & 7) & 1 != 0
    }

    @inlinable @inline(__always)
    public static func set(_ bits: UnsafeMutablePointer<UInt8>, _ index: Int) {
        bits[index &>> 3] |= 1 &<< UInt8(truncatingIfNeeded: index & 7)
    }

    @inlinable @inline(__always)
    public static func clear(_ bits: UnsafeMutablePointer<UInt8>, _ index: Int) {
        bits[index &>> 3] &= ~(1 &<< UInt8(truncatingIfNeeded: index & 7))
    }

    /// How many of the `count` bits from `offset` on are one.
    public static func countOnes(
        _ bits: UnsafePointer<UInt8>, offset: Int, count: Int
    ) -> Int {
        var ones = 0
        var index = offset
        let end = offset + count
        while index < end && index & 7 != 0 {
            ones &+= isSet(bits, index) ? 1 : 0
            index &+= 1
        }
        let raw = UnsafeRawPointer(bits)
        while index &+ 64 <= end {
            ones &+= raw.loadUnaligned(fromByteOffset: index &>> 3, as: UInt64.self).nonzeroBitCount
            index &+= 64
        }
        while index < end {
            ones &+= isSet(bits, index) ? 1 : 0
            index &+= 1
        }
        return ones
    }

    /// Copies `count` bits from `offset` on to a new buffer that starts at bit 0.
    ///
    /// Bits past `count` in the last byte are zero.
    public static func copy(_ source: Buffer, offset: Int, count: Int) -> Buffer {
        let byteCount = Self.byteCount(forBits: count)
        var builder = BufferBuilder(zeroed: byteCount)
        let from = source.pointer(as: UInt8.self) + offset >> 3
        let to = builder.pointer(as: UInt8.self)
        let shift = UInt8(truncatingIfNeeded: offset & 7)
        let available = source.byteCount - offset >> 3
        var index = 0
        while index < byteCount {
            var byte = from[index] &>> shift
            if shift != 0 && index + 1 < available { byte |= from[index + 1] &<< (8 &- shift) }
            to[index] = byte
            index &+= 1
        }
        if count & 7 != 0 && byteCount > 0 {
            to[byteCount - 1] &= (1 &<< UInt8(truncatingIfNeeded: count & 7)) &- 1
        }
        return builder.finish()
    }
}
