// SPDX-License-Identifier: MIT

public import IglooArrow

/// Which numbers a sequence gives.
public struct SequenceDefinition: Hashable, Sendable {
    /// smallint, integer or bigint.
    public var type: DataType
    public var start: Int64
    /// Never 0.
    public var increment: Int64
    public var range: ClosedRange<Int64>
    /// Whether it begins anew at the end.
    public var cycles: Bool

    public init(
        type: DataType = .int64, start: Int64 = 1, increment: Int64 = 1,
        range: ClosedRange<Int64> = 1...Int64.max, cycles: Bool = false
    ) {
        self.type = type
        self.start = start
        self.increment = increment
        self.range = range
        self.cycles = cycles
    }
}
