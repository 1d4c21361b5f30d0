// SPDX-License-Identifier: MIT

// Types, sequences and macros.

public struct CreateType: Hashable, Sendable {
    public enum Definition: Hashable, Sendable {
        case labels([String])
        /// DuckDB's `AS ENUM (SELECT ...)`.
        case query(Query)
        /// Another name for a type; PostgreSQL's `AS (a integer, ...)` is one of a structure.
        case alias(TypeName)
    }

    public var name: QualifiedName
    public var definition: Definition
    public var orReplace: Bool
    public var ifNotExists: Bool
}

public struct AlterType: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        case addValue(String, Place, ifNotExists: Bool)
        case renameValue(String, to: String)
        case rename(to: Identifier)
        case setOwner(Identifier)
    }

    public enum Place: Hashable, Sendable {
        case last
        case before(String)
        case after(String)
    }

    public var name: QualifiedName
    public var action: Action
    /// Of the labels, for errors.
    public var range: SourceRange
}

/// What CREATE and ALTER SEQUENCE say, and `(...)` behind IDENTITY.
public struct SequenceOptions: Hashable, Sendable {
    public var type: TypeName?
    public var increment: Int64?
    public var minimum: Bound?
    public var maximum: Bound?
    public var start: Int64?
    public var cycles: Bool?
    /// `OWNED BY`: said, and without a meaning here.
    public var owner: QualifiedName?
    /// ALTER: `RESTART`, `RESTART WITH 5`.
    public var restart: Restart?
    public var range = SourceRange(0, 0)

    /// `NO MINVALUE` says as little as nothing does.
    public enum Bound: Hashable, Sendable {
        case none
        case value(Int64)
    }

    public enum Restart: Hashable, Sendable {
        case atStart
        case at(Int64)
    }

    public init() {}
}

public struct CreateSequence: Hashable, Sendable {
    public var name: QualifiedName
    public var options: SequenceOptions
    public var orReplace: Bool
    public var isTemporary: Bool
    public var ifNotExists: Bool
}

public struct AlterSequence: Hashable, Sendable {
    public var name: QualifiedName
    public var options: SequenceOptions
    /// `RENAME TO`, in place of options.
    public var newName: Identifier?
    /// `OWNER TO`, in place of options.
    public var newOwner: Identifier?
    public var ifExists: Bool
}

/// `CREATE MACRO name(parameters) AS expression`, or `AS TABLE query`; several of different
/// numbers of parameters stand side by side.
public struct CreateMacro: Hashable, Sendable {
    public struct Parameter: Hashable, Sendable {
        public var name: Identifier
        public var defaultValue: ExpressionSyntax?
    }

    public enum Body: Hashable, Sendable {
        case expression(ExpressionSyntax)
        case query(Query)
    }

    public struct Form: Hashable, Sendable {
        public var parameters: [Parameter]
        public var body: Body
    }

    public var name: QualifiedName
    public var forms: [Form]
    public var orReplace: Bool
    public var isTemporary: Bool
    public var ifNotExists: Bool
}
