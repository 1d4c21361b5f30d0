// SPDX-License-Identifier: MIT

/// Where a piece of syntax stands in its statement: byte offsets, `end` just behind it.
///
/// Two ranges always compare equal, so that syntax trees are equal when they say the same,
/// wherever it is written. Compare `start` and `end` to compare places.
public struct SourceRange: Hashable, Sendable {
    private var storedStart: Int32
    private var storedEnd: Int32

    /// - Parameters: offsets within a statement's text, which is never longer than `Int32.max`.
    public init(_ start: Int, _ end: Int) {
        storedStart = Int32(clamping: start)
        storedEnd = Int32(clamping: end)
    }

    public var start: Int { Int(storedStart) }
    public var end: Int { Int(storedEnd) }

    /// A range that covers this one and another that ends behind it.
    public func through(_ other: SourceRange) -> SourceRange { SourceRange(start, other.end) }

    public static func == (left: SourceRange, right: SourceRange) -> Bool { true }
    public func hash(into hasher: inout Hasher) {}
}
