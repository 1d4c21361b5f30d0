// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
import IglooPlan

/// Turns what sources deliver into the engine's layouts; what is in order already is shared.
public enum Normalizer {
    /// The same values in the type that `EngineType.canonical` names; text with a dictionary stays
    /// encoded, with int32 indexes.
    ///
    /// - Parameter array: valid, as `ArrayData.validate` says.
    /// - Throws: `unsupported` for types the engine lacks; `outOfRange` for values that do not fit.
    public static func canonical(_ array: ArrayData) throws(IglooError) -> ArrayData {
        switch array.type {
        case .dictionary: return try DictionaryNormalizer.canonical(array)
        case .runEndEncoded: return try runs(array)
        default: return try flat(array)
        }
    }

    /// Without a dictionary.
    static func flat(_ array: ArrayData) throws(IglooError) -> ArrayData {
        guard let type = EngineType.canonical(array.type) else {
            throw IglooError(
                .unsupported, "columns of type \(array.type) are not supported")
        }
        switch array.type {
        case .utf8, .binary: return try TextNormalizer.views(array, type, Int32.self)
        case .largeUtf8, .largeBinary: return try TextNormalizer.views(array, type, Int64.self)
        case .fixedSizeBinary(let width): return TextNormalizer.fixed(array, width)
        case .list, .largeList, .listView, .largeListView, .fixedSizeList, .structure, .map:
            return try NestedNormalizer.canonical(array, type)
        case .dictionary, .runEndEncoded: return try flattened(canonical(array))
        case .null, .bool, .utf8View, .binaryView: return array
        default:
            if type == array.type { return aligned(array) }
            return try NumberNormalizer.canonical(array, type)
        }
    }

    /// Wide values are loaded with instructions that want them aligned.
    private static func aligned(_ array: ArrayData) -> ArrayData {
        let width = array.type.fixedByteWidth ?? 1
        let first = array.buffers[0].aligned(to: width)
        if first.baseAddress == array.buffers[0].baseAddress { return array }
        return ArrayData(
            type: array.type, count: array.count, offset: array.offset,
            nullCount: array.nullCount, validity: array.validity, buffers: [first])
    }

    private static func runs(_ array: ArrayData) throws(IglooError) -> ArrayData {
        if array.count == 0 { return try flat(array.children[1].slice(0, count: 0)) }
        let values = try flattened(canonical(array.children[1]))
        var indexes: [UInt32] = []
        indexes.reserveCapacity(array.count)
        for row in 0..<array.count { indexes.append(UInt32(array.runIndex(at: row))) }
        return try gather(values, indexes: indexes)
    }
}

/// Dictionaries: text keeps its codes, all else is expanded.
enum DictionaryNormalizer {
    static func canonical(_ array: ArrayData) throws(IglooError) -> ArrayData {
        guard case .dictionary(let index, _, _) = array.type, let dictionary = array.dictionary
        else { throw IglooError(.invalidData, "a dictionary-encoded column has no dictionary") }
        let values = try flattened(Normalizer.canonical(dictionary))
        let codes = try codes(array, index, limit: values.count)
        let encoded = ArrayData(
            type: .dictionary(index: .int32, value: values.type, isOrdered: false),
            count: array.count, validity: Bits.validity(of: array), buffers: [codes],
            dictionary: values)
        let isText = values.type == .utf8View && values.nullCount == 0
        return isText ? encoded : try decoded(encoded, values)
    }

    /// As int32, from the first row on, 0 under nulls.
    private static func codes(
        _ array: ArrayData, _ index: DataType, limit: Int
    ) throws(IglooError) -> Buffer {
        switch index {
        case .int8: return try codes(array, Int8.self, limit)
        case .int16: return try codes(array, Int16.self, limit)
        case .int32: return try codes(array, Int32.self, limit)
        case .int64: return try codes(array, Int64.self, limit)
        case .uint8: return try codes(array, UInt8.self, limit)
        case .uint16: return try codes(array, UInt16.self, limit)
        case .uint32: return try codes(array, UInt32.self, limit)
        case .uint64: return try codes(array, UInt64.self, limit)
        default: throw IglooError(.invalidData, "\(index) cannot index a dictionary")
        }
    }

