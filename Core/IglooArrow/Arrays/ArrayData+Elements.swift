// SPDX-License-Identifier: MIT

/// Where single elements stand. Not for the data path, which works on whole buffers; all of it
/// presumes a valid array and a valid index.
extension ArrayData {
    /// The bytes of element `index` of any text or binary type. Valid as long as the array is.
    public func bytes(at index: Int) -> UnsafeRawBufferPointer {
        switch type {
        case .utf8, .binary:
            let offsets = values(as: Int32.self)
            return bytes(from: Int(offsets[index]), to: Int(offsets[index + 1]))
        case .largeUtf8, .largeBinary:
            let offsets = values(as: Int64.self)
            return bytes(from: Int(offsets[index]), to: Int(offsets[index + 1]))
        case .utf8View, .binaryView:
            let place = values(as: BinaryView.self) + index
            let view = place.pointee
            let start =
                view.isInline
                ? UnsafeRawPointer(place) + 4
                : buffers[view.bufferIndex + 1].baseAddress + view.offset
            return UnsafeRawBufferPointer(start: start, count: view.count)
        case .fixedSizeBinary(let width):
            return UnsafeRawBufferPointer(
                start: buffers[0].baseAddress + (offset + index) * width, count: width)
        case .logical: return stored.bytes(at: index)
        default: preconditionFailure("\(type) is not made of bytes")
        }
    }

    private func bytes(from start: Int, to end: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: buffers[1].baseAddress + start, count: end - start)
    }

    /// Which elements of the child make up element `index` of any list or map.
    public func listRange(at index: Int) -> Range<Int> {
        switch type {
        case .list, .map:
            let offsets = values(as: Int32.self)
            return Int(offsets[index])..<Int(offsets[index + 1])
        case .largeList:
            let offsets = values(as: Int64.self)
            return Int(offsets[index])..<Int(offsets[index + 1])
        case .listView:
            let start = Int(values(as: Int32.self)[index])
            return start..<start + Int(buffers[1].pointer(as: Int32.self)[offset + index])
        case .largeListView:
            let start = Int(values(as: Int64.self)[index])
            return start..<start + Int(buffers[1].pointer(as: Int64.self)[offset + index])
        case .fixedSizeList(_, let width):
            return (offset + index) * width..<(offset + index + 1) * width
        default: preconditionFailure("\(type) is no list")
        }
    }

    /// The value of an integer or dictionary array's element, as far as 64 bits reach.
    func integer(at index: Int, as type: DataType) -> Int {
        switch type {
        case .int8: Int(values(as: Int8.self)[index])
        case .int16: Int(values(as: Int16.self)[index])
        case .int32: Int(values(as: Int32.self)[index])
        case .uint8: Int(values(as: UInt8.self)[index])
        case .uint16: Int(values(as: UInt16.self)[index])
        case .uint32: Int(values(as: UInt32.self)[index])
        default: Int(truncatingIfNeeded: values(as: Int64.self)[index])
        }
    }

    /// Where in the dictionary the value of element `index` stands; undefined for nulls.
    public func dictionaryIndex(at index: Int) -> Int {
        guard case .dictionary(let indexType, _, _) = type else {
            preconditionFailure("\(type) is no dictionary")
        }
        return integer(at: index, as: indexType)
    }

    /// Which run of a run-end encoded array holds element `index`.
    ///
    /// - Complexity: O(log runs).
    public func runIndex(at index: Int) -> Int {
        let runEnds = children[0]
        let position = offset + index
        var low = 0
        var high = runEnds.count
        while low < high {
            let middle = low + (high - low) / 2
            if runEnds.runEnd(at: middle) > position { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Which child of a union holds element `index`, and where.
    public func unionPlace(at index: Int) -> (child: Int, index: Int) {
        guard case .union(let mode, let typeIds, _) = type else {
            preconditionFailure("\(type) is no union")
        }
        let id = values(as: Int8.self)[index]
        guard let child = typeIds.firstIndex(of: id) else {
            preconditionFailure("the union's type id \(id) is unknown")
        }
        if mode == .sparse { return (child, offset + index) }
        return (child, Int(buffers[1].pointer(as: Int32.self)[offset + index]))
    }

    /// Whether element `index` reads as null, be it in the bitmap, the dictionary, the run or the
    /// chosen member of a union.
    public func isLogicallyNull(at index: Int) -> Bool {
        if isNull(index) { return true }
        switch type {
        case .dictionary:
            return dictionary?.isLogicallyNull(at: dictionaryIndex(at: index)) ?? true
        case .runEndEncoded: return children[1].isLogicallyNull(at: runIndex(at: index))
        case .union:
            let place = unionPlace(at: index)
            return children[place.child].isLogicallyNull(at: place.index)
        default: return false
        }
    }
}
