// SPDX-License-Identifier: MIT

extension ArrayData {
    /// The elements at `indexes`, in that order; -1 stands for null.
    ///
    /// Dictionaries, data buffers of views and the children of list views are shared, not copied.
    ///
    /// - Throws: `ArrowError.exhausted` when the result outgrows its offsets or run ends;
    ///   `.invalid` for a null in a union without members.
    public func take(_ indexes: [Int]) throws(ArrowError) -> ArrayData {
        precondition(
            indexes.allSatisfy { $0 >= -1 && $0 < count }, "an index is outside the array")
        if case .logical = type { return try stored.take(indexes).retyped(as: type) }
        let validity = takenValidity(indexes)
        func taken(
            _ buffers: [Buffer], _ children: [ArrayData] = []
        ) -> ArrayData {
            ArrayData(
                type: type, count: indexes.count,
                nullCount: type.hasValidity ? nil : type == .null ? indexes.count : 0,
                validity: validity, buffers: buffers, children: children, dictionary: dictionary)
        }
        switch type {
        case .null: return taken([])
        case .bool:
            return taken([Self.takenBits(buffers[0], offset: offset, indexes, missing: false)])
        case .utf8, .binary: return taken(try takenBytes(indexes, as: Int32.self))
        case .largeUtf8, .largeBinary: return taken(try takenBytes(indexes, as: Int64.self))
        case .utf8View, .binaryView:
            return taken([takenWords(indexes, of: 0, byteWidth: 16)] + buffers.dropFirst())
        case .listView, .largeListView:
            let width = type.offsetByteWidth ?? 4
            return taken(
                [
                    takenWords(indexes, of: 0, byteWidth: width),
                    takenWords(indexes, of: 1, byteWidth: width),
                ], children)
        case .list, .map:
            let (offsets, elements) = try takenLists(indexes, as: Int32.self)
            return taken([offsets], [try children[0].take(elements)])
        case .largeList:
            let (offsets, elements) = try takenLists(indexes, as: Int64.self)
            return taken([offsets], [try children[0].take(elements)])
        case .fixedSizeList(_, let width):
            var elements: [Int] = []
            for index in indexes {
                for place in 0..<width {
                    elements.append(index < 0 ? -1 : (offset + index) * width + place)
                }
            }
            return taken([], [try children[0].take(elements)])
        case .structure: return taken([], try takenChildren(indexes))
        case .union(.sparse, _, _):
            return taken([try takenTypeIds(indexes)], try takenChildren(indexes))
        case .union(.dense, _, _): return try takenDense(indexes)
        case .runEndEncoded: return try takenRuns(indexes)
        default:
            return taken([takenWords(indexes, of: 0, byteWidth: type.fixedByteWidth ?? 0)])
        }
    }

    private func takenChildren(_ indexes: [Int]) throws(ArrowError) -> [ArrayData] {
        let places = indexes.map { $0 < 0 ? -1 : offset + $0 }
        var taken: [ArrayData] = []
        for child in children { taken.append(try child.take(places)) }
        return taken
    }

    private func takenValidity(_ indexes: [Int]) -> Buffer? {
        guard type.hasValidity else { return nil }
        if let validity {
            return Self.takenBits(validity, offset: offset, indexes, missing: false)
        }
        guard indexes.contains(-1) else { return nil }
        var builder = BufferBuilder(zeroed: Bitmap.byteCount(forBits: indexes.count))
        let bits = builder.pointer(as: UInt8.self)
        for (place, index) in indexes.enumerated() where index >= 0 { Bitmap.set(bits, place) }
        return builder.finish()
    }

    private static func takenBits(
        _ source: Buffer, offset: Int, _ indexes: [Int], missing: Bool
    ) -> Buffer {
        var builder = BufferBuilder(zeroed: Bitmap.byteCount(forBits: indexes.count))
        let from = source.pointer(as: UInt8.self)
        let to = builder.pointer(as: UInt8.self)
        indexes.withUnsafeBufferPointer { indexes in
            var place = 0
            while place < indexes.count {
                let index = indexes[place]
                if index < 0 ? missing : Bitmap.isSet(from, offset &+ index) {
                    Bitmap.set(to, place)
                }
                place &+= 1
            }
        }
        return builder.finish()
    }

    /// Values of fixed width; zeros for nulls.
    private func takenWords(_ indexes: [Int], of buffer: Int, byteWidth: Int) -> Buffer {
        let from = buffers[buffer].baseAddress + offset * byteWidth
        switch byteWidth {
        case 1: return Self.gathered(indexes, from, zero: UInt8(0))
        case 2: return Self.gathered(indexes, from, zero: UInt16(0))
        case 4: return Self.gathered(indexes, from, zero: UInt32(0))
        case 8: return Self.gathered(indexes, from, zero: UInt64(0))
        case 16: return Self.gathered(indexes, from, zero: BinaryView())
        default: break
        }
        var builder = BufferBuilder(byteCapacity: indexes.count * byteWidth)
        for index in indexes {
            if index < 0 {
                builder.append(zeros: byteWidth)
            } else {
                builder.append(
                    UnsafeRawBufferPointer(start: from + index * byteWidth, count: byteWidth))
            }
        }
        return builder.finish()
    }

