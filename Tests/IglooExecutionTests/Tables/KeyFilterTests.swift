// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Testing

@testable import IglooExecution

/// Filters of join keys: whatever is there passes; of what is not, little does.
@Suite struct KeyFilterTests {
    private static func selected(
        _ filter: KeyFilter, _ column: ArrayData, among rows: [UInt32]? = nil
    ) throws -> [UInt32] {
        let batch = KeyBatch(filter.layout)
        try batch.encode([column], 0, count: column.count)
        var selected = rows ?? [UInt32](repeating: 0, count: column.count)
        let count = filter.select(
            batch, column, rows: &selected, count: rows?.count ?? column.count,
            isAll: rows == nil)
        return Array(selected[..<count])
    }

    @Test(arguments: [1, 1_000_003])
    func numbersThatAreThereAloneAndNoNullsPass(step: Int) throws {
        // Close together they make a bitmap, which tells exactly; far apart a Bloom filter.
        let values = (0..<5_000).map { $0 % 7 == 0 ? nil : $0 * step - 9 }
        let filter = try KeyFilter(
            [
                try Columns.integers(Array(values[..<2_000])),
                try Columns.integers(Array(values[2_000...])),
            ],
            type: .int64, reserve: UnlimitedMemory())
        let asked = (0..<4_000).map { $0 % 11 == 3 ? nil : $0 * 2 * step - 9 }
        let known = Set(values.compactMap { $0 })
        let rows = Set(try Self.selected(filter, try Columns.integers(asked)))
        var wrongCount = 0
        for (row, value) in asked.enumerated() {
            let isThere = value.map { known.contains($0) } ?? false
            if isThere { #expect(rows.contains(UInt32(row))) }
            if value == nil { #expect(!rows.contains(UInt32(row))) }
            if !isThere && rows.contains(UInt32(row)) { wrongCount += 1 }
        }
        #expect(step == 1 ? wrongCount == 0 : wrongCount < 100)
    }

    @Test func textsPassByTheirBytes() throws {
        let texts = (0..<900).map { $0 % 2 == 0 ? "t\($0)" : "a longer text, number \($0)" }
        let filter = try KeyFilter(
            [try Columns.texts(texts)], type: .utf8View, reserve: UnlimitedMemory())
        #expect(try Self.selected(filter, try Columns.texts(texts)).count == texts.count)
        let others = try Columns.texts(texts.map { $0 + "?" })
        #expect(try Self.selected(filter, others).count < 90)
        #expect(try Self.selected(filter, try Columns.texts([nil, "t2"]), among: [0, 1]) == [1])
    }

    @Test func nothingPassesWhereNothingIs() throws {
        let filter = try KeyFilter([], type: .int64, reserve: UnlimitedMemory())
        #expect(try Self.selected(filter, try Columns.integers([0, 1, nil, -1])).isEmpty)
        let nulls = try KeyFilter(
            [try Columns.integers([nil, nil])], type: .int64, reserve: UnlimitedMemory())
        #expect(try Self.selected(nulls, try Columns.integers([0, 1, nil])).isEmpty)
    }

    @Test func extremesOfTheTypeAreKeysAsOthers() throws {
        let ends = try Columns.integers([Int.min, Int.max, 0])
        let filter = try KeyFilter([ends], type: .int64, reserve: UnlimitedMemory())
        #expect(try Self.selected(filter, ends) == [0, 1, 2])
        let column = try Columns.integers([5, Int.max, 7])
        #expect(try Self.selected(filter, column, among: [1]) == [1])
    }
}