    private static func codes<T: IntegerValue>(
        _ array: ArrayData, _ t: T.Type, _ limit: Int
    ) throws(IglooError) -> Buffer {
        guard limit <= Int(Int32.max) else {
            throw IglooError(.unsupported, "a dictionary of \(limit) values is too large")
        }
        let from = array.values(as: T.self)
        var builder = BufferBuilder(byteCapacity: array.count * 4)
        let to = builder.pointer(as: Int32.self)
        let isNullable = array.nullCount > 0
        var isBeyond = false
        var i = 0
        while i < array.count {
            let isNull = isNullable && array.isNull(i)
            let code = isNull ? 0 : Int64(truncatingIfNeeded: from[i])
            isBeyond = isBeyond || !isNull && (code < 0 || code >= Int64(limit))
            to[i] = Int32(truncatingIfNeeded: code)
            i &+= 1
        }
        if isBeyond {
            throw IglooError(.invalidData, "an index lies outside of its dictionary")
        }
        builder.setByteCount(array.count * 4)
        return builder.finish()
    }
}

/// Text and binary values, whose bytes stay where they are.
enum TextNormalizer {
    /// Data buffers are cut at this size, for views reach 2 GiB far.
    private static let chunkByteCount = 1 << 30

    static func views<Offset: IntegerValue>(
        _ array: ArrayData, _ type: DataType, _ offset: Offset.Type
    ) throws(IglooError) -> ArrayData {
        let count = array.count
        if count == 0 { return ArrayData(type: type, count: 0, buffers: [.empty]) }
        let offsets = array.values(as: Offset.self)
        let bytes = array.buffers[1]
        let (first, last) = (Int(offsets[0]), Int(offsets[count]))
        if last - first > chunkByteCount { return try copied(array, type) }
        let used = bytes.slice(first..<last)
        var builder = BufferBuilder(byteCapacity: count * 16)
        let views = builder.pointer(as: BinaryView.self)
        let base = used.baseAddress
        var i = 0
        while i < count {
            let start = Int(truncatingIfNeeded: offsets[i]) &- first
            let length = Int(truncatingIfNeeded: offsets[i &+ 1]) &- first &- start
            views[i] = BinaryView(
                base + start, count: length, bufferIndex: 0,
                offset: Int32(truncatingIfNeeded: start))
            i &+= 1
        }
        builder.setByteCount(count * 16)
        return ArrayData(
            type: type, count: count, validity: Bits.validity(of: array),
            buffers: [builder.finish()] + (used.byteCount > 0 ? [used] : []))
    }

    /// Columns of more than a gibibyte of text in one batch: chunks of rows, each with its buffer.
    private static func copied(
        _ array: ArrayData, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        if array.count == 1 {
            throw IglooError(.unsupported, "a text of more than 1 GiB cannot be read")
        }
        let half = array.count / 2
        return try concatenate([
            Normalizer.flat(array.slice(0, count: half)),
            Normalizer.flat(array.slice(half, count: array.count - half)),
        ])
    }

    static func fixed(_ array: ArrayData, _ width: Int) -> ArrayData {
        let base = array.buffers[0].baseAddress + array.offset * width
        // Chunks of whole values.
        let perChunk = max(chunkByteCount / max(width, 1), 1)
        var builder = BufferBuilder(byteCapacity: array.count * 16)
        for i in 0..<array.count {
            let (chunk, place) = i.quotientAndRemainder(dividingBy: perChunk)
            builder.append(
                BinaryView(
                    base + i * width, count: width, bufferIndex: Int32(truncatingIfNeeded: chunk),
                    offset: Int32(truncatingIfNeeded: place * width)))
        }
        var chunks: [Buffer] = []
        if width > BinaryView.inlineByteCountMax {
            for start in stride(from: 0, to: array.count, by: perChunk) {
                let end = min(start + perChunk, array.count)
                chunks.append(
                    array.buffers[0].slice(
                        (array.offset + start) * width..<(array.offset + end) * width))
            }
        }
        return ArrayData(
            type: .binaryView, count: array.count, validity: Bits.validity(of: array),
            buffers: [builder.finish()] + chunks)
    }
}

