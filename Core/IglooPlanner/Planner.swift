// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
public import IglooPlan

/// What may be switched off, for tests and for finding faults.
public struct PlannerSettings: Sendable {
    /// Names of rules (`PlannerRule.name`) that are not to be used.
    public var disabledRules: Set<String> = []
    /// Whether sources are asked to take over filters, sorts and limits.
    public var pushdown = true

    public init() {}
}

/// Turns what a query means into how it is run.
///
/// - Threads: one statement, one planner, one thread.
public final class Planner {
    /// Evaluates an expression without columns; throws what it would throw at run time.
    public typealias EvaluateConstant = (Expression) throws(IglooError) -> Scalar

    let context: CallContext
    let settings: PlannerSettings
    let evaluateConstant: EvaluateConstant
    let statistics: StatisticsCache
    private var nextColumn = 1 << 32
    private var nextTable = 1 << 32

    public init(
        context: CallContext, settings: PlannerSettings = PlannerSettings(),
        evaluateConstant: @escaping EvaluateConstant
    ) {
        self.context = context
        self.settings = settings
        self.evaluateConstant = evaluateConstant
        statistics = StatisticsCache(context)
    }

    /// A column that no other has in this statement.
    func newColumn(_ name: String, _ type: DataType) -> PlanColumn {
        nextColumn += 1
        return PlanColumn(id: ColumnId(nextColumn), name: name, type: type)
    }

    /// A shared table that no other is in this statement.
    func newTable() -> Int {
        nextTable += 1
        return nextTable
    }

    /// Rewrites a plan into one that gives the same rows with less work. Subqueries are joins
    /// afterwards, whatever is disabled.
    ///
    /// - Throws: `unsupported` for correlated subqueries that cannot be unnested.
    public func optimize(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan {
        var plan = try apply(SharedInlining(self), to: plan)
        plan = try apply(ConstantFolding(self), to: plan)
        plan = try Unnesting(self).rewrite(plan)
        let rules: [any PlannerRule] = [
            SharedInlining(self), BooleanSimplification(), PredicatePushdown(),
            SharedFilters(self), JoinOrdering(self), PredicatePushdown(), ConstantFolding(self),
            RecursionInvariants(self), ShiftedSums(self), ProjectionPruning(),
        ]
        for rule in rules { plan = try apply(rule, to: plan) }
        return plan
    }

    private func apply(
        _ rule: any PlannerRule, to plan: LogicalPlan
    ) throws(IglooError) -> LogicalPlan {
        settings.disabledRules.contains(rule.name) ? plan : try rule.rewrite(plan)
    }

    /// Operators over positions, scans negotiated with their sources.
    public func physical(_ plan: LogicalPlan) throws(IglooError) -> PhysicalPlan {
        var builder = PhysicalPlanBuilder(self)
        return try builder.build(try JoinNegotiation(self).rewrite(plan))
    }
}

/// A rewriting that keeps a plan's rows and its columns.
protocol PlannerRule {
    var name: String { get }
    func rewrite(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan
}
