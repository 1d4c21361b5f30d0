// SPDX-License-Identifier: MIT

import IglooArrow

/// Numerics: digits to the base of 10,000, made an integer of the column's scale, without loss.
///
/// - Source: `numeric_send` in PostgreSQL 15, src/backend/utils/adt/numeric.c: int16 digit count,
///   int16 weight of the first digit, uint16 sign, uint16 displayed scale, then the digits.
final class PostgresDecimalDecoder<Unscaled: FixedWidthInteger & SignedInteger & BitwiseCopyable>:
    PostgresColumnDecoder
{
    private let precision: Int
    private let scale: Int
    private let bound: Int128
    private var builder: PrimitiveBuilder<Unscaled>

    init(precision: Int, scale: Int, zero: Unscaled) {
        self.precision = precision
        self.scale = scale
        bound = PowersOfTen.value(precision)
        builder = PrimitiveBuilder(
            precision <= 18
                ? .decimal64(precision: precision, scale: scale)
                : .decimal128(precision: precision, scale: scale), zero: zero)
    }

    override func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        guard bytes.count >= 8 else { throw .length(bytes.count, "numeric") }
        let digitCount = Int(PostgresBytes.integer(bytes, as: Int16.self))
        let weight = Int(PostgresBytes.integer(bytes, at: 2, as: Int16.self))
        let sign = PostgresBytes.integer(bytes, at: 4, as: UInt16.self)
        guard digitCount >= 0, bytes.count == 8 + 2 * digitCount else {
            throw .length(bytes.count, "numeric")
        }
        guard sign == 0 || sign == 0x4000 else {
            let name = sign == 0xC000 ? "NaN" : sign == 0xF000 ? "-Infinity" : "Infinity"
            throw PostgresValueError(
                "\(name) is no decimal", hint: "give the catalog the option numeric = 'text'")
        }
        guard let magnitude = magnitude(bytes, digitCount, weight) else {
            throw PostgresValueError(
                "the value does not fit decimal(\(precision), \(scale)) without loss",
                hint: "give the catalog the option numeric = 'text' or 'double', or declare the"
                    + " column's precision and scale")
        }
        builder.append(Unscaled(truncatingIfNeeded: sign == 0 ? magnitude : -magnitude))
    }

    /// The value times 10^scale; `nil` where that is no integer of `precision` digits.
    private func magnitude(
        _ bytes: UnsafeRawBufferPointer, _ digitCount: Int, _ weight: Int
    ) -> Int128? {
        var value: Int128 = 0
        var index = 0
        // The power of ten, in units of the column's scale, that a digit stands for.
        var exponent = 4 * weight + scale
        while index < digitCount {
            let digit = Int(PostgresBytes.integer(bytes, at: 8 + 2 * index, as: Int16.self))
            guard (0...9_999).contains(digit) else { return nil }
            // Of the last digit only the part above the scale may be there.
            let cut = PowersOfTen.small(min(4, max(0, -exponent)))
            guard digit % cut == 0 else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: Int128(10_000 / cut))
            let (sum, carry) = shifted.addingReportingOverflow(Int128(digit / cut))
            if overflow || carry { return nil }
            value = sum
            index &+= 1
            exponent -= 4
        }
        // What stands behind the last digit: zeros.
        if value != 0 && exponent + 4 > 0 {
            guard exponent + 4 <= 38 else { return nil }
            let (scaled, overflow) = value.multipliedReportingOverflow(
                by: PowersOfTen.value(exponent + 4))
            if overflow { return nil }
            value = scaled
        }
        return value >= bound ? nil : value
    }

    override func appendNull() { builder.appendNull() }
    override func finish() -> ArrayData { builder.finish() }
}

enum PowersOfTen {
    private static let values: [Int128] = {
        var values: [Int128] = [1]
        for _ in 0..<38 { values.append(values[values.count - 1] * 10) }
        return values
    }()

    /// 10^exponent, for exponents of 0 to 4.
    static func small(_ exponent: Int) -> Int {
        switch exponent {
        case 0: 1
        case 1: 10
        case 2: 100
        case 3: 1_000
        default: 10_000
        }
    }

    /// 10^exponent, for exponents of 0 to 38.
    static func value(_ exponent: Int) -> Int128 { values[exponent] }
}
