// SPDX-License-Identifier: MIT

extension ArrayData {
    /// The elements of all `arrays`, one after the other.
    ///
    /// Data buffers of views are shared. Dictionaries that differ are merged, each value once.
    ///
    /// - Throws: `ArrowError.exhausted` when the result outgrows its offsets, indexes or run ends.
    public static func concatenating(_ arrays: [ArrayData]) throws(ArrowError) -> ArrayData {
        guard let first = arrays.first else { preconditionFailure("no array to concatenate") }
        precondition(arrays.allSatisfy { $0.type == first.type }, "arrays of differing types")
        let filled = arrays.filter { $0.count > 0 }
        guard filled.count > 1 else { return filled.first ?? first }
        if case .logical = first.type {
            return try concatenating(filled.map(\.stored)).retyped(as: first.type)
        }
        return try ArrayConcatenation(filled).result()
    }
}

/// Two or more arrays of one type, none of them empty.
private struct ArrayConcatenation {
    private let arrays: [ArrayData]
    private let type: DataType
    private let count: Int

    init(_ arrays: [ArrayData]) throws(ArrowError) {
        self.arrays = arrays
        type = arrays[0].type
        var count = 0
        for array in arrays {
            count += array.count
            if count > ArrayData.countMax { throw array.invalid("is too large together") }
        }
        self.count = count
    }

    func result() throws(ArrowError) -> ArrayData {
        var buffers: [Buffer] = []
        var children: [ArrayData] = []
        var dictionary: ArrayData?
        switch type {
        case .null: break
        case .bool: buffers = [bits { $0.buffers[0] } ?? .empty]
        case .utf8, .binary: buffers = try bytes(as: Int32.self)
        case .largeUtf8, .largeBinary: buffers = try bytes(as: Int64.self)
        case .utf8View, .binaryView: buffers = try views()
        case .list, .map: (buffers, children) = try lists(as: Int32.self)
        case .largeList: (buffers, children) = try lists(as: Int64.self)
        case .listView: (buffers, children) = try listViews(as: Int32.self)
        case .largeListView: (buffers, children) = try listViews(as: Int64.self)
        case .fixedSizeList(_, let width):
            children = [
                try child { $0.children[0].slice($0.offset * width, count: $0.count * width) }
            ]
        case .structure: children = try members()
        case .union(.sparse, _, _): (buffers, children) = ([words(0, byteWidth: 1)], try members())
        case .union(.dense, _, _): (buffers, children) = try denseUnion()
        case .runEndEncoded: children = try runs()
        case .dictionary(let index, _, _): (buffers, dictionary) = try dictionaries(index)
        default: buffers = [words(0, byteWidth: type.fixedByteWidth ?? 0)]
        }
        let nullCount = arrays.reduce(0) { $0 + $1.nullCount }
        return ArrayData(
            type: type, count: count, nullCount: nullCount, validity: validity(), buffers: buffers,
            children: children, dictionary: dictionary)
    }

    private func validity() -> Buffer? {
        guard type.hasValidity, arrays.contains(where: { $0.validity != nil }) else { return nil }
        return bits { $0.validity }
    }

    /// Bits one after the other; ones where an array has none.
    private func bits(_ source: (ArrayData) -> Buffer?) -> Buffer? {
        var builder = BufferBuilder(zeroed: Bitmap.byteCount(forBits: count))
        let to = builder.pointer(as: UInt8.self)
        var place = 0
        for array in arrays {
            let from = source(array)?.pointer(as: UInt8.self)
            var index = 0
            while index < array.count {
                if from.map({ Bitmap.isSet($0, array.offset &+ index) }) ?? true {
                    Bitmap.set(to, place &+ index)
                }
                index &+= 1
            }
            place += array.count
        }
        return builder.finish()
    }