/// Numbers, dates and times of other widths and units.
enum NumberNormalizer {
    static func canonical(_ array: ArrayData, _ type: DataType) throws(IglooError) -> ArrayData {
        let call = KernelCall([Vector(array)], count: array.count)
        let fault = Faults.outOfRange(type)
        switch array.type {
        case .float16: return call.map(Float16.self, to: type) { Float($0) }
        case .decimal32: return call.map(Int32.self, to: type) { Int64($0) }
        case .decimal64: return call.map(Int64.self, to: type) { Int128($0) }
        case .decimal128: return try narrowed(call, Int128.self, type) { $0 }
        case .decimal256: return try wide(call, type)
        case .date64:
            return try call.mapChecked(
                Int64.self, to: type,
                { x -> (Int32, Bool) in
                    let days = Floor.divide(x, 86_400_000)
                    let z = Int32(truncatingIfNeeded: days)
                    return (z, Int64(z) != days)
                }, { _ in fault })
        case .time32(let unit):
            let factor = 1_000_000 / unit.unitsPerSecond
            return call.map(Int32.self, to: type) { Int64($0) &* factor }
        case .time64(.nanosecond): return call.map(Int64.self, to: type) { $0 / 1_000 }
        case .timestamp(let unit, _):
            let factor = 1_000_000 / unit.unitsPerSecond
            return try call.mapChecked(
                Int64.self, to: type,
                { x -> (Int64, Bool) in
                    let (z, overflow) = x.multipliedReportingOverflow(by: factor)
                    return (z, overflow)
                }, { _ in fault })
        case .duration(let unit):
            let factor = 1_000_000_000 / unit.unitsPerSecond
            return try call.mapChecked(
                Int64.self, to: type,
                { x in
                    let (z, overflow) = x.multipliedReportingOverflow(by: factor)
                    return (MonthDayNanoInterval(months: 0, days: 0, nanoseconds: z), overflow)
                }, { _ in fault })
        case .interval(.yearMonth):
            return call.map(Int32.self, to: type) {
                MonthDayNanoInterval(months: $0, days: 0, nanoseconds: 0)
            }
        case .interval(.dayTime):
            return call.map(DayTimeInterval.self, to: type) {
                MonthDayNanoInterval(
                    months: 0, days: $0.days, nanoseconds: Int64($0.milliseconds) &* 1_000_000)
            }
        default:
            throw IglooError(.unsupported, "columns of type \(array.type) are not supported")
        }
    }

    private static func narrowed<T: BitwiseCopyable>(
        _ call: KernelCall, _ t: T.Type, _ type: DataType, _ value: (T) -> Int128?
    ) throws(IglooError) -> ArrayData {
        let fault = Faults.outOfRange(type)
        let limit = DecimalPower.ten(type.decimalShape?.precision ?? 38)
        func isBeyond(_ x: Int128?) -> Bool {
            guard let x else { return true }
            return x >= limit || x <= 0 - limit
        }
        if case .decimal64 = type {
            return try call.mapChecked(
                t, to: type, { (Int64(truncatingIfNeeded: value($0) ?? 0), isBeyond(value($0))) },
                { _ in fault })
        }
        return try call.mapChecked(
            t, to: type, { (value($0) ?? 0, isBeyond(value($0))) }, { _ in fault })
    }

    private static func wide(_ call: KernelCall, _ type: DataType) throws(IglooError) -> ArrayData {
        try narrowed(call, Int256.self, type) { $0.narrowed }
    }
}

/// Lists, structures and maps, their children included.
enum NestedNormalizer {
    static func canonical(_ array: ArrayData, _ type: DataType) throws(IglooError) -> ArrayData {
        switch array.type {
        case .structure:
            var children: [ArrayData] = []
            for child in array.children {
                children.append(
                    try Normalizer.flat(child.slice(array.offset, count: array.count)))
            }
            return ArrayData(
                type: type, count: array.count, validity: Bits.validity(of: array),
                children: children)
        case .list, .map:
            let child = try Normalizer.flat(array.children[0])
            return ArrayData(
                type: type, count: array.count, offset: array.offset, nullCount: array.nullCount,
                validity: array.validity, buffers: array.buffers, children: [child])
        default: return try lists(array, type)
        }
    }

    /// Lists of other layouts: the elements one list after the other.
    private static func lists(_ array: ArrayData, _ type: DataType) throws(IglooError) -> ArrayData
    {
        var indexes: [UInt32] = []
        var offsets = BufferBuilder(byteCapacity: (array.count + 1) * 4)
        offsets.append(Int32(0))
        for row in 0..<array.count {
            if !array.isNull(row) {
                for index in array.listRange(at: row) {
                    guard let place = UInt32(exactly: index), place < missingIndex else {
                        throw IglooError(.unsupported, "lists of more than 2^32 values in a batch")
                    }
                    indexes.append(place)
                }
            }
            guard let end = Int32(exactly: indexes.count) else {
                throw IglooError(.unsupported, "lists of more than 2^31 values in a batch")
            }
            offsets.append(end)
        }
        let child = try gather(Normalizer.flat(array.children[0]), indexes: indexes)
        return ArrayData(
            type: type, count: array.count, validity: Bits.validity(of: array),
            buffers: [offsets.finish()], children: [child])
    }
}
