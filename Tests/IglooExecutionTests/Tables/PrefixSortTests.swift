// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Testing

@testable import IglooExecution

/// The radix sort of prefixes gives the order that comparing whole keys gives, and keeps rows of
/// equal keys in theirs.
@Suite struct PrefixSortTests {
    private static func check(_ columns: [ArrayData], _ orders: [SortOrder]) throws {
        var keys = NormalizedKeys(orders)
        try keys.append(columns, rowCount: columns[0].count)
        let rows = PrefixSort.sorted(keys).map { Int($0.row) }
        #expect(rows.sorted() == Array(0..<columns[0].count))
        for (left, right) in zip(rows, rows.dropFirst()) {
            let order = SortRun.compare(keys.key(left), keys.key(right))
            #expect(order < 0 || order == 0 && left < right)
        }
    }

    @Test(arguments: [0, 1, 2, 63, 64, 1_000], [1, 5, 1_000_000])
    func numbers(rowCount: Int, bound: Int) throws {
        var numbers = Numbers(state: 21)
        let values = (0..<rowCount).map { _ in
            let value = numbers.next(below: bound)
            return value == 3 ? nil : value - bound / 2
        }
        for isDescending in [false, true] {
            try Self.check(
                [try Columns.integers(values)],
                [SortOrder(type: .int64, isDescending: isDescending, nullsFirst: !isDescending)])
        }
    }

    /// Keys that begin alike, are prefixes of each other or differ far behind.
    @Test func textsAndSeveralKeys() throws {
        var numbers = Numbers(state: 22)
        let heads = ["", "a", "the same beginning of all of them ", "the same beginning"]
        let texts = (0..<700).map { _ -> String? in
            let pick = numbers.next(below: 5)
            return pick == 4 ? nil : heads[pick] + String(numbers.next(below: 30))
        }
        let column = try Columns.texts(texts)
        try Self.check([column], [SortOrder(type: .utf8View)])
        let common = try Columns.texts(
            texts.map { "the same beginning of all of them " + ($0 ?? "") })
        try Self.check([common], [SortOrder(type: .utf8View, isDescending: true)])
        let integers = try Columns.integers((0..<700).map { _ in numbers.next(below: 4) }, .int16)
        try Self.check(
            [integers, column, common],
            [SortOrder(type: .int16), SortOrder(type: .utf8View), SortOrder(type: .utf8View)])
    }
}
