// SPDX-License-Identifier: MIT

import IglooContracts
import Testing

@Suite struct SplitBlockFilterTests {
    @Test func nothingThatIsThereIsMissed() {
        var filter = SplitBlockFilter(valueCount: 5_000)
        for value in 0..<5_000 as Range<UInt64> { filter.insert(hash: XXHash64.hash(value * 977)) }
        for value in 0..<5_000 as Range<UInt64> {
            #expect(filter.mayContain(hash: XXHash64.hash(value * 977)))
        }
        let others = (0..<10_000 as Range<UInt64>).count {
            filter.mayContain(hash: XXHash64.hash($0 * 977 + 1))
        }
        #expect(others < 300, "\(others) of 10,000 others pass")
    }

    @Test func bytesAndBack() throws {
        var filter = SplitBlockFilter(valueCount: 100)
        for value in 0..<100 as Range<UInt32> { filter.insert(hash: XXHash64.hash(value)) }
        let again = try #require(SplitBlockFilter(bytes: filter.bytes))
        #expect(again.bytes == filter.bytes)
        #expect(again.mayContain(hash: XXHash64.hash(UInt32(99))))
        #expect(SplitBlockFilter(bytes: []) == nil)
        #expect(SplitBlockFilter(bytes: [UInt8](repeating: 0, count: 33)) == nil)
    }

    @Test func wordsAreHashedAsTheirBytes() {
        let word: UInt64 = 0x0807_0605_0403_0201
        #expect(XXHash64.hash(word) == XXHash64.hash([1, 2, 3, 4, 5, 6, 7, 8]))
        #expect(XXHash64.hash(UInt32(0x0403_0201)) == XXHash64.hash([1, 2, 3, 4]))
    }
}
