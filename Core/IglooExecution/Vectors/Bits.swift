// SPDX-License-Identifier: MIT

import IglooArrow

/// Whole bitmaps at a time. Results start at bit 0; bits past the count are undefined.
enum Bits {
    /// `count` bits from `offset` on, shared where they begin with a byte.
    static func aligned(_ buffer: Buffer, offset: Int, count: Int) -> Buffer {
        if offset & 7 == 0 {
            let start = offset >> 3
            return buffer.slice(start..<start + Bitmap.byteCount(forBits: count))
        }
        return Bitmap.copy(buffer, offset: offset, count: count)
    }

    static func validity(of array: ArrayData) -> Buffer? {
        array.validity.map { aligned($0, offset: array.offset, count: array.count) }
    }

    /// The values of a bool array.
    static func values(of array: ArrayData) -> Buffer {
        aligned(array.buffers[0], offset: array.offset, count: array.count)
    }

    /// The values of a bool vector, one a row.
    static func values(of vector: Vector, count: Int) -> Buffer {
        guard vector.isConstant else { return values(of: vector.array) }
        let bit = Bitmap.isSet(vector.array.buffers[0].pointer(), vector.array.offset)
        return filled(bit && !vector.array.isNull(0), count: count)
    }

    static func filled(_ bit: Bool, count: Int) -> Buffer {
        let byteCount = Bitmap.byteCount(forBits: count)
        var builder = BufferBuilder(byteCapacity: byteCount)
        builder.baseAddress.initializeMemory(
            as: UInt8.self, repeating: bit ? 0xFF : 0, count: byteCount)
        builder.setByteCount(byteCount)
        return builder.finish()
    }

    /// The bytes of two bitmaps, combined.
    @inline(__always)
    static func combine(
        _ left: Buffer, _ right: Buffer, count: Int, _ body: (UInt8, UInt8) -> UInt8
    ) -> Buffer {
        let byteCount = Bitmap.byteCount(forBits: count)
        var builder = BufferBuilder(byteCapacity: byteCount)
        let to = builder.pointer(as: UInt8.self)
        let (x, y) = (left.pointer(as: UInt8.self), right.pointer(as: UInt8.self))
        var i = 0
        while i < byteCount {
            to[i] = body(x[i], y[i])
            i &+= 1
        }
        builder.setByteCount(byteCount)
        return builder.finish()
    }

    static func and(_ left: Buffer, _ right: Buffer, count: Int) -> Buffer {
        combine(left, right, count: count) { $0 & $1 }
    }

    static func or(_ left: Buffer, _ right: Buffer, count: Int) -> Buffer {
        combine(left, right, count: count) { $0 | $1 }
    }

    /// Set in the left and not in the right.
    static func andNot(_ left: Buffer, _ right: Buffer, count: Int) -> Buffer {
        combine(left, right, count: count) { $0 & ~$1 }
    }

    static func not(_ bits: Buffer, count: Int) -> Buffer {
        combine(bits, bits, count: count) { x, _ in ~x }
    }

    /// Valid where all are; `nil` when nothing is null.
    static func and(_ left: Buffer?, _ right: Buffer?, count: Int) -> Buffer? {
        guard let left else { return right }
        guard let right else { return left }
        return and(left, right, count: count)
    }

    /// One bit a row.
    @inline(__always)
    static func make(_ count: Int, _ body: (Int) -> Bool) -> Buffer {
        let wordCount = (count + 63) >> 6
        var builder = BufferBuilder(byteCapacity: wordCount * 8)
        let words = builder.pointer(as: UInt64.self)
        var w = 0
        while w < count >> 6 {
            var bits: UInt64 = 0
            let base = w << 6
            var i = 0
            while i < 64 {
                bits |= (body(base &+ i) ? 1 : 0) &<< UInt64(truncatingIfNeeded: i)
                i &+= 1
            }
            words[w] = bits
            w &+= 1
        }
        if count & 63 != 0 {
            var bits: UInt64 = 0
            let base = w << 6
            var i = 0
            while base &+ i < count {
                bits |= (body(base &+ i) ? 1 : 0) &<< UInt64(truncatingIfNeeded: i)
                i &+= 1
            }
            words[w] = bits
        }
        builder.setByteCount(Bitmap.byteCount(forBits: count))
        return builder.finish()
    }
}
