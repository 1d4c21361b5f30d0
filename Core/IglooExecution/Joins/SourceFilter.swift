// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// What sources are told of a column of a join's build side: its bounds, its values where they are
/// few, else a Bloom filter.
///
/// - Threads: immutable.
final class SourceFilter: Sendable {
    private let type: DataType
    private let minimum: Scalar?
    private let maximum: Scalar?
    private let values: [Scalar]?
    private let bloom: SplitBlockFilter?
    private let memory: any MemoryAccount
    private let reserved: Int

    /// Larger filters are slower than what they spare.
    private static let rowCountMax = 1 << 24

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
        let byteCount = rowCount / 24 * 32 + 32
        let arrays = type == .utf8View ? try arrays.mapThrowing(flattened) : arrays
        try memory.reserve(byteCount)
        reserved = byteCount
        self.memory = memory
        self.type = type == .utf8View ? .utf8 : type
        if type == .utf8View {
            let summary = Self.texts(arrays, rowCount)
            values = summary.values?.map { .text($0) }
            bloom = summary.bloom
            (minimum, maximum) = (nil, nil)
        } else {
            let summary = Self.words(arrays, rowCount, isNarrow: type.fixedByteWidth ?? 8 < 8)
            values = summary.values?.map { .int($0) }
            bloom = summary.bloom
            minimum = summary.bounds.map { .int($0.lowerBound) }
            maximum = summary.bounds.map { .int($0.upperBound) }
        }
    }

    deinit { try? memory.reserve(-reserved) }

    /// The filter of a column of a reader.
    func filter(of column: Int) -> RuntimeFilter {
        RuntimeFilter(
            column: column, type: type, minimum: minimum, maximum: maximum, values: values,
            bloom: values == nil ? bloom : nil)
    }

    /// For EXPLAIN.
    var description: String {
        if let values { return values.count == 1 ? "1 value" : "\(values.count) values" }
        return bloom == nil ? "bounds" : "Bloom filter"
    }

    // MARK: - Reading the values

    private static func words(
        _ arrays: [ArrayData], _ rowCount: Int, isNarrow: Bool
    ) -> (values: [Int64]?, bloom: SplitBlockFilter?, bounds: ClosedRange<Int64>?) {
        func hash(_ word: Int64) -> UInt64 {
            isNarrow
                ? XXHash64.hash(UInt32(truncatingIfNeeded: word))
                : XXHash64.hash(UInt64(bitPattern: word))
        }
        var distinct: Set<Int64> = []
        var bloom: SplitBlockFilter?
        var (least, greatest) = (Int64.max, Int64.min)
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
                least = min(least, word)
                greatest = max(greatest, word)
                if bloom != nil {
                    bloom?.insert(hash: hash(word))
                } else if distinct.insert(word).inserted,
                    distinct.count > RuntimeFilter.valueCountMax
                {
                    var filter = SplitBlockFilter(valueCount: rowCount)
                    for value in distinct { filter.insert(hash: hash(value)) }
                    bloom = filter
                }
            }
        }
        return (
            bloom == nil ? distinct.sorted() : nil, bloom,
            least <= greatest ? least...greatest : nil
        )
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
