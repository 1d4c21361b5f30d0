// SPDX-License-Identifier: MIT

import IglooArrow

/// What was read of a leaf for a batch: its array and, for nested columns, its levels.
struct LeafBatch {
    var array: ArrayData
    /// A byte an entry; `nil` where the leaf has no such levels.
    var definitions: GrowingMemory?
    var repetitions: GrowingMemory?
    var entryCount: Int
}

/// Makes bits of bytes.
enum BytePacking {
    /// A bitmap with a 1 wherever a byte, which is 0 or 1, is 1.
    static func pack(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Buffer {
        let byteCount = Bitmap.byteCount(forBits: count)
        var builder = BufferBuilder(byteCapacity: byteCount)
        let out = builder.pointer(as: UInt8.self)
        let raw = UnsafeRawPointer(bytes)
        var index = 0
        while index &+ 8 <= count {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            // Gathers the lowest bits of eight bytes in the top byte.
            out[index &>> 3] = UInt8(truncatingIfNeeded: (word &* 0x0102_0408_1020_4080) &>> 56)
            index &+= 8
        }
        if index < count {
            var last: UInt8 = 0
            for bit in 0..<(count - index) { last |= (bytes[index + bit] & 1) << UInt8(bit) }
            out[index >> 3] = last
        }
        builder.setByteCount(byteCount)
        return builder.finish()
    }
}
