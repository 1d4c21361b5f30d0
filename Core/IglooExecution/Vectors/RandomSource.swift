// SPDX-License-Identifier: MIT

internal import IglooContracts

/// The random numbers of a session: others each time, until somebody sets the seed.
///
/// - Threads: any.
public final class RandomSource: Sendable {
    private let generator: Locked<RandomGenerator>

    public init() {
        var system = SystemRandomNumberGenerator()
        generator = Locked(RandomGenerator(seed: system.next()))
    }

    func withGenerator<Value>(_ body: (inout RandomGenerator) -> Value) -> Value {
        generator.withLock { body(&$0) }
    }

    func setSeed(_ seed: UInt64) { generator.withLock { $0 = RandomGenerator(seed: seed) } }
}

/// xoshiro256**, its state filled by SplitMix64.
///
/// - Source: Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021.
struct RandomGenerator: RandomNumberGenerator {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    init(seed: UInt64) {
        var mixed = seed
        func next() -> UInt64 {
            mixed &+= 0x9E37_79B9_7F4A_7C15
            var word = mixed
            word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
            return word ^ word >> 31
        }
        state = (next(), next(), next(), next())
    }

    mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 << 45 | state.3 >> 19
        return result
    }
}
