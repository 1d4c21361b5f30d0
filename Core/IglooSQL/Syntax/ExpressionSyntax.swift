// SPDX-License-Identifier: MIT

/// An expression as written.
public struct ExpressionSyntax: Hashable, Sendable {
    public var kind: Kind
    public var range: SourceRange

    public init(_ kind: Kind, _ range: SourceRange) {
        self.kind = kind
        self.range = range
    }

    public indirect enum Kind: Hashable, Sendable {
        case literal(Literal)
        /// Up to four parts: catalog, schema, table, column, or fewer; or a field of a structure.
        case column(QualifiedName)
        /// `*` or `t.*`: in a select list or an argument list only.
        case star(Star)
        case parameter(Parameter)
        case prefix(Operator, ExpressionSyntax)
        case infix(Operator, ExpressionSyntax, ExpressionSyntax)
        /// Two or more operands; a chain of one connective is one node.
        case logical(Connective, [ExpressionSyntax])
        case not(ExpressionSyntax)
        case test(ExpressionSyntax, TruthTest, isNegated: Bool)
        case isDistinct(ExpressionSyntax, ExpressionSyntax, isNegated: Bool)
        case pattern(PatternMatch)
        case between(Between)
        case inList(ExpressionSyntax, [ExpressionSyntax], isNegated: Bool)
        case inQuery(ExpressionSyntax, Query, isNegated: Bool)
        case exists(Query)
        case query(Query)
        /// `x = ANY (...)`, `x > ALL (...)`.
        case quantified(ExpressionSyntax, Operator, isAll: Bool, Operand)
        case conditional(Conditional)
        case cast(ExpressionSyntax, TypeName, isTry: Bool)
        case extract(field: Identifier, ExpressionSyntax)
        case call(FunctionCall)
        case array([ExpressionSyntax])
        case arrayQuery(Query)
        case structure([NamedValue])
        case row([ExpressionSyntax])
        case element(ExpressionSyntax, index: ExpressionSyntax)
        case slice(ExpressionSyntax, lower: ExpressionSyntax?, upper: ExpressionSyntax?)
        /// `(expression).name`
        case field(ExpressionSyntax, Identifier)
        case atTimeZone(ExpressionSyntax, zone: ExpressionSyntax)
        /// `x -> body`, `(x, y) -> body` or `LAMBDA x, y: body`: an argument of some functions.
        case lambda([Identifier], ExpressionSyntax)
        case collate(ExpressionSyntax, QualifiedName)
        /// DEFAULT, as a value to be written.
        case defaultValue
    }

    public enum Connective: Hashable, Sendable { case and, or }
    public enum TruthTest: Hashable, Sendable { case null, `true`, `false`, unknown }

    /// What stands behind ANY or ALL.
    public enum Operand: Hashable, Sendable {
        case query(Query)
        case array(ExpressionSyntax)
    }

    public enum Parameter: Hashable, Sendable {
        /// `$1`, or the n-th `?`; from 1.
        case index(Int)
        case named(String)
    }

    /// `name := value` in a call, or `'name': value` in a structure.
    public struct NamedValue: Hashable, Sendable {
        public var name: Identifier
        public var value: ExpressionSyntax

        public init(name: Identifier, value: ExpressionSyntax) {
            self.name = name
            self.value = value
        }
    }
}

/// `*`, `t.*`, and what is left out of it or put in place of its columns.
public struct Star: Hashable, Sendable {
    public var qualifier: QualifiedName?
    public var excluded: [QualifiedName]
    public var replaced: [ExpressionSyntax.NamedValue]
    public var renamed: [Renaming]
    /// `(structure).*`: its fields.
    public var structure: ExpressionSyntax?
    /// `*COLUMNS(...)`, as an argument: all of its columns, one after the other.
    public var unpacked: ExpressionSyntax?

    public init(
        qualifier: QualifiedName? = nil, excluded: [QualifiedName] = [],
        replaced: [ExpressionSyntax.NamedValue] = [], renamed: [Renaming] = []
    ) {
        self.qualifier = qualifier
        self.excluded = excluded
        self.replaced = replaced
        self.renamed = renamed
    }

    /// `RENAME (column AS name)`
    public struct Renaming: Hashable, Sendable {
        public var column: Identifier
        public var name: Identifier

        public init(column: Identifier, name: Identifier) {
            self.column = column
            self.name = name
        }
    }
}

/// `value [NOT] LIKE pattern [ESCAPE escape]` and its kin.
public struct PatternMatch: Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case like, ilike, similar, glob }

    public var kind: Kind
    public var value: ExpressionSyntax
    public var pattern: ExpressionSyntax
    public var escape: ExpressionSyntax?
    public var isNegated: Bool
}

/// `value [NOT] BETWEEN [SYMMETRIC] lower AND upper`
public struct Between: Hashable, Sendable {
    public var value: ExpressionSyntax
    public var lower: ExpressionSyntax
    public var upper: ExpressionSyntax
    public var isSymmetric: Bool
    public var isNegated: Bool
}

/// `CASE [operand] WHEN ... THEN ... ELSE ... END`
public struct Conditional: Hashable, Sendable {
    public struct Branch: Hashable, Sendable {
        public var condition: ExpressionSyntax
        public var result: ExpressionSyntax
    }

    public var operand: ExpressionSyntax?
    public var branches: [Branch]
    public var otherwise: ExpressionSyntax?
}

/// `name([DISTINCT] arguments [ORDER BY ...]) [WITHIN GROUP (...)] [FILTER (...)] [OVER ...]`
public struct FunctionCall: Hashable, Sendable {
    public enum NullTreatment: Hashable, Sendable { case respect, ignore }

    public var name: QualifiedName
    public var arguments: [ExpressionSyntax] = []
    public var namedArguments: [ExpressionSyntax.NamedValue] = []
    public var isDistinct = false
    /// `count(*)`
    public var isStar = false
    public var orderBy: [SortItem] = []
    public var withinGroup: [SortItem] = []
    public var nullTreatment: NullTreatment?
    public var filter: ExpressionSyntax?
    public var window: WindowReference?

    public init(name: QualifiedName) { self.name = name }
}