    private func words(_ buffer: Int, byteWidth: Int) -> Buffer {
        var builder = BufferBuilder(byteCapacity: count * byteWidth)
        for array in arrays {
            builder.append(
                UnsafeRawBufferPointer(
                    start: array.buffers[buffer].baseAddress + array.offset * byteWidth,
                    count: array.count * byteWidth))
        }
        return builder.finish()
    }

    private func child(_ part: (ArrayData) -> ArrayData) throws(ArrowError) -> ArrayData {
        try ArrayData.concatenating(arrays.map(part))
    }

    private func members() throws(ArrowError) -> [ArrayData] {
        var members: [ArrayData] = []
        for index in type.childFields.indices {
            members.append(try child { $0.children[index].slice($0.offset, count: $0.count) })
        }
        return members
    }

    /// Offsets from zero on; `ranges` receives what part of its values each array uses.
    private func offsets<Offset: FixedWidthInteger & BitwiseCopyable>(
        as offsetType: Offset.Type, ranges: inout [Range<Int>]
    ) throws(ArrowError) -> Buffer {
        var builder = BufferBuilder(byteCapacity: (count + 1) * MemoryLayout<Offset>.stride)
        builder.append(Offset(0))
        var end = 0
        for array in arrays {
            let offsets = array.values(as: Offset.self)
            let (first, last) = (Int(offsets[0]), Int(offsets[array.count]))
            _ = try array.reach(end + last - first, as: Offset.self)
            let shift = Offset(truncatingIfNeeded: end - first)
            var index = 1
            while index <= array.count {
                builder.append(offsets[index] &+ shift)
                index &+= 1
            }
            ranges.append(first..<last)
            end += last - first
        }
        return builder.finish()
    }

    private func bytes<Offset: FixedWidthInteger & BitwiseCopyable>(
        as offsetType: Offset.Type
    ) throws(ArrowError) -> [Buffer] {
        var ranges: [Range<Int>] = []
        let offsets = try offsets(as: Offset.self, ranges: &ranges)
        var builder = BufferBuilder(byteCapacity: ranges.reduce(0) { $0 + $1.count })
        for (array, range) in zip(arrays, ranges) {
            builder.append(UnsafeRawBufferPointer(rebasing: array.buffers[1].bytes[range]))
        }
        return [offsets, builder.finish()]
    }

    private func lists<Offset: FixedWidthInteger & BitwiseCopyable>(
        as offsetType: Offset.Type
    ) throws(ArrowError) -> ([Buffer], [ArrayData]) {
        var ranges: [Range<Int>] = []
        let offsets = try offsets(as: Offset.self, ranges: &ranges)
        let parts = zip(arrays, ranges).map {
            $0.children[0].slice($1.lowerBound, count: $1.count)
        }
        return ([offsets], [try ArrayData.concatenating(parts)])
    }

    private func listViews<Offset: FixedWidthInteger & BitwiseCopyable>(
        as offsetType: Offset.Type
    ) throws(ArrowError) -> ([Buffer], [ArrayData]) {
        var starts = BufferBuilder(byteCapacity: count * MemoryLayout<Offset>.stride)
        var base = 0
        for array in arrays {
            let offsets = array.values(as: Offset.self)
            _ = try array.reach(base + array.children[0].count, as: Offset.self)
            for index in 0..<array.count {
                starts.append(offsets[index] &+ Offset(truncatingIfNeeded: base))
            }
            base += array.children[0].count
        }
        let counts = words(1, byteWidth: MemoryLayout<Offset>.stride)
        return ([starts.finish(), counts], [try child { $0.children[0] }])
    }

