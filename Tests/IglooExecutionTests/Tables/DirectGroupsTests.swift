// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Testing

@testable import IglooExecution

/// Groups that are found by position are those that a table finds by hash.
@Suite struct DirectGroupsTests {
    private static let text = DataType.utf8View

    /// Feeds both the same batches; `hash` has no few values, so that it is never found directly.
    private static func agree(
        _ types: [DataType], _ batches: [[ArrayData]]
    ) throws -> Bool {
        let table = try GroupTable(keyTypes: types, reserve: UnlimitedMemory())
        let plain = try GroupTable(keyTypes: types + [.float64], reserve: UnlimitedMemory())
        for batch in batches {
            let count = batch[0].count
            var groups = [UInt32](repeating: 0, count: count)
            var expected = groups
            try table.findOrInsert(keys: batch, rowCount: count, groups: &groups)
            let zeros = ArrayBuilder(.float64)
            for _ in 0..<count { try zeros.append(.float(0)) }
            try plain.findOrInsert(
                keys: batch + [zeros.finish()], rowCount: count, groups: &expected)
            if groups != expected { return false }
        }
        return table.groupCount == plain.groupCount
    }

    @Test(arguments: [DataType.int8, .int16, .int32, .int64, .uint8, .uint16, .uint32])
    func integersOfANarrowRange(type: DataType) throws {
        var numbers = Numbers(state: 5)
        // The range widens from batch to batch.
        let batches = try (1...6).map { round in
            let values = (0..<700).map { _ in
                let value = numbers.next(below: 12 * round)
                return value == 5 ? nil : value
            }
            return [try Columns.integers(values, type)]
        }
        #expect(try Self.agree([type], batches))
    }

    @Test func codesOfDictionariesThatChange() throws {
        var numbers = Numbers(state: 6)
        let words = ["", "short", "a text that is longer than a view", "another one that is long"]
        let batches = try (0..<8).map { round in
            // Every row group brings a dictionary of its own, in another order.
            let own = words[(round % 4)...] + words[..<(round % 4)]
            let dictionary = try Columns.texts(Array(own))
            let codes = (0..<500).map { _ in
                let code = numbers.next(below: 5)
                return code == 4 ? nil : code
            }
            let flags = (0..<500).map { _ in numbers.next(below: 3) }
            return [
                try Columns.codes(codes, in: dictionary),
                try Columns.booleans(flags.map { $0 == 2 ? nil : $0 == 1 }),
            ]
        }
        #expect(try Self.agree([Self.text, .bool], batches))
    }

    @Test func valuesThatComeApartAreFoundByHash() throws {
        var numbers = Numbers(state: 7)
        let spread = [1, 1_000, 1_000_000, 1_000_000_000_000]
        let batches = try spread.map { step in
            let values = (0..<900).map { _ in numbers.next(below: 200) * step - step }
            return [try Columns.integers(values), try Columns.integers(values.map { $0 % 3 })]
        }
        #expect(try Self.agree([.int64, .int64], batches))
        let ends = try Columns.integers((0..<200).map { $0 % 2 == 0 ? Int.min : Int.max })
        #expect(try Self.agree([.int64], [[ends], [ends]]))
    }

    @Test func fewRowsAndManyValues() throws {
        var numbers = Numbers(state: 8)
        let batches = try [3, 100, 4_096, 5].map { count in
            let values = (0..<count).map { _ in numbers.next(below: 60_000) }
            return [try Columns.integers(values, .int32)]
        }
        #expect(try Self.agree([.int32], batches))
    }
}
