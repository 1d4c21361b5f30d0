// SPDX-License-Identifier: MIT

/// A signed integer of 256 bits: the unscaled value of a `decimal256`.
///
/// - Shape: 32 bytes in two's complement, the lower half first, as Arrow stores it.
@frozen
public struct Int256: BitwiseCopyable, Hashable, Sendable {
    public var low: UInt128
    public var high: Int128

    @inlinable
    public init(high: Int128, low: UInt128) {
        self.low = low
        self.high = high
    }

    @inlinable
    public init(_ value: Int128) {
        self.init(high: value < 0 ? -1 : 0, low: UInt128(bitPattern: value))
    }

    public static let zero = Int256(0)
    public static let min = Int256(high: .min, low: 0)
    public static let max = Int256(high: .max, low: .max)

    @inlinable
    public var isNegative: Bool { high < 0 }

    /// This value when 128 bits hold it.
    public var narrowed: Int128? {
        let narrow = Int128(bitPattern: low)
        return high == (narrow < 0 ? -1 : 0) ? narrow : nil
    }

    /// The distance from zero; `min` has one too.
    public var magnitude: (high: UInt128, low: UInt128) {
        let bits = UInt128(bitPattern: high)
        if !isNegative { return (bits, low) }
        let (negatedLow, borrow) = UInt128.zero.subtractingReportingOverflow(low)
        return (UInt128.zero &- bits &- (borrow ? 1 : 0), negatedLow)
    }
}

extension Int256: Comparable {
    @inlinable
    public static func < (left: Int256, right: Int256) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}

extension Int256 {
    public func addingReportingOverflow(_ other: Int256) -> (value: Int256, overflow: Bool) {
        let (low, carry) = low.addingReportingOverflow(other.low)
        let (sum, overflow) = high.addingReportingOverflow(other.high)
        let (high, carryOverflow) = sum.addingReportingOverflow(carry ? 1 : 0)
        return (Int256(high: high, low: low), overflow != carryOverflow)
    }

    /// Minus this value; `nil` for `min`.
    public var negated: Int256? {
        if self == .min { return nil }
        let (high, low) = magnitude
        if isNegative { return Int256(high: Int128(bitPattern: high), low: low) }
        let (negatedLow, borrow) = UInt128.zero.subtractingReportingOverflow(self.low)
        return Int256(high: 0 &- self.high &- (borrow ? 1 : 0), low: negatedLow)
    }

    public func subtractingReportingOverflow(_ other: Int256) -> (value: Int256, overflow: Bool) {
        let (low, borrow) = low.subtractingReportingOverflow(other.low)
        let (difference, overflow) = high.subtractingReportingOverflow(other.high)
        let (high, borrowOverflow) = difference.subtractingReportingOverflow(borrow ? 1 : 0)
        return (Int256(high: high, low: low), overflow != borrowOverflow)
    }

    /// This value times `factor`.
    public func multipliedReportingOverflow(
        by factor: Int64
    ) -> (value: Int256, overflow: Bool) {
        let size = magnitude
        let scale = UInt128(factor.magnitude)
        let low = size.low.multipliedFullWidth(by: scale)
        let (upper, overflow) = size.high.multipliedReportingOverflow(by: scale)
        let (high, carry) = upper.addingReportingOverflow(low.high)
        let isNegative = isNegative != (factor < 0)
        let bits = Int256(high: Int128(bitPattern: high), low: low.low)
        if isNegative {
            if bits == .min { return (bits, overflow || carry) }
            return (bits.negated ?? bits, overflow || carry || bits.isNegative)
        }
        return (bits, overflow || carry || bits.isNegative)
    }

    /// Quotient, rounded towards zero, and remainder, which has the sign of this value.
    public func quotientAndRemainder(
        dividingBy divisor: UInt64
    ) -> (quotient: Int256, remainder: Int128) {
        precondition(divisor != 0, "division by zero")
        let size = magnitude
        let wide = UInt128(divisor)
        let (high, rest) = size.high.quotientAndRemainder(dividingBy: wide)
        let (low, remainder) = wide.dividingFullWidth((high: rest, low: size.low))
        let quotient = Int256(high: Int128(bitPattern: high), low: low)
        if !isNegative { return (quotient, Int128(remainder)) }
        return (quotient.negated ?? quotient, -Int128(remainder))
    }

    /// Ten to the power of `exponent`, which is at most 76.
    public static func powerOfTen(_ exponent: Int) -> Int256 {
        precondition((0...76).contains(exponent), "10^\(exponent) does not fit into 256 bits")
        return powersOfTen[exponent]
    }

    private static let powersOfTen: [Int256] = {
        var powers = [Int256(1)]
        for _ in 1...76 {
            powers.append(powers[powers.count - 1].multipliedReportingOverflow(by: 10).value)
        }
        return powers
    }()
}

extension Int256: CustomStringConvertible, LosslessStringConvertible {
    /// Decimal digits, with a minus sign if negative.
    public var description: String {
        if let narrowed { return String(narrowed) }
        var groups: [UInt64] = []
        var rest = magnitude
        let group = UInt128(10_000_000_000_000_000_000)
        while rest.high != 0 || rest.low != 0 {
            let (high, carry) = rest.high.quotientAndRemainder(dividingBy: group)
            let (low, remainder) = group.dividingFullWidth((high: carry, low: rest.low))
            rest = (high, low)
            groups.append(UInt64(remainder))
        }
        var text = isNegative ? "-" : ""
        for (index, group) in groups.reversed().enumerated() {
            let digits = String(group)
            if index > 0 { text += String(repeating: "0", count: 19 - digits.count) }
            text += digits
        }
        return text
    }

    /// The number written as `text`: a sign, then digits; `nil` when it is none or too large.
    public init?(_ text: String) {
        var digits = Substring(text)
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
        if digits.isEmpty { return nil }
        var value = Int256.zero
        for digit in digits.utf8 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let step = Int128(digit - UInt8(ascii: "0"))
            // Built up on the negative side, which reaches further.
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(Int256(-step))
            if tooLarge || overflow { return nil }
            value = sum
        }
        if isNegative {
            self = value
        } else if let negated = value.negated {
            self = negated
        } else {
            return nil
        }
    }
}
