// SPDX-License-Identifier: MIT

public import IglooArrow

/// What a table says of its rows: columns, defaults and constraints.
public struct TableDefinition: Hashable, Sendable {
    public struct Column: Hashable, Sendable {
        public var name: String
        /// An engine type.
        public var type: DataType
        /// Characters a text may have: `varchar(10)`; `nil` = any number.
        public var lengthMax: Int?
        public var isNullable: Bool
        /// The default as SQL text; `nil` = NULL.
        public var defaultText: String?
        /// `GENERATED ALWAYS AS (...)`: what the value is, as SQL text over the other columns.
        public var generatedText: String?
        /// Where the numbers of a `serial` or an IDENTITY column come from.
        public var sequence: ColumnSequence?
        /// The table's source has defaults of its own, which are not known here.
        public var isDefaultForeign = false

        public init(
            _ name: String, _ type: DataType, lengthMax: Int? = nil, isNullable: Bool = true,
            defaultText: String? = nil
        ) {
            self.name = name
            self.type = type
            self.lengthMax = lengthMax
            self.isNullable = isNullable
            self.defaultText = defaultText
        }

        /// `varchar(10)`, `integer`.
        public var typeName: String {
            lengthMax.map { "varchar(\($0))" } ?? type.sqlName
        }
    }

    /// A sequence that was made with a column, and goes with it.
    public struct ColumnSequence: Hashable, Sendable {
        public enum Identity: Hashable, Sendable { case always, byDefault }

        /// Schema and name; empty before it is made.
        public var name: [String] = []
        public var definition: SequenceDefinition
        /// `nil` for `serial`.
        public var identity: Identity?

        public init(_ definition: SequenceDefinition, identity: Identity? = nil) {
            self.definition = definition
            self.identity = identity
        }
    }

    /// PRIMARY KEY or UNIQUE: no two rows have the same values in these columns, unless one of
    /// them is NULL.
    public struct Key: Hashable, Sendable {
        public enum Kind: Hashable, Sendable {
            case primary, unique
            /// Made by CREATE UNIQUE INDEX.
            case index
        }

        public var name: String
        /// Indexes of the table's columns.
        public var columns: [Int]
        public var kind: Kind

        public init(_ name: String, columns: [Int], kind: Kind) {
            self.name = name
            self.columns = columns
            self.kind = kind
        }
    }

    /// A condition that is not false for any row.
    public struct Check: Hashable, Sendable {
        public var name: String
        /// The condition as SQL text.
        public var text: String

        public init(_ name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// Columns whose values, unless one is NULL, are those of a key of another table's row.
    public struct ForeignKey: Hashable, Sendable {
        /// What becomes of rows whose key goes.
        public enum Action: Hashable, Sendable {
            /// It may not go.
            case none
            case cascade, setNull
        }

        public var name: String
        /// Indexes of the table's columns.
        public var columns: [Int]
        /// The number of the other table.
        public var table: Int
        /// Indexes of its columns, which are those of one of its keys.
        public var keyColumns: [Int]
        public var onDelete: Action

        public init(
            _ name: String, columns: [Int], table: Int, keyColumns: [Int], onDelete: Action
        ) {
            self.name = name
            self.columns = columns
            self.table = table
            self.keyColumns = keyColumns
            self.onDelete = onDelete
        }
    }

    public var columns: [Column]
    public var keys: [Key]
    public var checks: [Check]
    public var foreignKeys: [ForeignKey] = []

    public var constraintNames: Set<String> {
        Set(keys.map(\.name) + checks.map(\.name) + foreignKeys.map(\.name))
    }

    public init(columns: [Column], keys: [Key] = [], checks: [Check] = []) {
        self.columns = columns
        self.keys = keys
        self.checks = checks
    }

    public var schema: Schema {
        Schema(columns.map { Field($0.name, $0.type, isNullable: $0.isNullable) })
    }
}
