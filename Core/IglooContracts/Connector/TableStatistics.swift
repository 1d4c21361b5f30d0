// SPDX-License-Identifier: MIT

public import IglooArrow

/// What is known of a table's rows without reading them.
public struct TableStatistics: Sendable {
    public var rowCount: Double?
    public var byteCount: Double?
    /// `rowCount` and every `nullFraction` are the truth, not estimates.
    public var isExact: Bool
    public var columns: [ColumnStatistics]

    public init(
        rowCount: Double? = nil, byteCount: Double? = nil, isExact: Bool = false,
        columns: [ColumnStatistics] = []
    ) {
        self.rowCount = rowCount
        self.byteCount = byteCount
        self.isExact = isExact
        self.columns = columns
    }
}

/// What is known of one column. `nil` = unknown.
public struct ColumnStatistics: Sendable {
    /// Index in the table's schema.
    public var column: Int
    public var nullFraction: Double?
    public var distinctCount: Double?
    public var averageByteCount: Double?
    /// Bounds: no value is below or above. They need not occur unless `isExact`.
    public var minimum: Scalar?
    public var maximum: Scalar?
    public var isExact: Bool

    public init(
        column: Int, nullFraction: Double? = nil, distinctCount: Double? = nil,
        averageByteCount: Double? = nil, minimum: Scalar? = nil, maximum: Scalar? = nil,
        isExact: Bool = false
    ) {
        self.column = column
        self.nullFraction = nullFraction
        self.distinctCount = distinctCount
        self.averageByteCount = averageByteCount
        self.minimum = minimum
        self.maximum = maximum
        self.isExact = isExact
    }
}
