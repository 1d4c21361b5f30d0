// SPDX-License-Identifier: MIT

/// Functions over the rows around each row. The output is the input's columns, then the calls';
/// all calls share one partitioning and one order.
public struct Window: Hashable, Sendable {
    public var input: LogicalPlan
    public var partition: [Expression]
    public var order: [SortKey]
    public var calls: [WindowColumn]

    public init(
        _ input: LogicalPlan, partition: [Expression], order: [SortKey], calls: [WindowColumn]
    ) {
        self.input = input
        self.partition = partition
        self.order = order
        self.calls = calls
    }
}

/// A window function that becomes a column.
public struct WindowColumn: Hashable, Sendable {
    public var column: PlanColumn
    public var call: WindowCall

    public init(column: PlanColumn, call: WindowCall) {
        self.column = column
        self.call = call
    }
}

/// A window function or an aggregate, and the rows it sees.
public struct WindowCall: Hashable, Sendable {
    /// The function, its arguments, and for aggregates DISTINCT, FILTER and ORDER BY.
    public var function: AggregateCall
    /// IGNORE NULLS: rows whose first argument is NULL are passed over.
    public var ignoresNulls: Bool
    public var frame: WindowFrame

    public init(_ function: AggregateCall, ignoresNulls: Bool = false, frame: WindowFrame) {
        self.function = function
        self.ignoresNulls = ignoresNulls
        self.frame = frame
    }

    public var expressions: [Expression] { function.expressions + frame.expressions }

    public func mapExpressions<E: Error>(
        _ transform: (Expression) throws(E) -> Expression
    ) throws(E) -> WindowCall {
        var call = self
        call.function = try function.mapExpressions(transform)
        call.frame = try frame.mapExpressions(transform)
        return call
    }
}

/// The rows of its partition that a row's function is computed from.
public struct WindowFrame: Hashable, Sendable {
    public enum Unit: String, Hashable, Sendable { case rows, range, groups }

    public enum Bound: Hashable, Sendable {
        case unboundedPreceding, currentRow, unboundedFollowing
        /// ROWS and GROUPS: how many (bigint). RANGE: the value of `rangeKey` at the bound.
        case preceding(Expression), following(Expression)
    }

    public enum Exclusion: String, Hashable, Sendable { case none, currentRow, group, ties }

    public var unit: Unit
    public var start: Bound
    public var end: Bound
    public var exclusion: Exclusion
    /// RANGE with a distance: the one key of the order, in the type of the bounds' values.
    public var rangeKey: SortKey?

    public init(
        _ unit: Unit, from start: Bound, to end: Bound, exclusion: Exclusion = .none,
        rangeKey: SortKey? = nil
    ) {
        self.unit = unit
        self.start = start
        self.end = end
        self.exclusion = exclusion
        self.rangeKey = rangeKey
    }

    public var expressions: [Expression] {
        [start.distance, end.distance, rangeKey?.expression].compactMap { $0 }
    }

    public func mapExpressions<E: Error>(
        _ transform: (Expression) throws(E) -> Expression
    ) throws(E) -> WindowFrame {
        var frame = self
        frame.start = try start.mapDistance(transform)
        frame.end = try end.mapDistance(transform)
        if var key = rangeKey {
            key.expression = try transform(key.expression)
            frame.rangeKey = key
        }
        return frame
    }
}

extension WindowFrame.Bound {
    public var distance: Expression? {
        switch self {
        case .preceding(let distance), .following(let distance): distance
        case .unboundedPreceding, .currentRow, .unboundedFollowing: nil
        }
    }

    func mapDistance<E: Error>(
        _ transform: (Expression) throws(E) -> Expression
    ) throws(E) -> WindowFrame.Bound {
        switch self {
        case .preceding(let distance): .preceding(try transform(distance))
        case .following(let distance): .following(try transform(distance))
        case .unboundedPreceding, .currentRow, .unboundedFollowing: self
        }
    }
}
