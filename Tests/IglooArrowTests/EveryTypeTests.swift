// SPDX-License-Identifier: MIT
import IglooArrow
import IglooArrowTesting
import Testing

/// What must hold for arrays of every type alike.
@Suite struct EveryTypeTests {
    @Test(arguments: ArrowSamples.types)
    func scalarsComeBack(_ type: DataType) throws {
        var generator = SeededGenerator(seed: 1)
        let values = (0..<100).map { _ in
            ArrowSamples.scalar(type, nullShare: 0.2, using: &generator)
        }
        let builder = ArrayBuilder(type)
        for value in values { try builder.append(value) }
        let array = builder.finish()
        try array.validate(.full)
        #expect(array.count == values.count)
        for (index, value) in values.enumerated() {
            #expect(array.scalar(at: index) == value)
            if !value.isNull { #expect(!array.isNull(index)) }
        }
        // The builder is as good as new.
        try builder.append(values[0])
        #expect(builder.finish().scalar(at: 0) == values[0])
    }

    @Test(arguments: ArrowSamples.types)
    func slicesConcatenate(_ type: DataType) throws {
        var generator = SeededGenerator(seed: 2)
        let array = try ArrowSamples.array(type, count: 90, using: &generator)
        let parts = [
            array.slice(0, count: 17), array.slice(17, count: 0), array.slice(17, count: 1),
            array.slice(18, count: 50), array.slice(68, count: 22),
        ]
        let whole = try ArrayData.concatenating(parts)
        try whole.validate(.full)
        #expect(whole.firstDifference(from: array) == nil)
        // Arrays that share nothing.
        let other = try ArrowSamples.array(type, count: 40, using: &generator)
        let mixed = try ArrayData.concatenating([
            array.slice(5, count: 30), other.slice(3, count: 33), array.slice(1, count: 20),
        ])
        try mixed.validate(.full)
        #expect(mixed.slice(0, count: 30).isEqual(to: array.slice(5, count: 30)))
        #expect(mixed.slice(30, count: 33).isEqual(to: other.slice(3, count: 33)))
        #expect(mixed.slice(63, count: 20).isEqual(to: array.slice(1, count: 20)))
    }

    @Test(arguments: ArrowSamples.types)
    func takeFollowsIndexes(_ type: DataType) throws {
        var generator = SeededGenerator(seed: 3)
        let array = try ArrowSamples.array(type, count: 70, using: &generator).slice(3, count: 60)
        let indexes = (0..<100).map { _ in Int.random(in: -1..<60, using: &generator) }
        let taken = try array.take(indexes)
        try taken.validate(.full)
        for (place, index) in indexes.enumerated() {
            if index < 0 {
                #expect(taken.isLogicallyNull(at: place))
            } else {
                #expect(taken.scalar(at: place) == array.scalar(at: index))
            }
        }
        #expect(try array.take([]).count == 0)
        #expect(try array.slice(0, count: 0).take([-1, -1]).isLogicallyNull(at: 1))
    }

    @Test(arguments: ArrowSamples.types)
    func equalityFindsADifference(_ type: DataType) throws {
        var generator = SeededGenerator(seed: 4)
        let array = try ArrowSamples.array(type, count: 40, using: &generator)
        #expect(array.isEqual(to: try array.take(Array(0..<40))))
        #expect(!array.isEqual(to: array.slice(0, count: 39)))
        for index in 0..<39 where array.scalar(at: index) != array.scalar(at: index + 1) {
            #expect(!array.slice(index, count: 1).isEqual(to: array.slice(index + 1, count: 1)))
        }
    }
}
