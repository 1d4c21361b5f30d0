// SPDX-License-Identifier: MIT

extension ArrayData {
    /// The same elements from offset zero on, in buffers that hold little more than those: the
    /// form to be written out. Shares memory where a part of a buffer will do.
    ///
    /// - Throws: `ArrowError.exhausted` as `take` does.
    package func compacted() throws(ArrowError) -> ArrayData {
        if count == 0 { return emptied() }
        if case .logical = type { return try stored.compacted().retyped(as: type) }
        switch type {
        case .null: return rebuilt([])
        case .bool: return rebuilt([Self.bits(buffers[0], offset: offset, count: count)])
        case .utf8, .binary:
            let (offsets, range) = rebasedOffsets(as: Int32.self)
            return rebuilt([offsets, buffers[1].slice(range)])
        case .largeUtf8, .largeBinary:
            let (offsets, range) = rebasedOffsets(as: Int64.self)
            return rebuilt([offsets, buffers[1].slice(range)])
        case .utf8View, .binaryView: return compactedViews()
        case .list, .map: return try compactedLists(as: Int32.self)
        case .largeList: return try compactedLists(as: Int64.self)
        case .listView: return try compactedListViews(as: Int32.self)
        case .largeListView: return try compactedListViews(as: Int64.self)
        case .fixedSizeList(_, let width):
            let elements = children[0].slice(offset * width, count: count * width)
            return rebuilt([], [try elements.compacted()])
        case .structure: return rebuilt([], try compactedMembers())
        case .union(.sparse, _, _):
            return rebuilt([part(of: 0, byteWidth: 1)], try compactedMembers())
        case .union(.dense, _, _):
            var members: [ArrayData] = []
            for child in children { members.append(try child.compacted()) }
            return rebuilt([part(of: 0, byteWidth: 1), part(of: 1, byteWidth: 4)], members)
        case .runEndEncoded: return try compactedRuns()
        default: return rebuilt([part(of: 0, byteWidth: type.fixedByteWidth ?? 0)])
        }
    }

    private func emptied() -> ArrayData {
        ArrayData(
            type: type, count: 0, nullCount: 0,
            buffers: type.bufferShapes.map { _ in .empty },
            children: children.map { $0.slice(0, count: 0).emptied() }, dictionary: dictionary)
    }

    private func rebuilt(_ buffers: [Buffer], _ children: [ArrayData] = []) -> ArrayData {
        ArrayData(
            type: type, count: count, nullCount: nullCount,
            validity: validity.map { Self.bits($0, offset: offset, count: count) },
            buffers: buffers, children: children, dictionary: dictionary)
    }

    private static func bits(_ bits: Buffer, offset: Int, count: Int) -> Buffer {
        if offset & 7 != 0 { return Bitmap.copy(bits, offset: offset, count: count) }
        return bits.slice(offset >> 3..<offset >> 3 + Bitmap.byteCount(forBits: count))
    }

    private func part(of buffer: Int, byteWidth: Int) -> Buffer {
        buffers[buffer].slice(offset * byteWidth..<(offset + count) * byteWidth)
    }

    /// Offsets that start at zero, and what they pointed at before.
    private func rebasedOffsets<Offset: FixedWidthInteger & BitwiseCopyable>(
        as offsetType: Offset.Type
    ) -> (offsets: Buffer, range: Range<Int>) {
        let stride = MemoryLayout<Offset>.stride
        let source = values(as: Offset.self)
        let (first, last) = (source[0], source[count])
        let range = Int(first)..<Int(last)
        if first == 0 {
            return (buffers[0].slice(offset * stride..<(offset + count + 1) * stride), range)
        }
        var builder = BufferBuilder(byteCapacity: (count + 1) * stride)
        let target = builder.pointer(as: Offset.self)
        var index = 0
        while index <= count {
            target[index] = source[index] &- first
            index &+= 1
        }
        builder.setByteCount((count + 1) * stride)
        return (builder.finish(), range)
    }

    /// Keeps the data buffers when at least half of their bytes are in use, else copies those.
    private func compactedViews() -> ArrayData {
        let views = values(as: BinaryView.self)
        let all = buffers.dropFirst().reduce(0) { $0 + $1.byteCount }
        var used = 0
        var isClear = true
        var index = 0
        while index < count {
            if !views[index].isInline {
                if isNull(index) { isClear = false } else { used &+= views[index].count }
            }
            index &+= 1
        }
        if used >= all / 2 && isClear {
            return rebuilt([part(of: 0, byteWidth: 16)] + (used == 0 ? [] : buffers.dropFirst()))
        }
        var builder = BinaryViewBuilder(type)
        for index in 0..<count {
            if isNull(index) { builder.appendNull() } else { builder.append(bytes(at: index)) }
        }
        return builder.finish()
    }

    private func compactedLists<Offset: FixedWidthInteger & BitwiseCopyable>(
        as offsetType: Offset.Type
    ) throws(ArrowError) -> ArrayData {
        let (offsets, range) = rebasedOffsets(as: Offset.self)
        let elements = children[0].slice(range.lowerBound, count: range.count)
        return rebuilt([offsets], [try elements.compacted()])
    }

    /// Leaves out what stands before the first and behind the last element in use.
    private func compactedListViews<Offset: FixedWidthInteger & BitwiseCopyable>(
        as offsetType: Offset.Type
    ) throws(ArrowError) -> ArrayData {
        let starts = values(as: Offset.self)
        let counts = buffers[1].pointer(as: Offset.self) + offset
        var (low, high) = (Int.max, 0)
        for index in 0..<count where counts[index] > 0 {
            low = min(low, Int(starts[index]))
            high = max(high, Int(starts[index]) + Int(counts[index]))
        }
        if low > high { low = high }
        var builder = BufferBuilder(byteCapacity: count * MemoryLayout<Offset>.stride)
        for index in 0..<count {
            builder.append(counts[index] > 0 ? starts[index] - Offset(low) : 0)
        }
        return rebuilt(
            [builder.finish(), part(of: 1, byteWidth: MemoryLayout<Offset>.stride)],
            [try children[0].slice(low, count: high - low).compacted()])
    }

    private func compactedMembers() throws(ArrowError) -> [ArrayData] {
        var members: [ArrayData] = []
        for child in children { members.append(try child.slice(offset, count: count).compacted()) }
        return members
    }

    private func compactedRuns() throws(ArrowError) -> ArrayData {
        let (runEnds, runValues) = (children[0], children[1])
        let (first, last) = (runIndex(at: 0), runIndex(at: count - 1))
        var ends: [Int] = []
        for run in first...last { ends.append(min(runEnds.runEnd(at: run) - offset, count)) }
        return rebuilt(
            [],
            [
                try Self.runEnds(ends, runEnds.type),
                try runValues.slice(first, count: last - first + 1).compacted(),
            ])
    }
}
