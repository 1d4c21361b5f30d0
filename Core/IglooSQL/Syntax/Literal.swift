// SPDX-License-Identifier: MIT

/// A constant as written. Numbers keep their text, since only the binder knows their type.
public enum Literal: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// Digits only, in base ten; of any count.
    case integer(String)
    /// Digits with a point.
    case decimal(String)
    /// Digits with an exponent.
    case float(String)
    case string(String)
    /// `X'00FF'`
    case bytes([UInt8])
    /// `DATE '2024-01-31'`: a type and its text, parsed when bound.
    case typed(TypeName, String)
    /// `INTERVAL '1 day'`, `INTERVAL '3' MONTH`: text and the unit behind it.
    case interval(String, unit: IntervalQualifier?)
}

/// The fields behind an interval literal: `MONTH`, or `DAY TO SECOND`.
public struct IntervalQualifier: Hashable, Sendable {
    /// In lower case, without a plural's s.
    public var from: String
    public var to: String?

    public init(from: String, to: String? = nil) {
        self.from = from
        self.to = to
    }
}
