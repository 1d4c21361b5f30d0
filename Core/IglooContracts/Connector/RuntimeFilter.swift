// SPDX-License-Identifier: MIT

public import IglooArrow

/// What a running query has learnt of a column of a reader: rows outside of it are not needed any
/// more, and NULLs neither. All parts that are there hold.
public struct RuntimeFilter: Sendable {
    /// In the reader's schema.
    public var column: Int
    /// Of the literals: the column's, of text `utf8`.
    public var type: DataType
    /// Bounds, both inclusive.
    public var minimum: Scalar?
    public var maximum: Scalar?
    /// The values themselves, `valueCountMax` at most; `nil` = they are too many.
    public var values: [Scalar]?
    /// The values, and others: see `SplitBlockFilter`.
    public var bloom: SplitBlockFilter?

    /// The values, where they lie close together.
    public var bitmap: NumberBitmap?

    public static let valueCountMax = 1_000

    public init(
        column: Int, type: DataType, minimum: Scalar? = nil, maximum: Scalar? = nil,
        values: [Scalar]? = nil, bloom: SplitBlockFilter? = nil, bitmap: NumberBitmap? = nil
    ) {
        self.column = column
        self.type = type
        self.minimum = minimum
        self.maximum = maximum
        self.values = values
        self.bloom = bloom
        self.bitmap = bitmap
    }
}

/// Which numbers of a range are needed: a bit each, those of a byte from the lowest on. Numbers
/// beyond are not.
public struct NumberBitmap: Sendable {
    /// The number of the first bit.
    public var first: Int64
    /// Whole words of 64 bits, aligned.
    public var bits: Buffer

    public init(first: Int64, bits: Buffer) {
        self.first = first
        self.bits = bits
    }
}
