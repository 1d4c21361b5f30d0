// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooPlan

/// An expression bound, and what is still open about it.
struct BoundExpression {
    var expression: Expression
    /// A text literal whose type the context may still choose, as PostgreSQL's `unknown`.
    var isOpen: Bool
    var range: SourceRange
    /// Of a plain column: its name as its table spells it.
    var columnName: String?

    init(_ expression: Expression, isOpen: Bool = false, _ range: SourceRange) {
        self.expression = expression
        self.isOpen = isOpen
        self.range = range
    }

    var type: DataType { expression.type }

    /// The text of a literal whose type is open.
    var openText: String? {
        if isOpen, case .literal(.text(let text), _) = expression { text } else { nil }
    }
}

/// A query bound: its plan, and the columns that are still open text literals.
struct BoundQuery {
    var plan: LogicalPlan
    /// Per column of the plan.
    var isOpen: [Bool]

    init(_ plan: LogicalPlan, isOpen: [Bool]? = nil) {
        self.plan = plan
        self.isOpen = isOpen ?? Array(repeating: false, count: plan.columns.count)
    }

    var columns: [PlanColumn] { plan.columns }
}

/// Where an expression stands: what it may name, and whether it may hold aggregates.
final class ExpressionContext {
    let scope: Scope
    /// For errors: `WHERE`, `JOIN/ON`.
    let clause: String
    /// Where aggregates are gathered; `nil` where none may stand.
    let grouping: Grouping?
    /// Select items that may be named by their alias where no column has the name.
    var aliases: [String: ExpressionSyntax]
    /// What each aggregate's rows must fulfil beside its own FILTER: in PIVOT, to have the value.
    var aggregateFilter: Expression?
    /// While COLUMNS(...) is taken apart: its columns, and the one that stands for it now.
    var expansion: (columns: [OutputItem], index: Int)?
    /// Within an aggregate's arguments.
    var isInAggregate = false
    /// Where window functions are gathered; `nil` where none may stand.
    var windows: WindowCalls?
    /// Within a window function.
    var isInWindow = false
    /// Where functions that give rows are gathered; `nil` where none may stand.
    var rowCalls: RowCalls?
    var common: CommonTableScope?
    /// Of the lambdas around, the innermost last.
    var variables: [LambdaVariable] = []

    init(
        _ scope: Scope, clause: String, common: CommonTableScope?, grouping: Grouping? = nil,
        aliases: [String: ExpressionSyntax] = [:]
    ) {
        self.scope = scope
        self.clause = clause
        self.common = common
        self.grouping = grouping
        self.aliases = aliases
    }
}

/// The aggregates of one SELECT, and where its plain columns were named.
final class Grouping {
    var calls: [AggregateColumn] = []
    var keys: [Projection] = []
    /// GROUPING SETS: for each the indexes of its keys; a plain GROUP BY is one set of all keys.
    var sets: [[Int]] = [[]]
    /// The calls of GROUPING, each under a column that stands for it until the keys are known.
    var groupingCalls: [(column: PlanColumn, arguments: [BoundExpression])] = []
    /// Columns named outside of aggregates, for the error's place.
    var references: [(id: ColumnId, name: String, range: SourceRange)] = []
    var isGrouped = false
}