    private static func gathered<Word: BitwiseCopyable>(
        _ indexes: [Int], _ source: UnsafeRawPointer, zero: Word
    ) -> Buffer {
        var builder = BufferBuilder(byteCapacity: indexes.count * MemoryLayout<Word>.stride)
        let from = source.assumingMemoryBound(to: Word.self)
        let to = builder.pointer(as: Word.self)
        indexes.withUnsafeBufferPointer { indexes in
            var place = 0
            while place < indexes.count {
                let index = indexes[place]
                to[place] = index < 0 ? zero : from[index]
                place &+= 1
            }
        }
        builder.setByteCount(indexes.count * MemoryLayout<Word>.stride)
        return builder.finish()
    }

    private func takenBytes<Offset: FixedWidthInteger & BitwiseCopyable>(
        _ indexes: [Int], as offsetType: Offset.Type
    ) throws(ArrowError) -> [Buffer] {
        let offsets = values(as: Offset.self)
        var ends = BufferBuilder(byteCapacity: (indexes.count + 1) * MemoryLayout<Offset>.stride)
        var bytes = BufferBuilder()
        ends.append(Offset(0))
        for index in indexes {
            if index >= 0 {
                let start = Int(offsets[index])
                bytes.append(
                    UnsafeRawBufferPointer(
                        start: buffers[1].baseAddress + start,
                        count: Int(offsets[index + 1]) - start))
            }
            ends.append(try reach(bytes.byteCount, as: Offset.self))
        }
        return [ends.finish(), bytes.finish()]
    }

    private func takenLists<Offset: FixedWidthInteger & BitwiseCopyable>(
        _ indexes: [Int], as offsetType: Offset.Type
    ) throws(ArrowError) -> (offsets: Buffer, elements: [Int]) {
        var ends = BufferBuilder(byteCapacity: (indexes.count + 1) * MemoryLayout<Offset>.stride)
        var elements: [Int] = []
        ends.append(Offset(0))
        for index in indexes {
            if index >= 0 && !isNull(index) { elements.append(contentsOf: listRange(at: index)) }
            ends.append(try reach(elements.count, as: Offset.self))
        }
        return (ends.finish(), elements)
    }

    func reach<Offset: FixedWidthInteger>(
        _ end: Int, as type: Offset.Type
    ) throws(ArrowError) -> Offset {
        guard let offset = Offset(exactly: end) else {
            throw ArrowError(.exhausted, "an array of \(self.type) cannot reach to \(end)")
        }
        return offset
    }

    private func takenTypeIds(_ indexes: [Int]) throws(ArrowError) -> Buffer {
        guard case .union(_, let typeIds, _) = type, let first = typeIds.first else {
            if indexes.contains(-1) { throw invalid("has no member to be null") }
            return .empty
        }
        let ids = values(as: Int8.self)
        return Buffer(copying: indexes.map { $0 < 0 ? first : ids[$0] })
    }

    /// Members stay where they are, and gain one null that all missing elements point at.
    private func takenDense(_ indexes: [Int]) throws(ArrowError) -> ArrayData {
        let ids = try takenTypeIds(indexes)
        var members = children
        var missing: Int32 = 0
        if indexes.contains(-1) {
            missing = try reach(members[0].count, as: Int32.self)
            let null = ArrayBuilder(members[0].type)
            try null.appendNull()
            members[0] = try ArrayData.concatenating([members[0], null.finish()])
        }
        let places = buffers[1].pointer(as: Int32.self) + offset
        let offsets = Buffer(copying: indexes.map { $0 < 0 ? missing : places[$0] })
        return ArrayData(
            type: type, count: indexes.count, buffers: [ids, offsets], children: members)
    }

    /// Neighbours from the same run make one run again.
    private func takenRuns(_ indexes: [Int]) throws(ArrowError) -> ArrayData {
        var runs: [Int] = []
        var ends: [Int] = []
        for (place, index) in indexes.enumerated() {
            let run = index < 0 ? -1 : runIndex(at: index)
            if runs.last == run {
                ends[ends.count - 1] = place + 1
            } else {
                runs.append(run)
                ends.append(place + 1)
            }
        }
        return ArrayData(
            type: type, count: indexes.count,
            children: [
                try Self.runEnds(ends, children[0].type), try children[1].take(runs),
            ])
    }

    /// Run ends as an array of `type`.
    static func runEnds(_ ends: [Int], _ type: DataType) throws(ArrowError) -> ArrayData {
        let builder = ArrayBuilder(type)
        for end in ends {
            do throws(ArrowError) {
                try builder.append(.int(Int64(end)))
            } catch {
                throw ArrowError(.exhausted, "run ends of \(type) cannot reach to \(end)")
            }
        }
        return builder.finish()
    }
}
