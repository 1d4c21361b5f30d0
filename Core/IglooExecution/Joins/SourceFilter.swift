// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// What sources are told of a column of a join's build side: its bounds, its values where they are
/// few, else a bitmap where they lie close together, else a Bloom filter.
///
/// - Threads: immutable.
final class SourceFilter: Sendable {
    private let type: DataType
    private let minimum: Scalar?
    private let maximum: Scalar?
    private let values: [Scalar]?
    private let bloom: SplitBlockFilter?
    /// Of the build side, NULLs and repeated values included.
    private let rowCount: Int
    private let bitmap: NumberBitmap?
    private let memory: any MemoryAccount
    private let reserved: Int

    /// Larger filters are slower than what they spare.
    private static let rowCountMax = 1 << 24
    /// Bits a row that a bitmap may have. It is read where the other side's values are, which often
    /// come in order; a Bloom filter, somewhere each time.
    private static let bitsPerRowMax = 32

    /// Whether columns of this type can be told of.
    static func canTell(_ type: DataType) -> Bool {
        switch type {
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .date32, .time64, .timestamp,
            .utf8View:
            true
        default: false
        }
    }

    /// - Returns: `nil` when there is nothing to tell.
    init?(
        _ arrays: [ArrayData], type: DataType, reserve memory: any MemoryAccount
    ) throws(IglooError) {
        let rowCount = arrays.reduce(0) { $0 + $1.count }
        guard Self.canTell(type), rowCount <= Self.rowCountMax else { return nil }
        let bounds = type == .utf8View ? nil : Self.bounds(arrays)
        let bitCount = bounds.flatMap { Self.bitCount($0, rowCount) }
        let byteCount = bitCount.map { $0 / 8 } ?? rowCount / 24 * 32 + 32
        let arrays = type == .utf8View ? try arrays.mapThrowing(flattened) : arrays
        try memory.reserve(byteCount)
        reserved = byteCount
        self.memory = memory
        self.rowCount = rowCount
        self.type = type == .utf8View ? .utf8 : type
        if type == .utf8View {
            let summary = Self.texts(arrays, rowCount)
            values = summary.values?.map { .text($0) }
            bloom = summary.bloom
            (minimum, maximum, bitmap) = (nil, nil, nil)
        } else {
            let few = Self.fewWords(arrays)
            values = few?.map { .int($0) }
            if few == nil, let bounds, let bitCount {
                bitmap = Self.bitmap(arrays, first: bounds.lowerBound, bitCount)
                bloom = nil
            } else {
                bitmap = nil
                bloom =
                    few == nil
                    ? Self.bloom(arrays, rowCount, isNarrow: type.fixedByteWidth ?? 8 < 8) : nil
            }
            minimum = bounds.map { .int($0.lowerBound) }
            maximum = bounds.map { .int($0.upperBound) }
        }
    }

    deinit { try? memory.reserve(-reserved) }

    /// The filter of a column of a reader.
    func filter(of column: Int) -> RuntimeFilter {
        RuntimeFilter(
            column: column, type: type, minimum: minimum, maximum: maximum, values: values,
            bloom: values == nil ? bloom : nil, bitmap: bitmap)
    }

    /// Whether there are few numbers within their bounds. Those of a whole table without gaps are
    /// likely to be all that the other side refers to.
    var isSparse: Bool {
        guard case .int(let least)? = minimum, case .int(let greatest)? = maximum else {
            return false
        }
        let (width, overflow) = greatest.subtractingReportingOverflow(least)
        return overflow || width / 8 > Int64(rowCount)
    }

    /// For EXPLAIN.
    var description: String {
        if let values { return values.count == 1 ? "1 value" : "\(values.count) values" }
        if bitmap != nil { return "bitmap" }
        return bloom == nil ? "bounds" : "Bloom filter"
    }

    // MARK: - Reading the values

