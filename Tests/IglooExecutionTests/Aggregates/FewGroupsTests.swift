// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Testing

@testable import IglooExecution

/// Sums in lanes are the sums.
@Suite struct FewGroupsTests {
    @Test(arguments: [256, 257, 258, 259, 4_096], [1, 3, 64])
    func sumsAreThoseOfOneRowAfterTheOther(rowCount: Int, groupCount: Int) throws {
        var numbers = Numbers(state: 11)
        let groups = (0..<rowCount).map { _ in UInt32(numbers.next(below: groupCount)) }
        let values = (0..<rowCount).map { _ in Int64(numbers.next(below: 1_000)) - 500 }
        let few = try #require(FewGroups(groups, rowCount, groupCount: groupCount))
        var sums = [Int64](repeating: 0, count: groupCount)
        var counts = sums
        for row in 0..<rowCount {
            sums[Int(groups[row])] += values[row]
            counts[Int(groups[row])] += 1
        }
        #expect(few.rowCounts == counts)
        var found = [Int64](repeating: 0, count: groupCount)
        withExtendedLifetime(groups) {
            few.eachSum(Int64.self, { values[$0] }) { found[$0] = $1 }
        }
        #expect(found == sums)
    }

    @Test func isForFewGroupsAndManyRows() {
        let groups = [UInt32](repeating: 0, count: 300)
        #expect(FewGroups(groups, 255, groupCount: 1) == nil)
        #expect(FewGroups(groups, 300, groupCount: 65) == nil)
        #expect(FewGroups(groups, 300, groupCount: 64) != nil)
    }

    /// Values so great that a batch's sum would not fit are summed one by one, in 128 bits.
    @Test(arguments: [false, true])
    func greatValuesAreSummedExactly(isGreat: Bool) throws {
        let state = IntegerSumState(.int64, result: .decimal128(precision: 38, scale: 0))
        let value = isGreat ? Int.max - 3 : 1 << 40
        let column = try Columns.integers([Int](repeating: value, count: 1_000))
        state.resize(1)
        let groups = [UInt32](repeating: 0, count: 1_000)
        try withExtendedLifetime(groups) {
            let few = try #require(FewGroups(groups, 1_000, groupCount: 1))
            try state.update(few, [column])
        }
        let sum = try state.finish(0..<1)
        #expect(sum.values(as: Int128.self)[0] == Int128(value) * 1_000)
        withExtendedLifetime(sum) {}
    }

    @Test(arguments: [1, 5], [false, true])
    func floatsAreSummedAsOnesOfAnyOrder(groupCount: Int, hasNull: Bool) throws {
        let state = FloatSumState()
        state.resize(groupCount)
        let builder = ArrayBuilder(.float64)
        var sums = [Double](repeating: 0, count: groupCount)
        let groups = (0..<999).map { UInt32($0 % groupCount) }
        for row in 0..<999 {
            // Halves, so that sums are exact whatever their order.
            let isNull = hasNull && row % 10 == 3
            try builder.append(isNull ? .null : .float(Double(row) / 2))
            if !isNull { sums[row % groupCount] += Double(row) / 2 }
        }
        try withExtendedLifetime(groups) {
            let few = try #require(FewGroups(groups, 999, groupCount: groupCount))
            try state.update(few, [builder.finish()])
        }
        let result = try state.finish(0..<groupCount)
        #expect((0..<groupCount).map { result.scalar(at: $0) } == sums.map { .float($0) })
    }
}
