// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Testing

@testable import IglooExecution

/// Tables, joins and sorts against what a dictionary and `sorted` say.
@Suite struct BreakerTests {
    /// Numbers between 0 and `bound`, or NULL; the same for the same seed.
    private struct Numbers {
        var state: UInt64

        mutating func next(_ bound: Int) -> Int? {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Int(truncatingIfNeeded: (state >> 33) % UInt64(bound + 1))
            return value == bound ? nil : value
        }
    }

    private static func column(
        _ values: [Int?], _ type: DataType, skipping: Int = 0
    ) throws -> ArrayData {
        let builder = ArrayBuilder(type)
        for _ in 0..<skipping { try builder.append(.null) }
        for value in values {
            guard let value else {
                try builder.append(.null)
                continue
            }
            switch type {
            case .utf8View: try builder.append(.text("key number \(value) of them all"))
            case .float64: try builder.append(.float(value == 3 ? .nan : Double(value) - 5))
            default: try builder.append(.int(Int64(value * 1_000_003 - 7)))
            }
        }
        // A slice, so that offsets are not all zero.
        return builder.finish().slice(skipping, count: values.count)
    }

    @Test(
        arguments: [DataType.int64, .int32, .utf8View, .float64], [UInt64.max, 0x3FF << 54, 0])
    func groupsAreNumberedByFirstRows(type: DataType, hashMask: UInt64) throws {
        var numbers = Numbers(state: 42)
        let table = try GroupTable(
            keyTypes: [type], reserve: UnlimitedMemory(), hashMask: hashMask)
        var known: [Int?: UInt32] = [:]
        var order: [Int?] = []
        for _ in 0..<6 {
            let values = (0..<500).map { _ in numbers.next(90) }
            var groups = [UInt32](repeating: 0, count: values.count)
            try table.findOrInsert(
                keys: [try Self.column(values, type, skipping: 3)], rowCount: values.count,
                groups: &groups)
            for (value, group) in zip(values, groups) {
                if known[value] == nil {
                    known[value] = UInt32(order.count)
                    order.append(value)
                }
                #expect(known[value] == group)
            }
        }
        #expect(table.groupCount == order.count)
        let keys = try table.keyColumns(0..<table.groupCount)[0]
        #expect(try keys.isEqual(to: Self.column(order, type)))
    }

    @Test(arguments: [DataType.int64, .int32, .utf8View], [8, 4_096])
    func probesFindAllPairs(type: DataType, pairCountMax: Int) throws {
        var numbers = Numbers(state: 7)
        let right = (0..<700).map { _ in numbers.next(60) }
        let left = (0..<300).map { _ in numbers.next(80) }
        let keys = try Self.column(right, type, skipping: 5)
        let build = JoinBuild(
            keyTypes: [type], payloadTypes: [type], reserve: UnlimitedMemory())
        try build.append(keys: [keys], payload: Batch(columns: [keys], rowCount: right.count))
        let table = try JoinTable.make(
            [build], nullsMatch: false, keyTypes: [type], reserve: UnlimitedMemory())
        #expect(table.hasNullKey)
        let probe = try table.probe(keys: [try Self.column(left, type)], rowCount: left.count)
        var found: Set<[Int]> = []
        var probeRows = [UInt32](repeating: 0, count: pairCountMax)
        var buildRows = probeRows
        while true {
            let count = probe.next(
                pairCountMax: pairCountMax, probeRows: &probeRows, buildRows: &buildRows)
            if count == 0 { break }
            #expect(count <= pairCountMax)
            for index in 0..<count {
                let isNew = found.insert([Int(probeRows[index]), Int(buildRows[index])]).inserted
                #expect(isNew)
            }
            table.mark(buildRows: buildRows, count: count)
        }
        var expected: Set<[Int]> = []
        for (leftRow, value) in left.enumerated() where value != nil {
            for (rightRow, other) in right.enumerated() where other == value {
                expected.insert([leftRow, rightRow])
            }
        }
        #expect(found == expected)
        let matched = Set(expected.map { $0[1] })
        let unmatched = table.rows(matched: false, from: 0, countMax: .max).rows
            .map { Int($0) }
        #expect(unmatched == right.indices.filter { !matched.contains($0) })
    }

    @Test(
        arguments: [(false, false), (false, true), (true, false), (true, true)],
        [Int?.none, 17])
    func runsMergeInOrder(direction: (Bool, Bool), rowCountMax: Int?) throws {
        let (isDescending, nullsFirst) = direction
        for type in [DataType.int64, .utf8View, .float64] {
            var numbers = Numbers(state: 99)
            let order = [
                SortOrder(type: type, isDescending: isDescending, nullsFirst: nullsFirst)
            ]
            var all: [Int?] = []
            var runs: [SortRun] = []
            for _ in 0..<3 {
                let values = (0..<400).map { _ in numbers.next(9) }
                all += values
                let run = SortRun(
                    order: order, payloadTypes: [type], rowCountMax: rowCountMax,
                    reserve: UnlimitedMemory())
                let column = try Self.column(values, type, skipping: 2)
                try run.append(
                    keys: [column], payload: Batch(columns: [column], rowCount: values.count))
                runs.append(run)
            }
            // Alone, or knowing what the others' keys begin with.
            let start = rowCountMax == nil ? SortRun.commonByteCount(runs) : nil
            for run in runs { try run.sort(from: start) }
            let rows = try MergedRuns(runs)
            var columns: [ArrayData] = []
            while let batch = try rows.next(rowCount: 64) { columns.append(batch.columns[0]) }
            let expected = Array(Self.sorted(all, type, order[0]).prefix(rowCountMax ?? .max))
            let sorted = try ArrayData.concatenating(columns)
            let wanted = try Self.column(expected, type)
            let count = expected.count
            #expect(sorted.slice(0, count: count).isEqual(to: wanted))
        }
    }

    private static func sorted(_ values: [Int?], _ type: DataType, _ order: SortOrder) -> [Int?] {
        func rank(_ value: Int) -> String {
            // Texts compare by their bytes; NaN, which stands for 3, is the greatest float.
            if type == .utf8View { return "key number \(value) of them all" }
            let number = type == .float64 && value == 3 ? 99 : value
            return String(1_000 + number)
        }
        let present = values.compactMap { $0 }.sorted {
            order.isDescending ? rank($0) > rank($1) : rank($0) < rank($1)
        }
        let nulls = [Int?](repeating: nil, count: values.count - present.count)
        return order.nullsFirst ? nulls + present : present + nulls
    }
}
