// SPDX-License-Identifier: MIT

public import IglooArrow

/// Names a column within one statement: each output of a scan, projection, aggregate or set
/// operation has its own, so that a plan can be rearranged without renumbering.
public struct ColumnId: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let rawValue: Int
    public init(_ rawValue: Int) { self.rawValue = rawValue }
    public var description: String { "#\(rawValue)" }
    public static func < (left: ColumnId, right: ColumnId) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// An expression whose names and types are settled. Types are engine types (`EngineType`).
///
/// In a logical plan columns are `column`; the physical plan has `input` in their place. All
/// implicit conversions are explicit `cast`s: arguments of a call have exactly the types its
/// overload resolved to.
public indirect enum Expression: Hashable, Sendable {
    /// A column of the input, or, in a subquery, of a query around it (a correlated one).
    case column(ColumnId, DataType)
    /// The column at a position of the operator's input. Physical plans only.
    case input(Int, DataType)
    case literal(Scalar, DataType)
    /// A function or operator of the `FunctionTable`, by name.
    case call(String, [Expression], DataType)
    /// A function of a plugin.
    case foreign(ForeignCall, [Expression])
    /// `isTry`: NULL in place of an error.
    case cast(Expression, DataType, isTry: Bool)
    /// The first branch whose condition is true, else `otherwise`. All results have type `type`.
    case conditional([ConditionalBranch], otherwise: Expression, DataType)
    /// `value IN (list)`: the list's elements have the value's type.
    case isIn(Expression, [Expression], isNegated: Bool)
    /// A function of an expression's own, as `list_transform` takes one: only as an argument of a
    /// call, which says what the variables are.
    case lambda([LambdaVariable], Expression)
    /// A variable of a lambda around the expression.
    case variable(LambdaVariable)
    /// A query within the expression. The planner turns all of them into joins.
    case subquery(Subquery)

    public var type: DataType {
        switch self {
        case .column(_, let type), .input(_, let type), .literal(_, let type),
            .call(_, _, let type), .cast(_, let type, _), .conditional(_, _, let type):
            type
        case .isIn: .bool
        case .foreign(let call, _): call.result
        case .lambda(_, let body): body.type
        case .variable(let variable): variable.type
        case .subquery(let subquery): subquery.type
        }
    }

    public static let trueLiteral = Expression.literal(.bool(true), .bool)
    public static let falseLiteral = Expression.literal(.bool(false), .bool)
    public static func null(_ type: DataType) -> Expression { .literal(.null, type) }
}

/// What stands for an item in a lambda; each has its own number within a statement.
public struct LambdaVariable: Hashable, Sendable {
    public var id: Int
    public var name: String
    public var type: DataType

    public init(id: Int, name: String, type: DataType) {
        self.id = id
        self.name = name
        self.type = type
    }
}

public struct ConditionalBranch: Hashable, Sendable {
    public var condition: Expression
    public var result: Expression

    public init(condition: Expression, result: Expression) {
        self.condition = condition
        self.result = result
    }
}

/// A query inside an expression. Columns it uses but does not produce belong to the query around.
public struct Subquery: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// The one value of its one row; NULL without a row; an error (21000) with more.
        case scalar
        case exists(isNegated: Bool)
        /// `value operator ANY (plan)`; IN is `= ANY`. Several values are a row, compared with the
        /// plan's as many columns.
        case any([Expression], comparison: String)
        /// `value operator ALL (plan)`; NOT IN is `<> ALL`.
        case all([Expression], comparison: String)
    }

    public var kind: Kind
    public var plan: LogicalPlan
    public var type: DataType

    public init(kind: Kind, plan: LogicalPlan, type: DataType) {
        self.kind = kind
        self.plan = plan
        self.type = type
    }
}
