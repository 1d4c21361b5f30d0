// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Testing

@testable import IglooExecution

/// The groups of several threads, merged where they stand or by partitions.
@Suite struct MergingTests {
    private static func part(
        _ keys: [ArrayData], _ values: ArrayData, _ calls: [AggregateCall]
    ) throws -> GroupedAggregation {
        let part = try GroupedAggregation(
            keyTypes: keys.map(\.type), calls: calls, CallContext())
        try part.consume(
            keys: keys, arguments: calls.map { $0.arguments.isEmpty ? [] : [values] },
            filters: calls.map { _ in nil }, orderKeys: calls.map { _ in [] },
            rowCount: values.count)
        return part
    }

    private static func call(_ name: String, _ type: DataType, isDistinct: Bool = false)
        -> AggregateCall
    {
        AggregateCall(name, [.input(1, .int64)], isDistinct: isDistinct, type: type)
    }

    /// Each row as text, in order.
    private static func rows(_ batches: [Batch]) -> [String] {
        batches.flatMap { batch in
            (0..<batch.rowCount).map { row in
                batch.columns.map { "\($0.scalar(at: row))" }.joined(separator: " ")
            }
        }.sorted()
    }

    private static func absorbed(_ parts: [GroupedAggregation]) throws -> [String] {
        try GroupedAggregation.prepareForAbsorbing(parts)
        var batches: [Batch] = []
        for index in parts.indices {
            let count = parts[index].table.groupCount
            // Pieces, as threads take them.
            for start in stride(from: 0, to: count, by: 100) {
                try parts[index].absorb(start..<min(start + 100, count), into: parts[..<index])
            }
        }
        for part in parts where part.table.groupCount > 0 {
            batches.append(try part.output(0..<part.table.groupCount))
        }
        return rows(batches)
    }

    private static func keys(_ values: [Int?], isText: Bool) throws -> ArrayData {
        isText
            ? try Columns.texts(
                values.map { $0.map { $0 % 2 == 0 ? "k\($0)" : "a long key, no. \($0)" } })
            : try Columns.integers(values)
    }

    @Test(arguments: [1, 2, 3, 4], [false, true])
    func threadsGroupsAreThoseOfOne(partCount: Int, isText: Bool) throws {
        let calls = [
            Self.call("sum", .decimal128(precision: 38, scale: 0)), Self.call("count", .int64),
            Self.call("min", .int64), Self.call("avg", .float64),
            AggregateCall("count", [], type: .int64),
        ]
        var numbers = Numbers(state: 3)
        var (all, allValues): ([Int?], [Int?]) = ([], [])
        var parts: [GroupedAggregation] = []
        for _ in 0..<partCount {
            let keys = (0..<2_000).map { _ in
                let key = numbers.next(below: 900)
                return key == 8 ? nil : key
            }
            let values = (0..<2_000).map { _ in
                let value = numbers.next(below: 50)
                return value == 7 ? nil : value
            }
            (all, allValues) = (all + keys, allValues + values)
            parts.append(
                try Self.part(
                    [try Self.keys(keys, isText: isText), try Columns.integers(keys, .int16)],
                    try Columns.integers(values), calls))
        }
        let whole = try Self.part(
            [try Self.keys(all, isText: isText), try Columns.integers(all, .int16)],
            try Columns.integers(allValues), calls)
        #expect(parts.allSatisfy { $0.mergesInPlace })
        #expect(try Self.absorbed(parts) == Self.rows(try whole.output()))
    }

    /// One thread's sums need more than 64 bits, or all of them together do; in few groups and in many.
    @Test(
        arguments: [[Int.max / 2, 5], [5, Int.max / 2], [Int.max / 1_000, Int.min / 999]], [3, 500])
    func sumsThatNeedMoreThan64BitsAreExact(greatest: [Int], groupCount: Int) throws {
        let type = DataType.decimal128(precision: 38, scale: 0)
        let calls = [Self.call("sum", type), Self.call("avg", .float64)]
        var sums: [Int: Int128] = [:]
        var parts: [GroupedAggregation] = []
        for value in greatest {
            let values = (0..<3_000).map { $0 < 9 ? $0 : value - $0 % 7 }
            let keys = values.indices.map { $0 % groupCount }
            for (key, value) in zip(keys, values) { sums[key, default: 0] += Int128(value) }
            parts.append(
                try Self.part([try Columns.integers(keys)], try Columns.integers(values), calls))
        }
        #expect(parts.allSatisfy { $0.mergesInPlace })
        let counts = 6_000 / groupCount
        let wanted = sums.map { key, sum in
            "int(\(key)) \(Scalar.decimal(sum)) float(\(Double(sum) / Double(counts)))"
        }
        for part in parts { try part.prepareForMerge(partitionCount: 1) }
        let merged = try GroupedAggregation.merge(parts, partition: 0, of: 1)
        #expect(Self.rows(merged) == wanted.sorted())
        #expect(try Self.absorbed(parts) == wanted.sorted())
    }

    @Test func theGroupOfNullIsOne() throws {
        let calls = [AggregateCall("count", [], type: .int64)]
        let parts = try [[1, nil, nil], [nil, 2], [2, 3]].map { keys in
            let column = try Columns.integers(keys)
            return try Self.part([column], column, calls)
        }
        #expect(
            try Self.absorbed(parts)
                == ["int(1) int(1)", "int(2) int(2)", "int(3) int(1)", "null int(3)"])
    }

    @Test func distinctValuesAreCountedOnceOverAllThreads() throws {
        let calls = [Self.call("count", .int64, isDistinct: true)]
        var numbers = Numbers(state: 4)
        var (keys, values): ([Int?], [Int?]) = ([], [])
        var parts: [GroupedAggregation] = []
        for _ in 0..<3 {
            let own = (0..<1_500).map { _ in numbers.next(below: 40) }
            let ownValues = (0..<1_500).map { _ in numbers.next(below: 90) }
            (keys, values) = (keys + own, values + ownValues)
            parts.append(
                try Self.part([try Columns.integers(own)], try Columns.integers(ownValues), calls))
        }
        #expect(!parts[0].mergesInPlace)
        for part in parts { try part.prepareForMerge(partitionCount: 5) }
        let merged = try (0..<5).flatMap {
            try GroupedAggregation.merge(parts, partition: $0, of: 5)
        }
        let whole = try Self.part(
            [try Columns.integers(keys)], try Columns.integers(values), calls)
        #expect(Self.rows(merged) == Self.rows(try whole.output()))
    }
}
