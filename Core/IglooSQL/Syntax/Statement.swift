// SPDX-License-Identifier: MIT

/// One statement.
public indirect enum Statement: Hashable, Sendable {
    case query(Query)
    case insert(Insert)
    case update(Update)
    case delete(Delete)
    case merge(Merge)
    case truncate(Truncate)
    case transaction(TransactionControl)
    case createTable(CreateTable)
    case alterTable(AlterTable)
    case createSchema(CreateSchema)
    case createIndex(CreateIndex)
    case createView(CreateView)
    case createType(CreateType)
    case alterType(AlterType)
    case createSequence(CreateSequence)
    case alterSequence(AlterSequence)
    case createMacro(CreateMacro)
    case drop(Drop)
    case createCatalog(CreateCatalog)
    case explain(Explain)
    case set(SetVariable)
    /// `nil`: RESET ALL.
    case reset(QualifiedName?)
    case show(Show)
    case describe(Describe)
    case summarize(Describe)
    case prepare(Prepare)
    case execute(Execute)
    /// `nil`: DEALLOCATE ALL.
    case deallocate(Identifier?)
    case use(QualifiedName)
    case copy(Copy)
}

public struct CreateView: Hashable, Sendable {
    public var name: QualifiedName
    public var columns: [Identifier]
    public var query: Query
    public var orReplace: Bool
    public var isTemporary: Bool
    public var ifNotExists: Bool
}

public struct Drop: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        case table, view, index, schema, catalog, type, sequence
        case macro
        /// DROP MACRO TABLE.
        case tableMacro = "macro table"
    }

    public var kind: Kind
    public var names: [QualifiedName]
    public var ifExists: Bool
    public var isCascade: Bool
}

/// `CREATE CATALOG name USING connector OPTIONS (key 'value', ...)`
public struct CreateCatalog: Hashable, Sendable {
    public struct Option: Hashable, Sendable {
        public var name: QualifiedName
        public var values: [Literal]
        public var range: SourceRange
        /// Several values in brackets.
        public var isList: Bool
    }

    public var name: Identifier
    public var connector: Identifier
    public var options: [Option]
    public var orReplace: Bool
    public var ifNotExists: Bool
}

public struct Explain: Hashable, Sendable {
    /// How far the statement is taken before it is shown.
    public enum Stage: String, Hashable, Sendable, CaseIterable {
        case syntax, logical, physical, pushdown, analyze
    }

    public var stage: Stage
    public var statement: Statement
}

public struct SetVariable: Hashable, Sendable {
    /// One word or literal of the right-hand side.
    public enum Value: Hashable, Sendable {
        case literal(Literal)
        case word(Identifier)
    }

    public var name: QualifiedName
    /// Empty: `SET name = DEFAULT`.
    public var values: [Value]
}

public enum Show: Hashable, Sendable {
    case all
    /// `SHOW TABLES [FROM schema]`
    case tables(from: QualifiedName?)
    case variable(QualifiedName)
}

public enum Describe: Hashable, Sendable {
    case table(QualifiedName)
    case query(Query)
}
