// SPDX-License-Identifier: MIT

public import IglooArrow

/// What a query means: relational operators over tables, nothing said of how.
///
/// Every operator's `columns` are its output; ids are unique in the statement. Filter, sort, limit
/// and joins pass their inputs' columns through.
public indirect enum LogicalPlan: Hashable, Sendable {
    case scan(Scan)
    /// Rows of expressions without columns (or with correlated ones): VALUES, SELECT without FROM
    /// (one row, no column).
    case values([[Expression]], columns: [PlanColumn])
    case filter(LogicalPlan, Expression)
    /// Its columns are exactly the projections.
    case project(LogicalPlan, [Projection])
    /// Group keys, then aggregates. Without keys: one group, also over no rows.
    case aggregate(LogicalPlan, keys: [Projection], calls: [AggregateColumn])
    case join(Join)
    case window(Window)
    case unnest(Unnest)
    case shared(SharedTable)
    case sharedRead(SharedRead)
    case recursion(Recursion)
    case sort(LogicalPlan, [SortKey])
    /// At most `count` rows (`nil` = all) after the first `offset`.
    case limit(LogicalPlan, count: Int64?, offset: Int64)
    /// Rows of which all columns are alike stand once; with `on`, the first row of each value of
    /// the keys, in the order `order`.
    case distinct(LogicalPlan, on: [Expression], order: [SortKey])
    case setOperation(SetOperation)
    case operation(ForeignOperation)

    /// The output.
    public var columns: [PlanColumn] {
        switch self {
        case .scan(let scan): scan.columns
        case .values(_, let columns): columns
        case .filter(let input, _), .sort(let input, _), .limit(let input, _, _),
            .distinct(let input, _, _):
            input.columns
        case .project(_, let projections): projections.map(\.column)
        case .aggregate(_, let keys, let calls): keys.map(\.column) + calls.map(\.column)
        case .join(let join): join.columns
        case .window(let window): window.input.columns + window.calls.map(\.column)
        case .unnest(let unnest): unnest.columns
        case .shared(let shared): shared.body.columns
        case .sharedRead(let read): read.columns
        case .recursion(let recursion): recursion.columns
        case .setOperation(let operation): operation.columns
        case .operation(let operation): operation.columns
        }
    }
}

/// A column of an operator's output.
public struct PlanColumn: Hashable, Sendable {
    public var id: ColumnId
    /// As the user will see it.
    public var name: String
    public var type: DataType

    public init(id: ColumnId, name: String, type: DataType) {
        self.id = id
        self.name = name
        self.type = type
    }

    public var reference: Expression { .column(id, type) }
}

/// An expression that becomes a column.
public struct Projection: Hashable, Sendable {
    public var column: PlanColumn
    public var expression: Expression

    public init(column: PlanColumn, expression: Expression) {
        self.column = column
        self.expression = expression
    }
}

/// An aggregate that becomes a column.
public struct AggregateColumn: Hashable, Sendable {
    public var column: PlanColumn
    public var call: AggregateCall

    public init(column: PlanColumn, call: AggregateCall) {
        self.column = column
        self.call = call
    }
}

/// The rows of a table.
public struct Scan: Hashable, Sendable {
    public var table: TableSource
    /// The columns to read. `tableColumns[i]` is the index of `columns[i]` in the table's schema.
    public var columns: [PlanColumn]
    public var tableColumns: [Int]
    /// What the source has taken over already: the table is a join that it makes.
    public var agreed: [PushdownRecord]

    public init(
        table: TableSource, columns: [PlanColumn], tableColumns: [Int],
        agreed: [PushdownRecord] = []
    ) {
        self.table = table
        self.columns = columns
        self.tableColumns = tableColumns
        self.agreed = agreed
    }
}

public struct Join: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        /// Inner with condition TRUE is the cross product.
        case inner, left, right, full
        /// Left rows with (without) a partner; the output is the left columns.
        case semi, anti
        /// As `anti`, for NOT IN: no left row qualifies if the condition is NULL for any right row.
        case nullAwareAnti
        /// As `left`, but more than one partner is an error (21000): scalar subqueries.
        case single
        /// The left columns and one boolean, `markColumn`: whether a partner exists (NULL if only
        /// the condition was NULL for some).
        case mark
    }

    public var kind: Kind
    public var left: LogicalPlan
    public var right: LogicalPlan
    public var condition: Expression
    /// `mark` only.
    public var markColumn: PlanColumn?
    /// LATERAL, or a correlated subquery not yet unnested: the right side uses the left's columns.
    public var isDependent: Bool
    /// What became of it when a source was to make it.
    public var pushdown: PushdownRecord?

    public init(
        _ kind: Kind, _ left: LogicalPlan, _ right: LogicalPlan, on condition: Expression,
        markColumn: PlanColumn? = nil, isDependent: Bool = false
    ) {
        self.kind = kind
        self.left = left
        self.right = right
        self.condition = condition
        self.markColumn = markColumn
        self.isDependent = isDependent
    }

    public var columns: [PlanColumn] {
        switch kind {
        case .inner, .left, .right, .full, .single: left.columns + right.columns
        case .semi, .anti, .nullAwareAnti: left.columns
        case .mark: left.columns + (markColumn.map { [$0] } ?? [])
        }
    }
}

/// UNION, INTERSECT, EXCEPT: both inputs have the types of `columns`, by position.
public struct SetOperation: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        case union, intersect, except
    }

    public var kind: Kind
    /// ALL: duplicates stay.
    public var keepsDuplicates: Bool
    public var left: LogicalPlan
    public var right: LogicalPlan
    public var columns: [PlanColumn]

    public init(
        _ kind: Kind, keepsDuplicates: Bool, _ left: LogicalPlan, _ right: LogicalPlan,
        columns: [PlanColumn]
    ) {
        self.kind = kind
        self.keepsDuplicates = keepsDuplicates
        self.left = left
        self.right = right
        self.columns = columns
    }
}
