// SPDX-License-Identifier: MIT

/// What stands in the place of nulls, which Arrow leaves undefined.
///
/// A view or a dictionary's index under a null may lead anywhere (pandas leaves -1 there). Data
/// from outside is cleared of such, so that kernels may follow them without asking for validity.
package enum NullSlots {
    /// The same buffers with a zero under each null whose view or index leads somewhere; copies
    /// only when there is one.
    ///
    /// - Parameter dictionaryCount: how many values the indexes of a dictionary reach.
    package static func cleared(
        _ buffers: [Buffer], type: DataType, count: Int, offset: Int, validity: Buffer?,
        dictionaryCount: Int
    ) -> [Buffer] {
        guard count > 0, let validity, let slots = buffers.first else { return buffers }
        let width: Int
        switch type {
        case .utf8View, .binaryView: width = 16
        case .dictionary(let index, _, _): width = index.fixedByteWidth ?? 0
        default: return buffers
        }
        // Too short a buffer is the validation's business.
        guard width > 0, slots.byteCount / width >= offset + count,
            validity.byteCount >= Bitmap.byteCount(forBits: offset + count)
        else { return buffers }
        let bits = validity.pointer(as: UInt8.self)
        let limit = UInt64(dictionaryCount)
        let place =
            switch width {
            case 1: firstBeyond(slots, UInt8.self, limit, bits, offset, count)
            case 2: firstBeyond(slots, UInt16.self, limit, bits, offset, count)
            case 4: firstBeyond(slots, UInt32.self, limit, bits, offset, count)
            case 8: firstBeyond(slots, UInt64.self, limit, bits, offset, count)
            default: firstOutside(slots, bits, offset, count)
            }
        guard let place else { return buffers }
        var builder = BufferBuilder(byteCapacity: slots.byteCount)
        builder.append(slots.bytes)
        for index in place..<offset + count where !Bitmap.isSet(bits, index) {
            (builder.baseAddress + index * width).initializeMemory(
                as: UInt8.self, repeating: 0, count: width)
        }
        return [builder.finish()] + buffers.dropFirst()
    }

    private static func firstBeyond<Index: FixedWidthInteger & BitwiseCopyable>(
        _ slots: Buffer, _: Index.Type, _ limit: UInt64, _ bits: UnsafePointer<UInt8>,
        _ offset: Int, _ count: Int
    ) -> Int? {
        let indexes = slots.pointer(as: Index.self)
        var place = offset
        while place < offset &+ count {
            if UInt64(truncatingIfNeeded: indexes[place]) >= limit && !Bitmap.isSet(bits, place)
                && indexes[place] != 0
            {
                return place
            }
            place &+= 1
        }
        return nil
    }

    private static func firstOutside(
        _ slots: Buffer, _ bits: UnsafePointer<UInt8>, _ offset: Int, _ count: Int
    ) -> Int? {
        let views = slots.pointer(as: BinaryView.self)
        var place = offset
        while place < offset &+ count {
            if !views[place].isInline && !Bitmap.isSet(bits, place) { return place }
            place &+= 1
        }
        return nil
    }
}
