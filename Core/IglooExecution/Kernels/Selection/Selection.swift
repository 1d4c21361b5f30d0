// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The rows for which a bool array is true (not false, not null), in order.
func selectedIndexes(of mask: ArrayData) -> [UInt32] {
    if mask.type == .null { return [] }
    let values = Bits.values(of: mask)
    let bits = Bits.validity(of: mask).map { Bits.and(values, $0, count: mask.count) } ?? values
    return setBits(bits, count: mask.count)
}

/// The places of the ones among `count` bits.
func setBits(_ bits: Buffer, count: Int) -> [UInt32] {
    let ones = Bitmap.countOnes(bits.pointer(), offset: 0, count: count)
    return [UInt32](unsafeUninitializedCapacity: ones) { indexes, filled in
        let bytes = bits.baseAddress
        var place = 0
        var base = 0
        while base < count {
            var word: UInt64 = 0
            if base &+ 64 <= count {
                word = bytes.loadUnaligned(fromByteOffset: base &>> 3, as: UInt64.self)
            } else {
                var i = base
                while i < count {
                    let bit = Bitmap.isSet(bits.pointer(), i)
                    word |= (bit ? 1 : 0) &<< UInt64(truncatingIfNeeded: i &- base)
                    i &+= 1
                }
            }
            while word != 0 {
                indexes[place] = UInt32(truncatingIfNeeded: base &+ word.trailingZeroBitCount)
                place &+= 1
                word &= word &- 1
            }
            base &+= 64
        }
        filled = place
    }
}

extension Batch {
    /// The rows for which `mask` is true; this very batch when all are.
    func filtered(by mask: ArrayData) throws(IglooError) -> Batch {
        let indexes = selectedIndexes(of: mask)
        return indexes.count == rowCount ? self : try gathered(indexes)
    }

    /// The rows at `indexes`, in that order.
    func gathered(_ indexes: [UInt32]) throws(IglooError) -> Batch {
        var gathered: [ArrayData] = []
        gathered.reserveCapacity(columns.count)
        for column in columns { gathered.append(try gather(column, indexes: indexes)) }
        return Batch(columns: gathered, rowCount: indexes.count)
    }
}
