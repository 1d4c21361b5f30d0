// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The decoded values of a chunk's dictionary page.
final class ChunkDictionary {
    let valueCount: Int
    let width: Int
    let values: PooledMemory
    /// What long views point into; views refer to it as number 0.
    let data: Buffer?

    /// - Parameter decoder: of the dictionary page; `sink` is the one it writes to.
    init(
        _ decoder: ValueDecoder, _ sink: ViewSink, valueCount: Int, width: Int
    ) throws(IglooError) {
        self.valueCount = valueCount
        self.width = width
        values = try PooledMemory(byteCapacity: max(valueCount * width, width))
        try decoder.decode(valueCount, into: values.base)
        data = sink.buffers.first
    }

    /// The values as an array, for columns that stay encoded.
    func array(_ type: DataType) -> ArrayData {
        ArrayData(
            type: type, count: valueCount, nullCount: 0,
            buffers: [values.buffer(byteCount: valueCount * width)] + (data.map { [$0] } ?? []))
    }
}

/// Indexes into the dictionary.
final class DictionaryDecoder: ValueDecoder {
    private static let stepCount = 2048
    private let page: PageMemory
    private let dictionary: ChunkDictionary
    private var runs: RunDecoder
    private let keepsIndexes: Bool
    private let scratch: PooledMemory

    /// - Parameter keepsIndexes: decodes to the int32 indexes themselves.
    init(
        _ page: PageMemory, _ dictionary: ChunkDictionary, keepsIndexes: Bool
    ) throws(IglooError) {
        self.page = page
        self.dictionary = dictionary
        self.keepsIndexes = keepsIndexes
        // A page of nulls alone may have no bytes at all.
        let width = page.values.count == 0 ? 0 : Int(page.values[0])
        guard width <= 32 else { throw malformed("dictionary indexes of \(width) bits") }
        runs = RunDecoder(
            UnsafeRawBufferPointer(rebasing: page.values.dropFirst()), width: width)
        scratch = try PooledMemory(byteCapacity: Self.stepCount * 4)
    }

    override func decode(
        _ count: Int, into target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        if keepsIndexes {
            let indexes = target.assumingMemoryBound(to: UInt32.self)
            try runs.decode(count, into: indexes)
            try check(indexes, count)
            return
        }
        let indexes = scratch.base.assumingMemoryBound(to: UInt32.self)
        var done = 0
        while done < count {
            let piece = min(Self.stepCount, count - done)
            try runs.decode(piece, into: indexes)
            try check(indexes, piece)
            Gather.gather(
                dictionary.values.base, indexes, piece, into: target + done * dictionary.width,
                width: dictionary.width)
            done += piece
        }
    }

    private func check(_ indexes: UnsafePointer<UInt32>, _ count: Int) throws(IglooError) {
        var highest: UInt32 = 0
        var index = 0
        while index < count {
            highest = max(highest, indexes[index])
            index &+= 1
        }
        guard count == 0 || Int(highest) < dictionary.valueCount else {
            throw malformed(
                "index \(highest) into a dictionary of \(dictionary.valueCount) values")
        }
    }

    override func skip(_ count: Int) throws(IglooError) { try runs.skip(count) }
}

/// Moves values of any byte width by indexes.
enum Gather {
    static func gather(
        _ source: UnsafeRawPointer, _ indexes: UnsafePointer<UInt32>, _ count: Int,
        into target: UnsafeMutableRawPointer, width: Int
    ) {
        switch width {
        case 1: typed(UInt8.self, source, indexes, count, target)
        case 2: typed(UInt16.self, source, indexes, count, target)
        case 4: typed(UInt32.self, source, indexes, count, target)
        case 8: typed(UInt64.self, source, indexes, count, target)
        case 16: typed(SIMD2<UInt64>.self, source, indexes, count, target)
        default:
            for index in 0..<count {
                (target + index * width).copyMemory(
                    from: source + Int(indexes[index]) * width, byteCount: width)
            }
        }
    }

    @inline(__always)
    private static func typed<Element: BitwiseCopyable>(
        _ type: Element.Type, _ source: UnsafeRawPointer, _ indexes: UnsafePointer<UInt32>,
        _ count: Int, _ target: UnsafeMutableRawPointer
    ) {
        let from = source.assumingMemoryBound(to: Element.self)
        let to = target.assumingMemoryBound(to: Element.self)
        var index = 0
        while index < count {
            to[index] = from[Int(truncatingIfNeeded: indexes[index])]
            index &+= 1
        }
    }

    /// Moves `validCount` values, which stand dense at `target`, to where `isValid` has a 1;
    /// the other places become zero.
    static func spread(
        _ target: UnsafeMutableRawPointer, width: Int, isValid: UnsafePointer<UInt8>,
        count: Int, validCount: Int
    ) {
        switch width {
        case 0: return
        case 1: spread(UInt8.self, 0, target, isValid, count, validCount)
        case 2: spread(UInt16.self, 0, target, isValid, count, validCount)
        case 4: spread(UInt32.self, 0, target, isValid, count, validCount)
        case 8: spread(UInt64.self, 0, target, isValid, count, validCount)
        case 16: spread(SIMD2<UInt64>.self, .zero, target, isValid, count, validCount)
        default: spreadBytes(target, width, isValid, count, validCount)
        }
    }

    @inline(__always)
    private static func spread<Element: BitwiseCopyable>(
        _ type: Element.Type, _ zero: Element, _ target: UnsafeMutableRawPointer,
        _ isValid: UnsafePointer<UInt8>, _ count: Int, _ validCount: Int
    ) {
        let values = target.assumingMemoryBound(to: Element.self)
        var from = validCount
        var to = count
        // Once both meet, the rest stands where it belongs.
        while to > from {
            to &-= 1
            if isValid[to] != 0 {
                from &-= 1
                values[to] = values[from]
            } else {
                values[to] = zero
            }
        }
    }

    private static func spreadBytes(
        _ target: UnsafeMutableRawPointer, _ width: Int, _ isValid: UnsafePointer<UInt8>,
        _ count: Int, _ validCount: Int
    ) {
        var from = validCount
        var to = count
        while to > from {
            to -= 1
            let place = target + to * width
            if isValid[to] != 0 {
                from -= 1
                place.copyMemory(from: target + from * width, byteCount: width)
            } else {
                place.initializeMemory(as: UInt8.self, repeating: 0, count: width)
            }
        }
    }
}
