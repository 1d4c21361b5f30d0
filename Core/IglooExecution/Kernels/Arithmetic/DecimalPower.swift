// SPDX-License-Identifier: MIT

/// Powers of ten, by which decimals of different scales differ.
enum DecimalPower {
    static let powers: [Int128] = {
        var powers: [Int128] = [1]
        for _ in 1...38 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()

    /// 10 to the power of `exponent`, which is clamped to 0 to 38.
    static func ten(_ exponent: Int) -> Int128 { powers[min(max(exponent, 0), 38)] }

    /// The nearest double. The library's conversion is generic, and slow.
    @inline(__always)
    static func double(_ value: Int128) -> Double {
        let short = Int64(truncatingIfNeeded: value)
        return Int128(short) == value ? Double(short) : Double(value)
    }

    /// The multiple of `unit` next to `value`: halves away from zero, or towards zero altogether.
    @inline(__always)
    static func rounded(_ value: Int128, _ unit: Int128, halvesUp: Bool) -> Int128 {
        quotient(value, unit, halvesUp: halvesUp).multipliedReportingOverflow(by: unit).partialValue
    }

    /// `value / divisor`, halves away from zero, or truncated. `divisor` is positive.
    @inline(__always)
    static func quotient(_ value: Int128, _ divisor: Int128, halvesUp: Bool) -> Int128 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        guard halvesUp else { return quotient }
        let size = remainder < 0 ? 0 &- remainder : remainder
        let isUp = size >= divisor &- size
        return quotient &+ (isUp ? (value < 0 ? -1 : 1) : 0)
    }

    /// The unscaled value with `to` in place of `from` digits after the point, halves rounded
    /// away from zero; the flag says that it left 128 bits.
    @inline(__always)
    static func rescaled(_ value: Int128, _ from: Int, _ to: Int) -> (Int128, Bool) {
        if to >= from {
            if to - from > 38 { return (0, value != 0) }
            let (product, overflow) = value.multipliedReportingOverflow(by: ten(to - from))
            return (product, overflow)
        }
        if from - to > 38 { return (0, false) }
        return (quotient(value, ten(from - to), halvesUp: true), false)
    }
}
