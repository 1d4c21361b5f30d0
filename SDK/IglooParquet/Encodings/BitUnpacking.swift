// SPDX-License-Identifier: MIT

/// Unpacks little-endian bit-packed integers.
///
/// Each call may read up to 16 bytes behind the last value: pages are padded.
enum BitUnpacking {
    /// Unpacks `count` values of `width` bits, at most 32, beginning at value number `start`.
    static func unpack(
        _ source: UnsafeRawPointer, start: Int, width: Int, count: Int,
        into target: UnsafeMutablePointer<UInt32>
    ) {
        switch width {
        case 0:
            target.update(repeating: 0, count: count)
        case 1: fixed(source, start, 1, count, target)
        case 2: fixed(source, start, 2, count, target)
        case 3: fixed(source, start, 3, count, target)
        case 4: fixed(source, start, 4, count, target)
        case 5: fixed(source, start, 5, count, target)
        case 6: fixed(source, start, 6, count, target)
        case 7: fixed(source, start, 7, count, target)
        case 8: fixed(source, start, 8, count, target)
        case 9: fixed(source, start, 9, count, target)
        case 10: fixed(source, start, 10, count, target)
        case 11: fixed(source, start, 11, count, target)
        case 12: fixed(source, start, 12, count, target)
        case 13: fixed(source, start, 13, count, target)
        case 14: fixed(source, start, 14, count, target)
        case 15: fixed(source, start, 15, count, target)
        case 16: fixed(source, start, 16, count, target)
        case 17: fixed(source, start, 17, count, target)
        case 18: fixed(source, start, 18, count, target)
        default: any(source, start, width, count, target)
        }
    }

    /// With a constant `width` the compiler knows the eight shifts of each group.
    @inline(__always)
    private static func fixed(
        _ source: UnsafeRawPointer, _ start: Int, _ width: Int, _ count: Int,
        _ target: UnsafeMutablePointer<UInt32>
    ) {
        var index = 0
        // Up to a group's boundary, where a byte begins.
        while index < count && (start &+ index) & 7 != 0 {
            target[index] = one(source, start &+ index, width)
            index &+= 1
        }
        var group = source + ((start &+ index) &>> 3) &* width
        let mask = UInt64(1) &<< UInt64(width) &- 1
        while index &+ 8 <= count {
            var k = 0
            while k < 8 {
                let bit = k &* width
                let word = group.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
                target[index &+ k] = UInt32(
                    truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: bit & 7) & mask)
                k &+= 1
            }
            group += width
            index &+= 8
        }
        while index < count {
            target[index] = one(source, start &+ index, width)
            index &+= 1
        }
    }

    private static func any(
        _ source: UnsafeRawPointer, _ start: Int, _ width: Int, _ count: Int,
        _ target: UnsafeMutablePointer<UInt32>
    ) {
        var index = 0
        while index < count {
            target[index] = one(source, start &+ index, width)
            index &+= 1
        }
    }

    @inline(__always)
    private static func one(_ source: UnsafeRawPointer, _ index: Int, _ width: Int) -> UInt32 {
        let bit = index &* width
        let word = source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
        let mask = UInt64(1) &<< UInt64(truncatingIfNeeded: width) &- 1
        return UInt32(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: bit & 7) & mask)
    }

    /// Unpacks `count` levels of `width` bits, at most 8.
    static func unpackBytes(
        _ source: UnsafeRawPointer, start: Int, width: Int, count: Int,
        into target: UnsafeMutablePointer<UInt8>
    ) {
        let mask = UInt64(1) &<< UInt64(truncatingIfNeeded: width) &- 1
        var index = 0
        if width == 1 && start & 7 == 0 {
            let bytes = source + start &>> 3
            while index &+ 8 <= count {
                let byte = bytes.load(fromByteOffset: index &>> 3, as: UInt8.self)
                storeBits(byte, target + index)
                index &+= 8
            }
        }
        while index < count {
            let bit = (start &+ index) &* width
            let word = source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt16.self)
            target[index] = UInt8(
                truncatingIfNeeded: UInt64(word) &>> UInt64(truncatingIfNeeded: bit & 7) & mask)
            index &+= 1
        }
    }

    /// The eight bits as eight bytes of 0 or 1.
    @inline(__always)
    static func storeBits(_ bits: UInt8, _ target: UnsafeMutablePointer<UInt8>) {
        let spread = UInt64(bits) &* 0x0101_0101_0101_0101 & 0x8040_2010_0804_0201
        // Each byte that is not zero becomes 1.
        let ones = ((spread &+ 0x7F7F_7F7F_7F7F_7F7F) | spread) &>> 7 & 0x0101_0101_0101_0101
        UnsafeMutableRawPointer(target).storeBytes(of: ones, as: UInt64.self)
    }

    /// Unpacks `count` values of `width` bits, at most 64.
    static func unpackWide(
        _ source: UnsafeRawPointer, start: Int, width: Int, count: Int,
        into target: UnsafeMutablePointer<UInt64>
    ) {
        let mask = width == 64 ? UInt64.max : UInt64(1) &<< UInt64(width) &- 1
        var index = 0
        if width <= 56 {
            while index < count {
                let bit = (start &+ index) &* width
                let word = source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
                target[index] = word &>> UInt64(truncatingIfNeeded: bit & 7) & mask
                index &+= 1
            }
            return
        }
        while index < count {
            let bit = (start &+ index) &* width
            let shift = UInt64(truncatingIfNeeded: bit & 7)
            let low = source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
            let high = source.load(fromByteOffset: bit &>> 3 &+ 8, as: UInt8.self)
            let upper = shift == 0 ? 0 : UInt64(high) &<< (64 &- shift)
            target[index] = (low &>> shift | upper) & mask
            index &+= 1
        }
    }
}
