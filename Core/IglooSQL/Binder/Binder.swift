// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
public import IglooPlan

/// Syntax tree to logical plan: finds what each name stands for and what type each expression has.
///
/// - Throws: errors with SQLSTATE, byte position in the statement and, for a name, the nearest one
///   that exists. What is parsed but not built yet is `unsupported` (0A000).
/// - Threads: one binder a statement, on one thread.
public final class Binder {
    /// Views and common tables within each other, at most.
    static let nestingMax = 64
    /// Tables bound in a statement, at most: common tables that use each other twice multiply.
    static let relationCountMax = 5_000
    /// Tables in one FROM, at most; joins make deep plans.
    static let fromCountMax = 500
    /// Grouping sets of one GROUP BY, at most.
    static let groupingSetCountMax = 4_096

    /// The rows of a plan, now.
    public typealias Evaluate = (LogicalPlan) throws(IglooError) -> [[Scalar]]

    /// What a statement lists, as a table.
    public typealias List = (Statement) throws(IglooError) -> TableSource

    let catalog: any CatalogLookup
    /// For what a statement means that depends on values; `nil` where nothing may run.
    private let evaluate: Evaluate?
    let list: List?
    let parameters: [Expression]
    let settings: BinderSettings
    private var nextColumn = 0
    private var nextVariable = 0
    private var nextTable = 0
    private var relationCount = 0
    var nesting = 0
    var macroCallCount = 0
    /// Aliases that are being bound, so that one that names itself ends.
    var activeAliases: Set<String> = []

    /// - Parameter parameters: the literals that `$1`, `$2` ... stand for.
    public init(
        catalog: any CatalogLookup, parameters: [Expression] = [],
        settings: BinderSettings = BinderSettings(), list: List? = nil, evaluate: Evaluate? = nil
    ) {
        self.evaluate = evaluate
        self.list = list
        self.settings = settings
        self.catalog = catalog
        self.parameters = parameters
    }

    /// A query's plan. Its columns are the result's, in order.
    public func bind(_ query: Query) throws(IglooError) -> LogicalPlan {
        try bind(query, outer: nil, common: nil).plan
    }

    /// An expression without columns, computed: an option's value, a function's argument.
    public func constant(_ expression: ExpressionSyntax) throws(IglooError) -> Expression {
        let context = ExpressionContext(Scope(parent: nil), clause: "a constant", common: nil)
        let bound = try bind(expression, context).expression
        if case .literal = bound { return bound }
        let plan = LogicalPlan.values([[bound]], columns: [newColumn("value", bound.type)])
        return .literal(
            try evaluated(plan, expression.range).first?.first ?? .null, bound.type)
    }

    /// A plan's rows, for what can be bound only once they are known.
    func evaluated(
        _ plan: LogicalPlan, _ range: SourceRange
    ) throws(IglooError) -> [[Scalar]] {
        guard let evaluate else {
            throw IglooError(
                .unsupported,
                "what depends on the values of a query cannot be described before it "
                    + "runs", position: range.start)
        }
        return try evaluate(plan)
    }

    func sortKey(_ value: Expression, isDescending: Bool, nullsFirst: Bool?) -> SortKey {
        SortKey(
            value, isDescending: isDescending,
            nullsFirst: nullsFirst ?? settings.nullOrder.nullsFirst(isDescending: isDescending))
    }

    func newColumn(_ name: String, _ type: DataType) -> PlanColumn {
        nextColumn += 1
        return PlanColumn(id: ColumnId(nextColumn), name: name, type: type)
    }

    func newVariable() -> Int {
        nextVariable += 1
        return nextVariable
    }

    func newTable() -> Int {
        nextTable += 1
        return nextTable
    }

    func countRelation(_ range: SourceRange) throws(IglooError) {
        relationCount += 1
        guard relationCount <= Self.relationCountMax else {
            throw tooComplex("it reads more than \(Self.relationCountMax) tables", range)
        }
    }

    func tooComplex(_ reason: String, _ range: SourceRange?) -> IglooError {
        IglooError(
            .resourceExhausted, "statement too complex: \(reason)",
            sqlState: .statementTooComplex, position: range?.start)
    }

    func unsupported(_ feature: String, _ range: SourceRange, hint: String? = nil) -> IglooError {
        IglooError(
            .unsupported, "\(feature) not supported yet", hint: hint, position: range.start)
    }

    func error(
        _ state: SQLState, _ message: String, _ range: SourceRange, hint: String? = nil
    ) -> IglooError {
        IglooError(
            .invalidArgument, message, hint: hint, sqlState: state, position: range.start)
    }
}
