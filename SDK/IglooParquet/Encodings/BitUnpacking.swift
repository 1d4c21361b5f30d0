// SPDX-License-Identifier: MIT

import CIglooKernels

/// Unpacks little-endian bit-packed integers.
///
/// Each call may read up to 32 bytes behind the last value: pages are padded.
enum BitUnpacking {
    /// Unpacks `count` values of `width` bits, at most 32, beginning at value number `start`.
    static func unpack(
        _ source: UnsafeRawPointer, start: Int, width: Int, count: Int,
        into target: UnsafeMutablePointer<UInt32>
    ) {
        if width == 0 { return target.update(repeating: 0, count: count) }
        var index = 0
        if width <= 25 {
            // From a group's boundary, where a byte begins, to another one.
            let first = min(count, -start & 7)
            let groups = (count - first) / 8
            each(0..<first, source, start, width, target)
            igloo_unpack(
                source + ((start &+ first) &>> 3) &* width, UInt32(width), groups, target + first)
            index = first + groups * 8
        }
        each(index..<count, source, start, width, target)
    }

    private static func each(
        _ range: Range<Int>, _ source: UnsafeRawPointer, _ start: Int, _ width: Int,
        _ target: UnsafeMutablePointer<UInt32>
    ) {
        var index = range.lowerBound
        while index < range.upperBound {
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
