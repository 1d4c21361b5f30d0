// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// How a query is run: operators over positions, ready for pipelines.
///
/// Expressions refer to the operator's input by position (`Expression.input`); those of a join to
/// the left columns, then the right ones.
public final class PhysicalPlan: Sendable {
    /// Unique in the plan; metrics are kept under it.
    public let id: Int
    public let operation: PhysicalOperation
    /// The output. `id`s of the columns have no meaning any more.
    public let columns: [PlanColumn]
    /// The planner's guess; `nil` = none.
    public let estimatedRowCount: Double?
    /// What became of the steps that sources might have taken over, for EXPLAIN (PUSHDOWN).
    public let pushdown: [PushdownRecord]

    public init(
        id: Int, _ operation: PhysicalOperation, columns: [PlanColumn],
        estimatedRowCount: Double? = nil, pushdown: [PushdownRecord] = []
    ) {
        self.pushdown = pushdown
        self.id = id
        self.operation = operation
        self.columns = columns
        self.estimatedRowCount = estimatedRowCount
    }

    /// The columns' types as arrays have them, without logical ones.
    public var types: [DataType] { columns.map(\.type.storage) }
}

public enum PhysicalOperation: Sendable {
    case scan(PhysicalScan)
    case values([[Expression]])
    case filter(PhysicalPlan, Expression)
    case project(PhysicalPlan, [Expression])
    /// Keys, then aggregates. Also DISTINCT: keys alone.
    case aggregate(PhysicalPlan, keys: [Expression], calls: [AggregateCall])
    case hashJoin(PhysicalHashJoin)
    /// Every pair for which the condition is true. The right side is the one kept in memory.
    case nestedLoopJoin(Join.Kind, PhysicalPlan, PhysicalPlan, condition: Expression)
    /// The input's columns, then the calls', in the order of partitions and keys.
    case window(PhysicalPlan, partition: [Expression], order: [SortKey], calls: [WindowCall])
    case sort(PhysicalPlan, [SortKey])
    /// The first `count` rows after `offset` in the order of the keys.
    case topN(PhysicalPlan, [SortKey], count: Int64, offset: Int64)
    case limit(PhysicalPlan, count: Int64?, offset: Int64)
    /// The first row, in the order `order`, of each value of `on`.
    case distinctOn(PhysicalPlan, on: [Expression], order: [SortKey])
    case unnest(PhysicalPlan, [Unnest.Generator.Source], Unnest.Shape)
    /// The second plan's rows; it reads the first one's by `sharedRead`.
    case shared(id: Int, PhysicalPlan, body: PhysicalPlan)
    /// Columns, by position, of a shared table or of what a recursion found last.
    case sharedRead(id: Int, columns: [Int])
    case recursion(id: Int, base: PhysicalPlan, step: PhysicalPlan, keepsDuplicates: Bool)
    /// All rows of all inputs.
    case unionAll([PhysicalPlan])
    /// INTERSECT and EXCEPT, over whole rows, NULLs alike. (UNION is an aggregate over unionAll.)
    case setOperation(SetOperation.Kind, keepsDuplicates: Bool, PhysicalPlan, PhysicalPlan)
    /// A plugin's step, over whole inputs.
    case operation(OperatorCall, [PhysicalPlan])
}

/// A scan as negotiated with its connector.
public struct PhysicalScan: Sendable {
    public var table: TableSource
    public var request: ScanRequest
    public var answer: ScanAnswer
    /// What each pushed step came to, for EXPLAIN (PUSHDOWN).
    public var pushdown: [PushdownRecord]
    /// Columns of the answer that hold no NULL, by what the source counted.
    public var neverNull: Set<Int> = []

    public init(
        table: TableSource, request: ScanRequest, answer: ScanAnswer, pushdown: [PushdownRecord]
    ) {
        self.table = table
        self.request = request
        self.answer = answer
        self.pushdown = pushdown
    }
}

/// One step of a query over a source and what became of it.
public struct PushdownRecord: Hashable, Sendable {
    public enum Step: String, Hashable, Sendable {
        case projection, filter, join, aggregate, sort, limit
    }

    public enum Outcome: String, Hashable, Sendable {
        /// The source does it.
        case pushed
        /// The source helps, Igloo does it again.
        case residual
        /// Igloo does it.
        case refused
    }

    /// The table, as a user would write it; of a join, both sides'.
    public var table: String
    public var step: Step
    /// The step as SQL text.
    public var text: String
    public var outcome: Outcome
    /// A short code and, after a colon, words: `collation: equality of NOCASE is coarser`.
    public var reason: String

    public init(table: String, step: Step, text: String, outcome: Outcome, reason: String) {
        self.table = table
        self.step = step
        self.text = text
        self.outcome = outcome
        self.reason = reason
    }
}

/// An equality join. One side, the right one as a rule, is built into a table; the other probes it.
public struct PhysicalHashJoin: Sendable {
    public var kind: Join.Kind
    public var left: PhysicalPlan
    public var right: PhysicalPlan
    /// Pairs of alike types: over the left's columns and over the right's (each by its own
    /// positions). A pair with a NULL does not match, unless `nullsMatch`.
    public var leftKeys: [Expression]
    public var rightKeys: [Expression]
    /// Over left columns, then right columns; belongs to the match (ON), not to a later filter.
    public var residual: Expression?
    public var nullsMatch: Bool
    /// `mark` and `nullAwareAnti`: so many keys, the first ones, stand for conditions that are
    /// never unknown; a NULL in the others leaves the match open.
    public var decidedKeyCount: Int
    /// The left side is the one that is built. Not for `single`, `mark` and `nullAwareAnti`.
    public var buildsLeft: Bool

    public init(
        kind: Join.Kind, left: PhysicalPlan, right: PhysicalPlan, leftKeys: [Expression],
        rightKeys: [Expression], residual: Expression? = nil, nullsMatch: Bool = false,
        decidedKeyCount: Int = 0, buildsLeft: Bool = false
    ) {
        self.kind = kind
        self.left = left
        self.right = right
        self.leftKeys = leftKeys
        self.rightKeys = rightKeys
        self.residual = residual
        self.nullsMatch = nullsMatch
        self.decidedKeyCount = decidedKeyCount
        self.buildsLeft = buildsLeft
    }
}

extension PhysicalPlan {
    public var inputs: [PhysicalPlan] {
        switch operation {
        case .scan, .values, .sharedRead: []
        case .shared(_, let definition, let body): [definition, body]
        case .recursion(_, let base, let step, _): [base, step]
        case .filter(let input, _), .project(let input, _), .aggregate(let input, _, _),
            .sort(let input, _), .topN(let input, _, _, _), .limit(let input, _, _),
            .distinctOn(let input, _, _), .window(let input, _, _, _),
            .unnest(let input, _, _):
            [input]
        case .hashJoin(let join): [join.left, join.right]
        case .nestedLoopJoin(_, let left, let right, _), .setOperation(_, _, let left, let right):
            [left, right]
        case .unionAll(let inputs), .operation(_, let inputs): inputs
        }
    }
}