    /// Views of the second and further arrays point at later data buffers; a data buffer that
    /// several arrays share is listed once.
    private func views() throws(ArrowError) -> [Buffer] {
        var data: [Buffer] = []
        var places: [UnsafeRawPointer: Int32] = [:]
        var views = BufferBuilder(byteCapacity: count * 16)
        for array in arrays {
            var placeOfBuffer: [Int32] = []
            for buffer in array.buffers.dropFirst() {
                // Same address, but another extent: a place of its own.
                if let place = places[buffer.baseAddress],
                    data[Int(place)].byteCount >= buffer.byteCount
                {
                    placeOfBuffer.append(place)
                } else {
                    let place = try array.reach(data.count, as: Int32.self)
                    places[buffer.baseAddress] = place
                    placeOfBuffer.append(place)
                    data.append(buffer)
                }
            }
            let source = array.values(as: BinaryView.self)
            for index in 0..<array.count {
                let view = source[index]
                // What stands under a null may point anywhere.
                if array.isNull(index) {
                    views.append(BinaryView())
                } else if view.isInline {
                    views.append(view)
                } else {
                    let place = UInt32(bitPattern: placeOfBuffer[view.bufferIndex])
                    views.append(
                        BinaryView(
                            low: view.low, high: (view.high & 0xFFFF_FFFF_0000_0000) | UInt64(place)
                        ))
                }
            }
        }
        return [views.finish()] + data
    }

    private func denseUnion() throws(ArrowError) -> ([Buffer], [ArrayData]) {
        guard case .union(_, let typeIds, _) = type else { return ([], []) }
        let childOfId = ArrayData.childIndexes(ofTypeIds: typeIds)
        var bases = [Int](repeating: 0, count: typeIds.count)
        var offsets = BufferBuilder(byteCapacity: count * 4)
        for array in arrays {
            let ids = array.values(as: Int8.self)
            let places = array.buffers[1].pointer(as: Int32.self) + array.offset
            for index in 0..<array.count {
                let base = bases[childOfId[Int(ids[index])]]
                offsets.append(try array.reach(base + Int(places[index]), as: Int32.self))
            }
            for index in bases.indices { bases[index] += array.children[index].count }
        }
        var members: [ArrayData] = []
        for index in typeIds.indices { members.append(try child { $0.children[index] }) }
        return ([words(0, byteWidth: 1), offsets.finish()], members)
    }

    private func runs() throws(ArrowError) -> [ArrayData] {
        var ends: [Int] = []
        var parts: [ArrayData] = []
        var base = 0
        for array in arrays {
            let first = array.runIndex(at: 0)
            let last = array.runIndex(at: array.count - 1)
            for run in first...last {
                let end = array.children[0].runEnd(at: run) - array.offset
                ends.append(base + min(end, array.count))
            }
            parts.append(array.children[1].slice(first, count: last - first + 1))
            base += array.count
        }
        return [
            try ArrayData.runEnds(ends, arrays[0].children[0].type),
            try ArrayData.concatenating(parts),
        ]
    }

    private func dictionaries(
        _ index: DataType
    ) throws(ArrowError) -> ([Buffer], ArrayData?) {
        let first = arrays[0].dictionary
        if arrays.allSatisfy({ $0.dictionary === first }) {
            return ([words(0, byteWidth: index.fixedByteWidth ?? 0)], first)
        }
        var merged = DictionaryMerge()
        var indexes = BufferBuilder(byteCapacity: count * (index.fixedByteWidth ?? 0))
        for array in arrays {
            guard let dictionary = array.dictionary else { continue }
            let mapped = try array.mapped(to: merged.places(of: dictionary), index)
            withExtendedLifetime(mapped) { indexes.append(mapped.bytes) }
        }
        return ([indexes.finish()], try merged.dictionary())
    }
}

/// The distinct values of several dictionaries, in order of their first occurrence.
private struct DictionaryMerge {
    private var parts: [ArrayData] = []
    private var chosen: [Int] = []
    private var base = 0
    private var placeOfValue: [Scalar: Int] = [:]
    private var placesOfPart: [ObjectIdentifier: [Int]] = [:]

    /// Takes in the first dictionary as it is, repeated values too.
    mutating func keep(_ dictionary: ArrayData) {
        for index in 0..<dictionary.count {
            let value = dictionary.scalar(at: index)
            if placeOfValue[value] == nil { placeOfValue[value] = index }
        }
        chosen = Array(0..<dictionary.count)
        base = dictionary.count
        parts.append(dictionary)
        placesOfPart[ObjectIdentifier(dictionary)] = chosen
    }

