// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

extension RowSelection {
    /// The selected elements of a flat array that begins at its buffers' beginning.
    func take(_ array: ArrayData) throws(IglooError) -> ArrayData {
        if array.type == .null { return ArrayData(type: .null, count: count) }
        let validity = array.validity.map { Self.takeBits($0, base, count) }
        var buffers = array.buffers
        if array.type == .bool {
            buffers[0] = Self.takeBits(buffers[0], base, count)
        } else {
            let width = array.type.isViewLike ? 16 : array.type.fixedByteWidth ?? 0
            let memory = try PooledMemory(byteCapacity: count * width)
            Gather.gather(
                buffers[0].baseAddress, base, count, into: memory.base, width: width)
            buffers[0] = memory.buffer(byteCount: count * width)
        }
        return ArrayData(
            type: array.type, count: count, validity: validity, buffers: buffers,
            dictionary: array.dictionary)
    }

    private static func takeBits(
        _ bits: Buffer, _ indexes: UnsafePointer<UInt32>, _ count: Int
    ) -> Buffer {
        let source = bits.pointer(as: UInt8.self)
        let byteCount = Bitmap.byteCount(forBits: count)
        var builder = BufferBuilder(byteCapacity: byteCount)
        let target = builder.pointer(as: UInt8.self)
        var byte: UInt8 = 0
        var index = 0
        while index < count {
            let from = Int(truncatingIfNeeded: indexes[index])
            let bit = source[from &>> 3] &>> UInt8(truncatingIfNeeded: from & 7) & 1
            byte |= bit &<< UInt8(truncatingIfNeeded: index & 7)
            index &+= 1
            if index & 7 == 0 || index == count {
                target[(index &- 1) &>> 3] = byte
                byte = 0
            }
        }
        builder.setByteCount(byteCount)
        return builder.finish()
    }
}

extension DataType {
    fileprivate var isViewLike: Bool { self == .utf8View || self == .binaryView }
}
