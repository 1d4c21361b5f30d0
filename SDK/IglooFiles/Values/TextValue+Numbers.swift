// SPDX-License-Identifier: MIT

/// What stands in the text of a number, read digit by digit.
@usableFromInline
struct DecimalDigits {
    /// The first 19 significant digits as an integer.
    @usableFromInline var mantissa: UInt64 = 0
    /// The power of ten that the mantissa is to be multiplied by.
    @usableFromInline var exponent = 0
    @usableFromInline var isNegative = false
    /// Digits beyond the 19th were left out.
    @usableFromInline var isTruncated = false
}

extension TextValue {
    /// `1`, `-1.5`, `.5`, `1.`, `1e-3`, and `inf`, `infinity`, `nan` in any case.
    public static func double(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, decimalSeparator: UInt8 = 0x2E
    ) -> Double? {
        guard let digits = decimalDigits(bytes, count, decimalSeparator) else {
            return notFinite(bytes, count)
        }
        if let exact = exactDouble(digits) { return exact }
        return slowDouble(bytes, count, decimalSeparator)
    }

    /// Both the mantissa and the power of ten are doubles without rounding, so one operation
    /// rounds once, correctly (Clinger's fast path).
    @inline(__always)
    private static func exactDouble(_ digits: DecimalDigits) -> Double? {
        guard !digits.isTruncated, digits.mantissa < 1 << 53, digits.exponent >= -22,
            digits.exponent <= 22
        else {
            guard digits.mantissa == 0 && !digits.isTruncated else { return nil }
            return digits.isNegative ? -0.0 : 0.0
        }
        var value = Double(digits.mantissa)
        if digits.exponent < 0 {
            value /= powerOfTen(-digits.exponent)
        } else if digits.exponent > 0 {
            value *= powerOfTen(digits.exponent)
        }
        return digits.isNegative ? -value : value
    }

    @inline(__always)
    private static func powerOfTen(_ exponent: Int) -> Double {
        var value = 1.0
        if exponent & 1 != 0 { value *= 1e1 }
        if exponent & 2 != 0 { value *= 1e2 }
        if exponent & 4 != 0 { value *= 1e4 }
        if exponent & 8 != 0 { value *= 1e8 }
        if exponent & 16 != 0 { value *= 1e16 }
        return value
    }

    @inline(__always)
    private static func decimalDigits(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ decimalSeparator: UInt8
    ) -> DecimalDigits? {
        var digits = DecimalDigits()
        var index = 0
        if count > 0 && (bytes[0] == 0x2D || bytes[0] == 0x2B) {
            digits.isNegative = bytes[0] == 0x2D
            index = 1
        }
        var (digitCount, significant, pointAt) = (0, 0, -1)
        while index < count {
            let digit = bytes[index] &- 0x30
            if digit <= 9 {
                digitCount &+= 1
                if significant < 19 {
                    digits.mantissa = digits.mantissa &* 10 &+ UInt64(digit)
                    if digits.mantissa != 0 { significant &+= 1 }
                    if pointAt >= 0 { digits.exponent &-= 1 }
                } else {
                    digits.isTruncated = true
                    if pointAt < 0 { digits.exponent &+= 1 }
                }
            } else if bytes[index] == decimalSeparator && pointAt < 0 {
                pointAt = index
            } else {
                break
            }
            index &+= 1
        }
        if digitCount == 0 { return nil }
        if index == count { return digits }
        guard let power = exponent(bytes + index, count &- index) else { return nil }
        digits.exponent &+= power
        return digits
    }

    /// `e-12`; powers beyond 99,999 are cut there, which no double can tell apart.
    private static func exponent(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int? {
        guard count >= 2, bytes[0] | 0x20 == 0x65 else { return nil }
        var index = 1
        let isNegative = bytes[1] == 0x2D
        if isNegative || bytes[1] == 0x2B { index = 2 }
        guard index < count else { return nil }
        var value = 0
        while index < count {
            let digit = bytes[index] &- 0x30
            if digit > 9 { return nil }
            value = min(value &* 10 &+ Int(digit), 99_999)
            index &+= 1
        }
        return isNegative ? -value : value
    }

    private static func notFinite(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Double? {
        guard count >= 3 else { return nil }
        let isSigned = bytes[0] == 0x2D || bytes[0] == 0x2B
        let (start, rest) = isSigned ? (bytes + 1, count - 1) : (bytes, count)
        if matches(start, rest, "nan") { return .nan }
        guard matches(start, rest, "inf") || matches(start, rest, "infinity") else { return nil }
        return bytes[0] == 0x2D ? -.infinity : .infinity
    }

    private static func slowDouble(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ decimalSeparator: UInt8
    ) -> Double? {
        var copy = Array(UnsafeBufferPointer(start: bytes, count: count))
        if decimalSeparator != 0x2E {
            for index in copy.indices where copy[index] == decimalSeparator { copy[index] = 0x2E }
        }
        return Double(String(decoding: copy, as: UTF8.self))
    }

    /// An exact number of at most `precision` digits, `scale` after the point, unscaled. Further
    /// digits after the point are rounded half away from zero.
    public static func decimal(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, precision: Int, scale: Int,
        decimalSeparator: UInt8 = 0x2E
    ) -> Int128? {
        var value: Int128 = 0
        var (index, digitCount, afterPoint) = (0, 0, -1)
        var roundsUp = false
        let isNegative = count > 0 && bytes[0] == 0x2D
        if isNegative || (count > 0 && bytes[0] == 0x2B) { index = 1 }
        while index < count {
            let digit = bytes[index] &- 0x30
            if digit <= 9 {
                digitCount &+= 1
                if afterPoint < scale {
                    if value > 99_999_999_999_999_999_999_999_999_999_999_999_999 / 10 {
                        return nil
                    }
                    value = value * 10 + Int128(digit)
                } else if afterPoint == scale {
                    roundsUp = digit >= 5
                }
                if afterPoint >= 0 { afterPoint &+= 1 }
            } else if bytes[index] == decimalSeparator && afterPoint < 0 {
                afterPoint = 0
                if scale == 0 { afterPoint = 0 }
            } else {
                return nil
            }
            index &+= 1
        }
        guard digitCount > 0 else { return nil }
        var missing = scale - max(0, afterPoint)
        while missing > 0 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
            missing -= 1
        }
        if roundsUp { value += 1 }
        guard value < decimalLimit(precision) else { return nil }
        return isNegative ? -value : value
    }

    /// Ten to the power of `precision`.
    private static func decimalLimit(_ precision: Int) -> Int128 {
        var limit: Int128 = 1
        for _ in 0..<min(precision, 38) { limit *= 10 }
        return limit
    }
}