    /// Calls `body` with each word, most often once where it is repeated, as long as it says so.
    @inline(__always)
    private static func eachWord(_ arrays: [ArrayData], _ body: (Int64) -> Bool) {
        var last: Int64?
        for array in arrays where array.type != .null {
            let reader = WideReader(array)
            var row = 0
            while row < array.count {
                defer { row &+= 1 }
                if array.nullCount > 0 && array.isNull(row) { continue }
                let word = reader.int64(row)
                if word == last { continue }
                last = word
                if !body(word) { return }
            }
        }
    }

    private static func bounds(_ arrays: [ArrayData]) -> ClosedRange<Int64>? {
        var (least, greatest) = (Int64.max, Int64.min)
        eachWord(arrays) { word in
            least = min(least, word)
            greatest = max(greatest, word)
            return true
        }
        return least <= greatest ? least...greatest : nil
    }

    /// The values, as long as they are few.
    private static func fewWords(_ arrays: [ArrayData]) -> [Int64]? {
        var distinct: Set<Int64> = []
        eachWord(arrays) { word in
            distinct.insert(word)
            return distinct.count <= RuntimeFilter.valueCountMax
        }
        return distinct.count <= RuntimeFilter.valueCountMax ? distinct.sorted() : nil
    }

    /// The bits of a bitmap over so wide a range, in whole words; `nil` where there are too many.
    private static func bitCount(_ bounds: ClosedRange<Int64>, _ rowCount: Int) -> Int? {
        let (width, overflow) = bounds.upperBound.subtractingReportingOverflow(bounds.lowerBound)
        guard !overflow, width < Int64(max(rowCount * bitsPerRowMax, 1 << 16)) else { return nil }
        return (Int(width) / 64 + 1) * 64
    }

    private static func bitmap(
        _ arrays: [ArrayData], first: Int64, _ bitCount: Int
    ) -> NumberBitmap {
        var builder = BufferBuilder(byteCapacity: bitCount / 8)
        let words = builder.pointer(as: UInt64.self)
        words.initialize(repeating: 0, count: bitCount / 64)
        eachWord(arrays) { word in
            let bit = word &- first
            words[Int(truncatingIfNeeded: bit &>> 6)] |= 1 &<< UInt64(bitPattern: bit & 63)
            return true
        }
        builder.setByteCount(bitCount / 8)
        return NumberBitmap(first: first, bits: builder.finish())
    }

    private static func bloom(
        _ arrays: [ArrayData], _ rowCount: Int, isNarrow: Bool
    ) -> SplitBlockFilter {
        var filter = SplitBlockFilter(valueCount: rowCount)
        eachWord(arrays) { word in
            filter.insert(
                hash: isNarrow
                    ? XXHash64.hash(UInt32(truncatingIfNeeded: word))
                    : XXHash64.hash(UInt64(bitPattern: word)))
            return true
        }
        return filter
    }

    private static func texts(
        _ arrays: [ArrayData], _ rowCount: Int
    ) -> (values: [String]?, bloom: SplitBlockFilter?) {
        // Not as texts: Swift takes some for equal that differ in their bytes.
        var distinct: Set<[UInt8]> = []
        var bloom: SplitBlockFilter?
        for array in arrays where array.type != .null {
            let reader = ViewReader(Vector(array))
            for row in 0..<array.count where !array.isNull(row) {
                if bloom != nil {
                    bloom?.insert(hash: XXHash64.hash(reader[row]))
                } else if distinct.insert(Array(reader[row])).inserted,
                    distinct.count > RuntimeFilter.valueCountMax
                {
                    var filter = SplitBlockFilter(valueCount: rowCount)
                    for value in distinct { filter.insert(hash: XXHash64.hash(value)) }
                    bloom = filter
                }
            }
        }
        let values = distinct.map { String(decoding: $0, as: UTF8.self) }
        return (bloom == nil ? values : nil, bloom)
    }
}
