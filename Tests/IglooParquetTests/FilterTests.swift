// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooContracts
import IglooParquet
import Testing

/// Filters over the file `sorted`: 4,000 rows in four row groups, small pages, page index.
struct FilterTests {
    private func expression(
        _ operation: PushdownOperation, _ file: ParquetFile, _ name: String, _ literals: [Scalar]
    ) -> PushdownExpression {
        let index = file.schema.index(of: name)!
        let type = file.schema.fields[index].type
        return .call(
            operation,
            [.column(index, type)] + literals.map { .literal($0, $0.isNull ? type : type) }, .bool)
    }

    /// The values of `n` for which the filter is TRUE.
    private func rows(
        _ file: ParquetFile, _ expression: PushdownExpression, columns: [Int] = [0]
    ) throws -> [Int64] {
        let filter = try #require(RowFilter(expression, file.schema))
        var found: [Int64] = []
        for batch in try readAll(file, columns: columns, filter: filter) {
            for row in 0..<batch.rowCount {
                found.append(batch.columns[0].values(as: Int64.self)[row])
            }
        }
        return found
    }

    private func check(
        _ operation: PushdownOperation, _ name: String, _ literals: [Scalar],
        _ expected: (Int) -> Bool
    ) throws {
        let wanted = (0..<4000).filter(expected).map(Int64.init)
        for count in [64, 65_536] {
            var options = ParquetOptions()
            options.batchRowCount = count
            for dictionaries in [false, true] {
                options.keepsDictionaries = dictionaries
                let file = try Places.open("sorted", options)
                let condition = expression(operation, file, name, literals)
                #expect(try rows(file, condition) == wanted, "\(operation) \(name) \(literals)")
                // All columns, whose values must belong together.
                let filter: RowFilter = try #require(RowFilter(condition, file.schema))
                let all = try readAll(file, filter: filter)
                let expectedRows = Rendering.rows(try readAll(file))
                #expect(Rendering.rows(all) == wanted.map { expectedRows[Int($0)] })
            }
        }
    }

    @Test func `patterns`() throws {
        for (pattern, parts) in [("%-003%9", ["-003", "9"]), ("key%77%", ["77", ""])] {
            try check(.like, "t", [.text(pattern)]) { number in
                let digits = String(number)
                let text = "key-" + String(repeating: "0", count: 6 - digits.count) + digits
                guard let found = text.range(of: parts[0]) else { return false }
                return text[found.upperBound...].hasSuffix(parts[1])
            }
        }
    }

    @Test func `numbers`() throws {
        try check(.equal, "n", [.int(1234)]) { $0 == 1234 }
        try check(.notEqual, "n", [.int(0)]) { $0 != 0 }
        try check(.less, "n", [.int(1005)]) { $0 < 1005 }
        try check(.lessOrEqual, "n", [.int(1005)]) { $0 <= 1005 }
        try check(.greater, "n", [.int(3990)]) { $0 > 3990 }
        try check(.greaterOrEqual, "n", [.int(4000)]) { _ in false }
        try check(.isIn, "n", [.int(5), .int(2222), .null]) { $0 == 5 || $0 == 2222 }
        try check(.isIn, "n", (0..<20).map { .int($0 * 100) }) { $0 % 100 == 0 && $0 < 2000 }
        try check(.greater, "u", [.uint(3_000_000_000)]) { UInt32($0) * 1_000_003 > 3_000_000_000 }
        try check(.less, "d", [.decimal(1050)]) { $0 < 1050 }
    }

    @Test func `texts`() throws {
        try check(.equal, "t", [.text("key-002000")]) { $0 == 2000 }
        try check(.less, "t", [.text("key-0001")]) { $0 < 100 }
        try check(.greaterOrEqual, "t", [.text("key-0039")]) { $0 >= 3900 }
        try check(.hasPrefix, "t", [.text("key-0012")]) { (1200..<1300).contains($0) }
        try check(.hasPrefix, "t", [.text("nothing")]) { _ in false }
        try check(.like, "t", [.text("key-0012%")]) { (1200..<1300).contains($0) }
        try check(.like, "t", [.text("key-001200")]) { $0 == 1200 }
        try check(.equal, "low", [.text("green")]) { $0 % 3 == 1 }
        try check(.notEqual, "low", [.text("green")]) { $0 % 3 != 1 }
        try check(.isIn, "low", [.text("red"), .text("no such")]) { $0 % 3 == 0 }
        try check(.equal, "low", [.text("no such")]) { _ in false }
    }

