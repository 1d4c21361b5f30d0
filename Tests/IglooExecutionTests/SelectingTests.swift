// SPDX-License-Identifier: MIT

import Testing

@testable import IglooExecution

@Suite struct SelectingTests {
    @Test func theNumberAtAPlaceIsThatOfTheSortedOnes() {
        var random = Random()
        for count in [1, 2, 3, 10, 257, 4_000] {
            for spread in [1, 3, 1_000_000] {
                let values = (0..<count).map { _ in
                    Double(Int.random(in: -spread...spread, using: &random)) / 7
                }
                let sorted = values.sorted()
                for place in [0, count / 3, count / 2, count - 1] {
                    var keys = values.map { Selecting.key($0) }
                    keys.withUnsafeMutableBufferPointer { Selecting.select(place, of: $0) }
                    #expect(Selecting.value(keys[place]) == sorted[place])
                }
            }
        }
    }

    @Test func notANumberIsAboveAll() {
        #expect(Selecting.key(.nan) > Selecting.key(.infinity))
        #expect(Selecting.key(-.infinity) < Selecting.key(-1))
        #expect(Selecting.value(Selecting.key(.nan)).isNaN)
    }
}
