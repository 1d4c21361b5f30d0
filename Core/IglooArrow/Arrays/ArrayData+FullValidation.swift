// SPDX-License-Identifier: MIT

extension ArrayData {
    /// The part of validation that looks at every element. The structure is sound already.
    func checkContents() throws(ArrowError) {
        if let validity {
            let ones = Bitmap.countOnes(validity.pointer(), offset: offset, count: count)
            guard count - ones == nullCount else {
                throw invalid("says it has \(nullCount) nulls and has \(count - ones)")
            }
        }
        guard count > 0 else { return }
        switch type {
        case .logical: try stored.checkContents()
        case .utf8, .binary, .list, .map: try checkOffsets(as: Int32.self)
        case .largeUtf8, .largeBinary, .largeList: try checkOffsets(as: Int64.self)
        case .utf8View, .binaryView: try checkViews()
        case .listView: try checkListViews(as: Int32.self)
        case .largeListView: try checkListViews(as: Int64.self)
        case .union: try checkUnion()
        case .runEndEncoded: try checkRunEnds()
        case .dictionary: try checkIndexes()
        default: break
        }
        switch type {
        case .utf8: try checkText(as: Int32.self)
        case .largeUtf8: try checkText(as: Int64.self)
        default: break
        }
    }

    private func checkOffsets<Offset: FixedWidthInteger & BitwiseCopyable>(as type: Offset.Type)
        throws(ArrowError)
    {
        let offsets = values(as: Offset.self)
        var descends = false
        var index = 0
        while index < count {
            descends = descends || offsets[index &+ 1] < offsets[index]
            index &+= 1
        }
        guard descends else { return }
        let first = (0..<count).first { offsets[$0 + 1] < offsets[$0] } ?? 0
        throw invalid("has offset \(offsets[first + 1]) after \(offsets[first]) at \(first)")
    }

    /// All bytes at once when they are text throughout and no value begins within a character;
    /// else value by value, since what belongs to nulls may be anything.
    private func checkText<Offset: FixedWidthInteger & BitwiseCopyable>(as type: Offset.Type)
        throws(ArrowError)
    {
        let offsets = values(as: Offset.self)
        let bytes = buffers[1].pointer(as: UInt8.self)
        let (start, end) = (Int(offsets[0]), Int(offsets[count]))
        if UTF8Validation.isValid(bytes + start, count: end - start) {
            var isSplit = false
            var index = 0
            while index < count {
                let begin = Int(truncatingIfNeeded: offsets[index])
                if begin < end && !UTF8Validation.isBoundary(bytes[begin]) { isSplit = true }
                index &+= 1
            }
            if !isSplit { return }
        }
        for index in 0..<count where !isNull(index) {
            let begin = Int(offsets[index])
            guard UTF8Validation.isValid(bytes + begin, count: Int(offsets[index + 1]) - begin)
            else { throw invalid("has a value at \(index) that is not UTF-8") }
        }
    }

    private func checkViews() throws(ArrowError) {
        let views = values(as: BinaryView.self)
        let isText = type == .utf8View
        var index = 0
        while index < count {
            if !isNull(index) {
                guard let bytes = checkedBytes(of: views[index], at: views + index) else {
                    throw invalid("has a view at \(index) that leads out of its data")
                }
                if isText && !UTF8Validation.isValid(bytes, count: views[index].count) {
                    throw invalid("has a value at \(index) that is not UTF-8")
                }
            }
            index &+= 1
        }
    }

