// SPDX-License-Identifier: MIT

extension ArrayData {
    /// Whether both arrays are of the same type and hold the same values, wherever those stand.
    ///
    /// Offsets, the place of long strings, order and rest of dictionaries, and what stands under
    /// nulls make no difference. Floating-point numbers are compared by their bits, so a NaN
    /// equals itself and zero does not equal minus zero. Dictionaries and runs are compared by
    /// value, unions by member and value.
    public func isEqual(to other: ArrayData) -> Bool {
        guard type == other.type, count == other.count else { return false }
        if type.hasLogicalType { return stored.isEqual(to: other.stored) }
        for index in 0..<count where !isElement(index, equalTo: index, of: other) { return false }
        return true
    }

    /// The first element in which the arrays differ, `nil` when they are equal; a difference in
    /// type or count shows at 0 or at the end of the shorter.
    public func firstDifference(from other: ArrayData) -> Int? {
        guard type == other.type else { return 0 }
        if type.hasLogicalType { return stored.firstDifference(from: other.stored) }
        for index in 0..<min(count, other.count)
        where !isElement(index, equalTo: index, of: other) {
            return index
        }
        return count == other.count ? nil : min(count, other.count)
    }

    private func isElement(_ index: Int, equalTo otherIndex: Int, of other: ArrayData) -> Bool {
        let isNull = isLogicallyNull(at: index)
        guard isNull == other.isLogicallyNull(at: otherIndex) else { return false }
        switch type {
        case .union(_, let typeIds, _):
            let (place, otherPlace) = (unionPlace(at: index), other.unionPlace(at: otherIndex))
            return typeIds[place.child] == typeIds[otherPlace.child]
                && children[place.child].isElement(
                    place.index, equalTo: otherPlace.index, of: other.children[otherPlace.child])
        case _ where isNull: return true
        case .bool:
            return Bitmap.isSet(buffers[0].pointer(), offset + index)
                == Bitmap.isSet(other.buffers[0].pointer(), other.offset + otherIndex)
        case .utf8, .largeUtf8, .utf8View, .binary, .largeBinary, .binaryView:
            let (bytes, otherBytes) = (bytes(at: index), other.bytes(at: otherIndex))
            guard bytes.count == otherBytes.count else { return false }
            guard let left = bytes.baseAddress, let right = otherBytes.baseAddress else {
                return true
            }
            return PlatformMemory.areEqual(left, right, byteCount: bytes.count)
        case .list, .largeList, .listView, .largeListView, .fixedSizeList, .map:
            let (range, otherRange) = (listRange(at: index), other.listRange(at: otherIndex))
            guard range.count == otherRange.count else { return false }
            for (left, right) in zip(range, otherRange)
            where !children[0].isElement(left, equalTo: right, of: other.children[0]) {
                return false
            }
            return true
        case .structure:
            for (child, otherChild) in zip(children, other.children)
            where !child.isElement(
                offset + index, equalTo: other.offset + otherIndex, of: otherChild)
            {
                return false
            }
            return true
        case .dictionary:
            guard let dictionary, let otherDictionary = other.dictionary else { return false }
            return dictionary.isElement(
                dictionaryIndex(at: index), equalTo: other.dictionaryIndex(at: otherIndex),
                of: otherDictionary)
        case .runEndEncoded:
            return children[1].isElement(
                runIndex(at: index), equalTo: other.runIndex(at: otherIndex), of: other.children[1])
        default:
            let width = type.fixedByteWidth ?? 0
            return PlatformMemory.areEqual(
                buffers[0].baseAddress + (offset + index) * width,
                other.buffers[0].baseAddress + (other.offset + otherIndex) * width,
                byteCount: width)
        }
    }
}

extension RecordBatch {
    /// Whether both batches have the same schema and hold the same values; see `ArrayData`.
    public func isEqual(to other: RecordBatch) -> Bool {
        guard schema == other.schema, rowCount == other.rowCount else { return false }
        for (column, otherColumn) in zip(columns, other.columns)
        where !column.isEqual(to: otherColumn) {
            return false
        }
        return true
    }
}