    @Test func `floats with NaN`() throws {
        func isNaN(_ row: Int) -> Bool { row % 1000 == 7 }
        try check(.greater, "f", [.float(900)]) { $0 > 3600 || isNaN($0) }
        try check(.less, "f", [.float(10)]) { $0 < 40 && !isNaN($0) }
        try check(.equal, "f", [.float(.nan)]) { isNaN($0) }
        try check(.less, "f", [.float(.nan)]) { !isNaN($0) }
        try check(.greater, "f", [.float(.nan)]) { _ in false }
        try check(.equal, "f", [.float(-0.0)]) { $0 == 0 }
    }

    @Test func `nulls`() throws {
        func value(_ row: Int) -> Int? { row < 2000 ? nil : row % 5 }
        try check(.isNull, "o", []) { value($0) == nil }
        try check(.equal, "o", [.int(3)]) { value($0) == 3 }
        try check(.notEqual, "o", [.int(3)]) { value($0) != nil && value($0) != 3 }
        try check(.isDistinct, "o", [.int(3)]) { value($0) != 3 }
        try check(.isDistinct, "o", [.null]) { value($0) != nil }
        try check(.equal, "o", [.null]) { _ in false }
        try check(.isNull, "n", []) { _ in false }
    }

    @Test func `conditions joined and negated`() throws {
        let file = try Places.open("sorted")
        let low = expression(.less, file, "n", [.int(100)])
        let high = expression(.greaterOrEqual, file, "n", [.int(3900)])
        let green = expression(.equal, file, "low", [.text("green")])
        let isNull = expression(.isNull, file, "o", [])
        let either = PushdownExpression.call(.or, [low, high], .bool)
        let both = PushdownExpression.call(.and, [either, green], .bool)
        #expect(try rows(file, both).count == 66)
        let neither = PushdownExpression.call(.not, [either], .bool)
        #expect(try rows(file, neither) == (100..<3900).map(Int64.init))
        #expect(
            try rows(file, .call(.not, [isNull], .bool)) == (2000..<4000).map(Int64.init))
        let three = expression(.equal, file, "o", [.int(3)])
        let notThree = try rows(file, .call(.not, [three], .bool))
        #expect(notThree.count == 1600)
    }

    @Test func `what the reader cannot decide is no filter`() throws {
        let file = try Places.open("sorted")
        let other = PushdownExpression.call(
            .equal, [.column(0, .int64), .column(0, .int64)], .bool)
        #expect(RowFilter(other, file.schema) == nil)
        let wrongType = PushdownExpression.call(
            .equal, [.column(0, .int32), .literal(.int(1), .int32)], .bool)
        #expect(RowFilter(wrongType, file.schema) == nil)
        let like = PushdownExpression.call(
            .like, [.column(1, .utf8View), .literal(.text("%_a"), .utf8View)], .bool)
        #expect(RowFilter(like, file.schema) == nil)
    }

    @Test func `row groups are left out by their statistics`() throws {
        let file = try Places.open("sorted")
        let condition = expression(.equal, file, "n", [.int(1234)])
        let filter = try #require(RowFilter(condition, file.schema))
        let groups = file.metadata.rowGroups.indices
        #expect(
            groups.map { file.footer.mayMatch(filter, rowGroup: $0) } == [
                false, true, false, false,
            ])
        // NaN is greater than what the statistics tell.
        let nan = try #require(
            RowFilter(expression(.greater, file, "f", [.float(1e9)]), file.schema))
        #expect(groups.map { file.footer.mayMatch(nan, rowGroup: $0) } == [true, true, true, true])
    }

    @Test func `limits and no columns at all`() throws {
        let file = try Places.open("sorted")
        let few = try readAll(file, columns: [0], limit: 1500)
        #expect(few.map(\.rowCount).reduce(0, +) == 1500)
        let none = try readAll(file, columns: [])
        #expect(none.map(\.rowCount).reduce(0, +) == 4000)
        #expect(try readAll(file, limit: 0).isEmpty)
    }
}
