// SPDX-License-Identifier: MIT

/// `PIVOT source ON axes USING aggregates GROUP BY groups`, or
/// `source PIVOT (aggregates FOR axes GROUP BY groups)`: values become columns.
public struct Pivot: Hashable, Sendable {
    /// Expressions, and those of their values that become columns.
    public struct Axis: Hashable, Sendable {
        public enum Choices: Hashable, Sendable {
            /// All values that the source has.
            case found
            case listed([Choice])
            /// The rows of a query.
            case query(Query)
        }

        /// More than one: `(a, b) IN ((1, 2), (3, 4))`.
        public var expressions: [ExpressionSyntax]
        public var choices: Choices
    }

    /// A value for each expression of the axis.
    public struct Choice: Hashable, Sendable {
        public var values: [ExpressionSyntax]
        public var alias: Identifier?
    }

    public var source: TableReference
    public var axes: [Axis]
    /// Empty: `count(*)`.
    public var aggregates: [SelectItem]
    /// `nil`: every column that neither an axis nor an aggregate uses.
    public var groups: [ExpressionSyntax]?
    public var alias: TableAlias?
    public var range: SourceRange
}

/// `UNPIVOT source ON entries INTO NAME name VALUE values`, or
/// `source UNPIVOT [INCLUDE NULLS] (values FOR name IN (entries))`: columns become rows.
public struct Unpivot: Hashable, Sendable {
    /// What becomes one row: an expression for each of the value columns, or a star.
    public struct Entry: Hashable, Sendable {
        public var expressions: [ExpressionSyntax]
        /// In the column of names; otherwise the columns' names.
        public var alias: Identifier?
    }

    public var source: TableReference
    public var entries: [Entry]
    public var name: Identifier
    public var values: [Identifier]
    public var keepsNulls: Bool
    public var alias: TableAlias?
    public var range: SourceRange
}
