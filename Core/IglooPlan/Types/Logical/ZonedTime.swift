// SPDX-License-Identifier: MIT

/// A time of day in a zone that is so far from UTC: timetz.
///
/// Kept as one number that orders as PostgreSQL does: by the time in UTC, then zones in the east
/// first.
public struct ZonedTime: Hashable, Sendable {
    /// Microseconds since midnight, in the zone.
    public var microseconds: Int64
    /// Seconds east of UTC, less than a day.
    public var offset: Int64

    private static let offsetBitCount: Int64 = 18
    private static let offsetBias: Int64 = 1 << 17

    public init(microseconds: Int64, offset: Int64) {
        self.microseconds = microseconds
        self.offset = offset
    }

    public init(stored: Int64) {
        offset = Self.offsetBias - (stored & ((1 << Self.offsetBitCount) - 1))
        microseconds = (stored >> Self.offsetBitCount) &+ offset &* 1_000_000
    }

    public var stored: Int64 {
        (microseconds &- offset &* 1_000_000) << Self.offsetBitCount
            | (Self.offsetBias - offset)
    }
}