    /// Where each value of `dictionary` stands in the merged one.
    mutating func places(of dictionary: ArrayData) -> [Int] {
        if let known = placesOfPart[ObjectIdentifier(dictionary)] { return known }
        var places: [Int] = []
        for index in 0..<dictionary.count {
            let value = dictionary.scalar(at: index)
            if let place = placeOfValue[value] {
                places.append(place)
            } else {
                placeOfValue[value] = chosen.count
                places.append(chosen.count)
                chosen.append(base + index)
            }
        }
        base += dictionary.count
        parts.append(dictionary)
        placesOfPart[ObjectIdentifier(dictionary)] = places
        return places
    }

    func dictionary() throws(ArrowError) -> ArrayData {
        try ArrayData.concatenating(parts).take(chosen)
    }
}

extension ArrayData {
    /// This dictionary array's dictionary with the new values of another's behind it, and the other
    /// array over that.
    package func mergingDictionary(
        of other: ArrayData
    ) throws(ArrowError) -> (dictionary: ArrayData, array: ArrayData) {
        guard case .dictionary(let index, _, _) = other.type, let dictionary,
            let otherDictionary = other.dictionary
        else { preconditionFailure("\(other.type) is no dictionary") }
        var merged = DictionaryMerge()
        merged.keep(dictionary)
        let indexes = try other.mapped(to: merged.places(of: otherDictionary), index)
        let values = try merged.dictionary()
        return (
            values,
            ArrayData(
                type: other.type, count: other.count, nullCount: other.nullCount,
                validity: other.validity.map {
                    Bitmap.copy($0, offset: other.offset, count: other.count)
                },
                buffers: [indexes], dictionary: values)
        )
    }

    /// This dictionary array's indexes, each replaced by the place it stands for.
    fileprivate func mapped(to places: [Int], _ index: DataType) throws(ArrowError) -> Buffer {
        let indexes = ArrayBuilder(index)
        for element in 0..<count {
            // A null's index is stored as zero, and not read again.
            let place = isNull(element) ? 0 : places[dictionaryIndex(at: element)]
            do throws(ArrowError) {
                try indexes.append(.int(Int64(place)))
            } catch {
                throw ArrowError(
                    .exhausted, "\(index) indexes do not reach all values of the dictionaries")
            }
        }
        return indexes.finish().buffers[0]
    }

    /// The same array over other children, which hold the same values.
    package func replacing(children: [ArrayData]) -> ArrayData {
        ArrayData(
            type: type, count: count, offset: offset, nullCount: nullCount, validity: validity,
            buffers: buffers, children: children, dictionary: dictionary)
    }
}

extension RecordBatch {
    /// The rows of all `batches`, one after the other; they share one schema.
    ///
    /// - Throws: `ArrowError.exhausted` when a column outgrows its offsets.
    public static func concatenating(_ batches: [RecordBatch]) throws(ArrowError) -> RecordBatch {
        guard let first = batches.first else { preconditionFailure("no batch to concatenate") }
        var columns: [ArrayData] = []
        for index in first.columns.indices {
            columns.append(try ArrayData.concatenating(batches.map { $0.columns[index] }))
        }
        return RecordBatch(
            schema: first.schema, columns: columns,
            rowCount: batches.reduce(0) { $0 + $1.rowCount })
    }

    /// The rows at `indexes`, in that order; -1 stands for a row of nulls.
    ///
    /// - Throws: `ArrowError.exhausted` when a column outgrows its offsets.
    public func take(_ indexes: [Int]) throws(ArrowError) -> RecordBatch {
        var taken: [ArrayData] = []
        for column in columns { taken.append(try column.take(indexes)) }
        return RecordBatch(schema: schema, columns: taken, rowCount: indexes.count)
    }
}
