// SPDX-License-Identifier: MIT

/// `CREATE TABLE name (columns and constraints) [AS query]` or `CREATE TABLE name [(names)] AS
/// query`.
public struct CreateTable: Hashable, Sendable {
    public var name: QualifiedName
    public var columns: [ColumnSyntax]
    public var constraints: [TableConstraint]
    /// `CREATE TABLE ... AS`: where the rows come from, and whether they are taken.
    public var query: Query?
    /// The columns' names that stand before `AS`.
    public var columnNames: [Identifier]
    public var withData: Bool
    public var orReplace: Bool
    public var isTemporary: Bool
    public var ifNotExists: Bool
}

/// A column of CREATE TABLE or ADD COLUMN.
public struct ColumnSyntax: Hashable, Sendable {
    public enum Identity: Hashable, Sendable { case always, byDefault }

    public var name: Identifier
    /// `nil`: what the expression of a generated column gives.
    public var type: TypeName?
    public var isNotNull = false
    public var defaultValue: ExpressionSyntax?
    /// `GENERATED ALWAYS AS (...)`
    public var generated: ExpressionSyntax?
    /// `GENERATED ... AS IDENTITY`, with what it says of the sequence.
    public var identity: Identity?
    public var sequence = SequenceOptions()
    /// Constraints written with the column: each names it alone.
    public var constraints: [TableConstraint] = []
}

public struct TableConstraint: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case primaryKey([Identifier])
        case unique([Identifier])
        case check(ExpressionSyntax)
        case foreignKey([Identifier], References)
    }

    /// `REFERENCES table (columns) ON DELETE action`
    public struct References: Hashable, Sendable {
        public enum Action: String, Hashable, Sendable {
            case none = "NO ACTION"
            case restrict = "RESTRICT"
            case cascade = "CASCADE"
            case setNull = "SET NULL"
            case setDefault = "SET DEFAULT"
        }

        public var table: QualifiedName
        /// Empty: the primary key.
        public var columns: [Identifier]
        public var onDelete = Action.none
        public var onUpdate = Action.none
    }

    public var name: Identifier?
    public var kind: Kind
    public var range: SourceRange

    public var isForeignKey: Bool { if case .foreignKey = kind { true } else { false } }
}

public struct AlterTable: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        case addColumn(ColumnSyntax, ifNotExists: Bool)
        case dropColumn(Identifier, ifExists: Bool)
        case renameColumn(Identifier, to: Identifier)
        case renameTable(to: Identifier)
        case setSchema(Identifier)
        case setDefault(Identifier, ExpressionSyntax)
        case dropDefault(Identifier)
        case setNotNull(Identifier)
        case dropNotNull(Identifier)
        case setType(Identifier, TypeName, using: ExpressionSyntax?)
        case addConstraint(TableConstraint)
        case dropConstraint(Identifier, ifExists: Bool)
        case addIdentity(Identifier, ColumnSyntax.Identity, SequenceOptions)
        case dropIdentity(Identifier, ifExists: Bool)
        /// Everything belongs to the one who is connected.
        case setOwner(Identifier)
    }

    public var name: QualifiedName
    public var actions: [Action]
    public var ifExists: Bool
    /// ALTER VIEW, which can be renamed only.
    public var isView: Bool
}

public struct CreateSchema: Hashable, Sendable {
    public var name: QualifiedName
    public var ifNotExists: Bool
}

/// `CREATE [UNIQUE] INDEX name ON table (columns)`
public struct CreateIndex: Hashable, Sendable {
    public var name: Identifier?
    public var table: QualifiedName
    public var columns: [ExpressionSyntax]
    public var isUnique: Bool
    public var ifNotExists: Bool
    public var range: SourceRange
}
