// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Testing

@testable import IglooExecution

@Suite struct NormalizerTests {
    private func check(_ type: DataType, _ values: [Scalar], _ expected: [Scalar]? = nil) throws {
        for source in [try array(type, values), try sliced(type, values)] {
            let result = try Normalizer.canonical(source)
            #expect(try flattened(result).type == EngineType.canonical(type))
            #expect(scalars(result) == expected ?? values, "\(type)")
            try result.validate()
        }
    }

    @Test func everyLayout() throws {
        let long = Scalar.text("a text that does not fit into a view")
        let texts: [Scalar] = [.text("a"), .null, long, .text("")]
        for type in [DataType.utf8, .largeUtf8, .utf8View] { try check(type, texts) }
        try check(.dictionary(index: .uint8, value: .utf8, isOrdered: false), texts)
        try check(.dictionary(index: .int64, value: .int16, isOrdered: false), [.int(3), .null])
        try check(
            .runEndEncoded(runEnds: Field("r", .int32), values: Field("v", .utf8)), texts)
        let bytes: [Scalar] = [.binary([1, 2, 3]), .null]
        for type in [DataType.binary, .largeBinary, .fixedSizeBinary(byteCount: 3)] {
            try check(type, bytes)
        }
        try check(.fixedSizeBinary(byteCount: 16), [.binary(Array(0..<16)), .null])
        try check(.float16, [.float(1.5), .null])
        for type in [
            DataType.decimal32(precision: 9, scale: 2), .decimal64(precision: 18, scale: 2),
            .decimal128(precision: 18, scale: 2), .decimal128(precision: 38, scale: 2),
            .decimal256(precision: 38, scale: 2), .decimal256(precision: 10, scale: 2),
        ] {
            try check(type, [.decimal(-12_345), .null])
        }
        try check(.date64, [.int(86_400_000), .null], [.int(1), .null])
        try check(.time32(.second), [.int(2), .null], [.int(2_000_000), .null])
        try check(.time64(.nanosecond), [.int(2_000), .null], [.int(2), .null])
        try check(
            .timestamp(.second, timeZone: nil), [.int(-1), .null], [.int(-1_000_000), .null])
        try check(
            .duration(.millisecond), [.int(3), .null],
            [.interval(months: 0, days: 0, nanoseconds: 3_000_000), .null])
        try check(.interval(.yearMonth), [.interval(months: 3, days: 0, nanoseconds: 0), .null])
    }

    @Test func nested() throws {
        let lists: [Scalar] = [.list([.text("a"), .null]), .null, .list([]), .list([.text("b")])]
        let item = Field("item", .utf8)
        for type in [
            DataType.list(item), .largeList(item), .listView(item), .largeListView(item),
        ] {
            try check(type, lists)
        }
        try check(.fixedSizeList(item, count: 2), [.list([.text("a"), .null]), .null])
        try check(
            .structure([Field("a", .date64), item]),
            [.structure([.int(86_400_000), .text("x")]), .null],
            [.structure([.int(1), .text("x")]), .null])
    }

    @Test func beyondTheRange() throws {
        let column = try array(.timestamp(.second, timeZone: nil), [.int(Int64.max)])
        #expect(throws: IglooError.self) { try Normalizer.canonical(column) }
    }

    @Test func gatherAgainstReference() throws {
        var random = Random()
        let types: [(DataType, (Int) -> Scalar)] = [
            (.bool, { .bool($0 % 2 == 0) }), (.int8, { .int(Int64($0 % 100)) }),
            (.int16, { .int(Int64($0)) }), (.int32, { .int(Int64($0)) }),
            (.int64, { .int(Int64($0)) }),
            (.decimal128(precision: 38, scale: 0), { .decimal(Int128($0)) }),
            (text, { .text("number \($0) of a good many") }),
            (.list(Field("item", .int64)), { .list([.int(Int64($0)), .null]) }),
        ]
        for (type, make) in types {
            let values = (0..<200).map { $0 % 7 == 0 ? Scalar.null : make($0) }
            let column = try sliced(type, values)
            let indexes = (0..<150).map { _ in UInt32.random(in: 0..<200, using: &random) }
            #expect(
                scalars(try gather(column, indexes: indexes)) == indexes.map { values[Int($0)] })
            let sparse = indexes.map { $0 % 3 == 0 ? missingIndex : $0 }
            let found = try gatherOrNull(column, indexes: sparse, count: sparse.count)
            #expect(
                scalars(found) == sparse.map { $0 == missingIndex ? .null : values[Int($0)] })
        }
        let mask = try sliced(
            .bool, (0..<200).map { $0 % 5 == 0 ? Scalar.null : Scalar.bool($0 % 2 == 0) })
        var expected: [UInt32] = []
        for row in UInt32(0)..<200 where row % 5 != 0 && row % 2 == 0 { expected.append(row) }
        #expect(selectedIndexes(of: mask) == expected)
    }

    @Test func calendarAgainstReference() {
        // Day by day over eight centuries, and far away.
        var (year, month, day): (Int64, Int64, Int64) = (1_600, 1, 1)
        var days = CivilDate(year: 1_600, month: 1, day: 1).days
        while year < 2_400 {
            let date = CivilDate(days: days)
            if date.year != year || date.month != month || date.day != day || date.days != days {
                Issue.record("day \(days) is \(date), not \(year)-\(month)-\(day)")
                return
            }
            days += 1
            day += 1
            if day > CivilDate.dayCount(year, month) { (day, month) = (1, month + 1) }
            if month > 12 { (month, year) = (1, year + 1) }
        }
        for days in [Int64(Int32.min), Int64(Int32.max), -719_468, -719_469] {
            #expect(CivilDate(days: days).days == days)
        }
    }
}
