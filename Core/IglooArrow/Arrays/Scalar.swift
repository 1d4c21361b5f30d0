// SPDX-License-Identifier: MIT

/// One value apart from its column: a literal, a statistic, a cell to be printed.
///
/// The case follows the storage, the type is kept beside it: an `int` may be a number, a date, a
/// time or a timestamp in the type's unit. Not for the data path.
///
/// Equal means the same value to the letter: NaN is NaN, and -0.0 is not 0.0.
public enum Scalar: Hashable, Sendable {
    case null
    case bool(Bool)
    /// Signed integers, dates, times, timestamps and durations, in the unit of their type.
    case int(Int64)
    case uint(UInt64)
    case float(Double)
    /// A decimal of up to 38 digits, unscaled.
    case decimal(Int128)
    /// A decimal of up to 76 digits, unscaled: the upper and the lower half in two's complement.
    case wideDecimal(high: Int128, low: UInt128)
    case text(String)
    case binary([UInt8])
    case interval(months: Int32, days: Int32, nanoseconds: Int64)
    case list([Scalar])
    /// The children's values, in the order of the fields.
    case structure([Scalar])
    /// Pairs as structures of key and value.
    case map([Scalar])

    public static func == (left: Scalar, right: Scalar) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let x), .bool(let y)): x == y
        case (.int(let x), .int(let y)): x == y
        case (.uint(let x), .uint(let y)): x == y
        case (.float(let x), .float(let y)): x.bitPattern == y.bitPattern || x.isNaN && y.isNaN
        case (.decimal(let x), .decimal(let y)): x == y
        case (.wideDecimal(let xHigh, let xLow), .wideDecimal(let yHigh, let yLow)):
            xHigh == yHigh && xLow == yLow
        case (.text(let x), .text(let y)): x.utf8.elementsEqual(y.utf8)
        case (.binary(let x), .binary(let y)): x == y
        case (.interval(let x0, let x1, let x2), .interval(let y0, let y1, let y2)):
            x0 == y0 && x1 == y1 && x2 == y2
        case (.list(let x), .list(let y)), (.structure(let x), .structure(let y)),
            (.map(let x), .map(let y)):
            x == y
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .uint(let value): hasher.combine(value)
        case .float(let value): hasher.combine(value.isNaN ? 1 : value.bitPattern)
        case .decimal(let value): hasher.combine(value)
        case .wideDecimal(let high, let low):
            hasher.combine(high)
            hasher.combine(low)
        case .text(let value):
            for byte in value.utf8 { hasher.combine(byte) }
        case .binary(let value): hasher.combine(value)
        case .interval(let months, let days, let nanoseconds):
            hasher.combine(months)
            hasher.combine(days)
            hasher.combine(nanoseconds)
        case .list(let values), .structure(let values), .map(let values): hasher.combine(values)
        }
    }

    public var isNull: Bool { if case .null = self { true } else { false } }
}