    /// The bytes of a view, `nil` when it is out of bounds or its prefix or padding is wrong.
    private func checkedBytes(
        of view: BinaryView, at place: UnsafePointer<BinaryView>
    ) -> UnsafePointer<UInt8>? {
        if view.isInline {
            let bytes = UnsafeRawPointer(place) + 4
            let canonical = BinaryView(inline: bytes, count: view.count)
            guard canonical.low == view.low, canonical.high == view.high else { return nil }
            return bytes.assumingMemoryBound(to: UInt8.self)
        }
        let bufferIndex = view.bufferIndex
        guard view.count <= Int(Int32.max), bufferIndex < buffers.count - 1 else { return nil }
        let data = buffers[bufferIndex + 1]
        guard view.offset <= Int(Int32.max), view.offset + view.count <= data.byteCount else {
            return nil
        }
        let bytes = data.baseAddress + view.offset
        guard bytes.loadUnaligned(as: UInt32.self) == UInt32(view.low >> 32) else { return nil }
        return bytes.assumingMemoryBound(to: UInt8.self)
    }

    private func checkListViews<Offset: FixedWidthInteger & BitwiseCopyable>(
        as type: Offset.Type
    ) throws(ArrowError) {
        let offsets = values(as: Offset.self)
        let counts = buffers[1].pointer(as: Offset.self) + offset
        let limit = children[0].count
        var index = 0
        while index < count {
            let (start, length) = (Int(offsets[index]), Int(counts[index]))
            guard start >= 0, length >= 0, start <= limit, length <= limit - start else {
                throw invalid(
                    "has a list at \(index) of \(length) values from \(start) on of \(limit)")
            }
            index &+= 1
        }
    }

    private func checkUnion() throws(ArrowError) {
        guard case .union(let mode, let typeIds, _) = type else { return }
        let ids = values(as: Int8.self)
        let places = mode == .dense ? buffers[1].pointer(as: Int32.self) + offset : nil
        let childOfId = Self.childIndexes(ofTypeIds: typeIds)
        for index in 0..<count {
            let child = ids[index] < 0 ? -1 : childOfId[Int(ids[index])]
            guard child >= 0 else {
                throw invalid("has the unknown type id \(ids[index]) at \(index)")
            }
            guard let places else { continue }
            guard places[index] >= 0, Int(places[index]) < children[child].count else {
                throw invalid(
                    "has offset \(places[index]) at \(index) into \(children[child].count) values")
            }
        }
    }

    /// Which child stands for each of the 128 possible type ids, -1 for none.
    static func childIndexes(ofTypeIds typeIds: [Int8]) -> [Int] {
        var indexes = [Int](repeating: -1, count: 128)
        for (index, id) in typeIds.enumerated() where id >= 0 { indexes[Int(id)] = index }
        return indexes
    }

    private func checkRunEnds() throws(ArrowError) {
        let runEnds = children[0]
        var previous = 0
        for index in 0..<runEnds.count {
            let end = runEnds.runEnd(at: index)
            guard end > previous else {
                throw invalid("has run end \(end) after \(previous) at \(index)")
            }
            previous = end
        }
    }

    private func checkIndexes() throws(ArrowError) {
        guard case .dictionary(let index, _, _) = type, let dictionary else { return }
        switch index {
        case .int8: try checkIndexes(as: Int8.self, limit: dictionary.count)
        case .int16: try checkIndexes(as: Int16.self, limit: dictionary.count)
        case .int32: try checkIndexes(as: Int32.self, limit: dictionary.count)
        case .int64: try checkIndexes(as: Int64.self, limit: dictionary.count)
        case .uint8: try checkIndexes(as: UInt8.self, limit: dictionary.count)
        case .uint16: try checkIndexes(as: UInt16.self, limit: dictionary.count)
        case .uint32: try checkIndexes(as: UInt32.self, limit: dictionary.count)
        default: try checkIndexes(as: UInt64.self, limit: dictionary.count)
        }
    }

    private func checkIndexes<Index: FixedWidthInteger & BitwiseCopyable>(
        as type: Index.Type, limit: Int
    ) throws(ArrowError) {
        let indexes = values(as: Index.self)
        let limit = UInt64(limit)
        var index = 0
        while index < count {
            // A negative index is a huge one.
            if UInt64(truncatingIfNeeded: indexes[index]) >= limit && !isNull(index) {
                throw invalid("has index \(indexes[index]) at \(index) into \(limit) values")
            }
            index &+= 1
        }
    }
}
