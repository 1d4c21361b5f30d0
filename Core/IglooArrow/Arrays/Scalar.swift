// SPDX-License-Identifier: MIT

/// One value apart from its column: a literal, a statistic, a cell to be printed.
///
/// The case follows the storage, the type is kept beside it: an `int` may be a number, a date, a
/// time or a timestamp in the type's unit. Not for the data path.
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

    public var isNull: Bool { self == .null }
}
