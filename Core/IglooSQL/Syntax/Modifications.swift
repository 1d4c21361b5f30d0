// SPDX-License-Identifier: MIT

/// `INSERT INTO table (columns) query`
public struct Insert: Hashable, Sendable {
    public enum Source: Hashable, Sendable {
        case query(Query)
        case defaultValues
    }

    public var with: With?
    public var table: QualifiedName
    public var alias: Identifier?
    /// Empty: all, in the table's order.
    public var columns: [Identifier]
    /// DuckDB's `INSERT INTO t BY NAME`: the query's names say which column is which.
    public var isByName: Bool
    /// `OVERRIDING SYSTEM VALUE`: values for columns that are always generated are taken.
    public var overridesSystem = false
    public var source: Source
    public var conflict: OnConflict?
    public var returning: [SelectItem]
    public var range: SourceRange

    init(
        with: With?, table: QualifiedName, alias: Identifier?, columns: [Identifier],
        isByName: Bool, source: Source, conflict: OnConflict?, returning: [SelectItem],
        range: SourceRange
    ) {
        self.with = with
        self.table = table
        self.alias = alias
        self.columns = columns
        self.isByName = isByName
        self.source = source
        self.conflict = conflict
        self.returning = returning
        self.range = range
    }

    /// `INSERT INTO table query`
    public init(table: QualifiedName, query: Query) {
        self.init(
            with: nil, table: table, alias: nil, columns: [], isByName: false,
            source: .query(query), conflict: nil, returning: [], range: table.range)
    }
}

/// `ON CONFLICT (columns) DO ...`
public struct OnConflict: Hashable, Sendable {
    public enum Target: Hashable, Sendable {
        /// Any key.
        case any
        case columns([Identifier])
        case constraint(Identifier)
    }

    public var target: Target
    /// `nil`: DO NOTHING.
    public var update: [Assignment]?
    public var filter: ExpressionSyntax?
    public var range: SourceRange
}

/// `column = value`; `(a, b) = (1, 2)` and `(a, b) = (SELECT ...)` have several columns.
public struct Assignment: Hashable, Sendable {
    public var columns: [Identifier]
    public var value: ExpressionSyntax
    public var range: SourceRange
}

public struct Update: Hashable, Sendable {
    public var with: With?
    public var table: QualifiedName
    public var alias: Identifier?
    public var assignments: [Assignment]
    public var from: [TableReference]
    public var filter: ExpressionSyntax?
    public var returning: [SelectItem]
    public var range: SourceRange
}

public struct Delete: Hashable, Sendable {
    public var with: With?
    public var table: QualifiedName
    public var alias: Identifier?
    public var using: [TableReference]
    public var filter: ExpressionSyntax?
    public var returning: [SelectItem]
    public var range: SourceRange
}

public struct Merge: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        case update([Assignment])
        case delete
        /// Without values: DEFAULT VALUES.
        case insert(columns: [Identifier], values: [ExpressionSyntax])
        case nothing
    }

    public enum Match: Hashable, Sendable { case matched, notMatched, notMatchedBySource }

    /// `WHEN [NOT] MATCHED [AND condition] THEN action`
    public struct Clause: Hashable, Sendable {
        public var match: Match
        public var condition: ExpressionSyntax?
        public var action: Action
        public var range: SourceRange
    }

    public var with: With?
    public var table: QualifiedName
    public var alias: Identifier?
    public var source: TableReference
    public var condition: ExpressionSyntax
    public var clauses: [Clause]
    public var returning: [SelectItem]
    public var range: SourceRange
}

public struct Truncate: Hashable, Sendable {
    public var tables: [QualifiedName]
}

public enum TransactionControl: Hashable, Sendable {
    case begin(isReadOnly: Bool)
    case commit
    case rollback
    case savepoint(Identifier)
    case release(Identifier)
    case rollbackTo(Identifier)
}

/// `PREPARE name (types) AS statement`
public struct Prepare: Hashable, Sendable {
    public var name: Identifier
    public var types: [TypeName]
    public var statement: Statement
}

public struct Execute: Hashable, Sendable {
    public var name: Identifier
    public var arguments: [ExpressionSyntax]
    public var range: SourceRange
}
