// SPDX-License-Identifier: MIT

/// A query with what stands around its body: WITH, ORDER BY, LIMIT.
public struct Query: Hashable, Sendable {
    public var with: With?
    public var body: QueryBody
    public var orderBy: OrderBy?
    public var limit: Limit?
    public var offset: ExpressionSyntax?
    public var range: SourceRange
}

public indirect enum QueryBody: Hashable, Sendable {
    case select(Select)
    case values([[ExpressionSyntax]], SourceRange)
    case setOperation(SetOperationSyntax)
    /// A query in parentheses.
    case query(Query)

    public var range: SourceRange {
        switch self {
        case .select(let select): select.range
        case .values(_, let range): range
        case .setOperation(let operation): operation.range
        case .query(let query): query.range
        }
    }
}

/// A chain of one set operation: `a UNION b UNION c`, from left to right.
public struct SetOperationSyntax: Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case union, intersect, except }

    public var kind: Kind
    public var isAll: Bool
    /// DuckDB's `UNION BY NAME`.
    public var isByName: Bool
    /// Two or more.
    public var operands: [QueryBody]
    public var range: SourceRange
}

public struct Select: Hashable, Sendable {
    public var distinct: Distinct?
    public var items: [SelectItem]
    public var from: [TableReference]
    /// DuckDB's `USING SAMPLE`: of the rows of FROM.
    public var sample: Sample?
    public var filter: ExpressionSyntax?
    public var groupBy: GroupBy?
    public var having: ExpressionSyntax?
    public var windows: [NamedWindow]
    public var qualify: ExpressionSyntax?
    public var range: SourceRange
}

public enum Distinct: Hashable, Sendable {
    case rows
    /// `DISTINCT ON (...)`
    case on([ExpressionSyntax])
}

public struct SelectItem: Hashable, Sendable {
    public var expression: ExpressionSyntax
    public var alias: Identifier?
}

public enum GroupBy: Hashable, Sendable {
    /// `GROUP BY ALL`: by every item without an aggregate.
    case all(SourceRange)
    case elements([GroupingElement])
}

public indirect enum GroupingElement: Hashable, Sendable {
    case expression(ExpressionSyntax)
    case empty(SourceRange)
    case rollup([[ExpressionSyntax]], SourceRange)
    case cube([[ExpressionSyntax]], SourceRange)
    case sets([GroupingElement], SourceRange)
}

public enum OrderBy: Hashable, Sendable {
    /// `ORDER BY ALL`: by every column, left to right.
    case all(isDescending: Bool, nullsFirst: Bool?, SourceRange)
    case items([SortItem])
}

public struct SortItem: Hashable, Sendable {
    public var expression: ExpressionSyntax
    public var isDescending: Bool
    /// `nil` where nothing is said.
    public var nullsFirst: Bool?
}

public enum Limit: Hashable, Sendable {
    case count(ExpressionSyntax)
    /// DuckDB's `LIMIT 10%`.
    case percent(ExpressionSyntax)
    /// `FETCH FIRST n ROWS WITH TIES`
    case withTies(ExpressionSyntax)
    case all
}

public struct With: Hashable, Sendable {
    public var isRecursive: Bool
    public var tables: [CommonTable]
    public var range: SourceRange
}

/// `name (columns) AS [NOT] MATERIALIZED (query)`
public struct CommonTable: Hashable, Sendable {
    public var name: Identifier
    public var columns: [Identifier]
    public var isMaterialized: Bool?
    public var query: Query
}
