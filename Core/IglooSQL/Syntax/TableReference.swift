// SPDX-License-Identifier: MIT

/// What may stand in FROM.
public indirect enum TableReference: Hashable, Sendable {
    case table(QualifiedName, TableAlias?)
    /// `'folder/*.parquet'`
    case file(String, TableAlias?, SourceRange)
    case function(TableFunction)
    case query(Query, isLateral: Bool, TableAlias?, SourceRange)
    case join(JoinSyntax)
    /// `table TABLESAMPLE ...`
    case sample(TableReference, Sample)
    case pivot(Pivot)
    case unpivot(Unpivot)
    /// `(DESCRIBE t)`, `(SHOW TABLES)`, `(SUMMARIZE t)`
    case statement(Statement, TableAlias?, SourceRange)

    public var range: SourceRange {
        switch self {
        case .table(let name, _): name.range
        case .file(_, _, let range): range
        case .function(let function): function.range
        case .query(_, _, _, let range): range
        case .join(let join): join.range
        case .sample(let table, _): table.range
        case .pivot(let pivot): pivot.range
        case .unpivot(let unpivot): unpivot.range
        case .statement(_, _, let range): range
        }
    }
}

/// `TABLESAMPLE 10%`, `TABLESAMPLE 100 ROWS`, `TABLESAMPLE BERNOULLI (10)`
public struct Sample: Hashable, Sendable {
    public var size: ExpressionSyntax
    public var isPercent: Bool
    /// REPEATABLE: the same rows for the same seed.
    public var seed: ExpressionSyntax?
    public var range: SourceRange
}

/// `[AS] name [(columns)]`
public struct TableAlias: Hashable, Sendable {
    public var name: Identifier
    public var columns: [Identifier]
    /// Where a list of columns gives types, too: `AS t(a integer, b text)`; one for each column.
    public var types: [TypeName] = []

    public init(name: Identifier, columns: [Identifier] = []) {
        self.name = name
        self.columns = columns
    }
}

/// `read_csv('x', delim = '|')`
public struct TableFunction: Hashable, Sendable {
    public var name: QualifiedName
    public var arguments: [ExpressionSyntax]
    public var namedArguments: [ExpressionSyntax.NamedValue]
    public var isLateral: Bool
    public var withOrdinality: Bool
    public var alias: TableAlias?
    public var range: SourceRange
}

public struct JoinSyntax: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case inner, left, right, full, cross, semi, anti
        /// Row by row: the first of the one with the first of the other.
        case positional
    }

    public enum Condition: Hashable, Sendable {
        case on(ExpressionSyntax)
        case using([Identifier])
        case natural
        case none
    }

    public var kind: Kind
    public var left: TableReference
    public var right: TableReference
    public var condition: Condition
    public var range: SourceRange
    /// For each left row the nearest right row, by the one comparison of the condition.
    public var isAsof = false
}
