// SPDX-License-Identifier: MIT

public import IglooArrow

/// An aggregate function over the rows of each group.
public struct AggregateCall: Hashable, Sendable {
    /// A name of the `FunctionTable`; `count` without arguments counts rows. Of a plugin's
    /// function, its full name, which is none of the table's.
    public var function: String
    /// The function, if it is a plugin's.
    public var foreign: ForeignCall?
    public var arguments: [Expression]
    public var isDistinct: Bool
    /// Only rows for which this is true count.
    public var filter: Expression?
    /// The order of the rows within the group, where it matters.
    public var order: [SortKey]
    public var type: DataType

    public init(
        _ function: String, _ arguments: [Expression], isDistinct: Bool = false,
        filter: Expression? = nil, order: [SortKey] = [], type: DataType,
        foreign: ForeignCall? = nil
    ) {
        self.function = function
        self.foreign = foreign
        self.arguments = arguments
        self.isDistinct = isDistinct
        self.filter = filter
        self.order = order
        self.type = type
    }
}

public struct SortKey: Hashable, Sendable {
    public var expression: Expression
    public var isDescending: Bool
    public var nullsFirst: Bool

    public init(_ expression: Expression, isDescending: Bool = false, nullsFirst: Bool? = nil) {
        self.expression = expression
        self.isDescending = isDescending
        self.nullsFirst = nullsFirst ?? isDescending
    }
}
