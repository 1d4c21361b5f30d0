// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// Passes on the rows for which a condition is true.
final class FilterOperator: MiddleOperator {
    private let predicate: ExpressionProgram

    init(
        _ next: PushOperator, _ metrics: OperatorMetrics, _ predicate: Expression,
        _ context: EvaluationContext
    ) throws(IglooError) {
        self.predicate = try ExpressionProgram(predicate, context)
        super.init(next, metrics)
    }

    override func process(_ batch: Batch) throws(IglooError) -> Demand {
        try emit(batch.filtered(by: try predicate.evaluate(batch)))
    }
}

/// Passes on expressions over the rows.
final class ProjectOperator: MiddleOperator {
    private let programs: [ExpressionProgram]

    init(
        _ next: PushOperator, _ metrics: OperatorMetrics, _ expressions: [Expression],
        _ context: EvaluationContext
    ) throws(IglooError) {
        programs = try expressions.programs(context)
        super.init(next, metrics)
    }

    override func process(_ batch: Batch) throws(IglooError) -> Demand {
        try emit(Batch(columns: try programs.evaluate(batch), rowCount: batch.rowCount))
    }
}

extension [Expression] {
    /// - Parameter shared: parts in common with other programs of the same operator.
    func programs(
        _ context: EvaluationContext, shared: SharedParts? = nil
    ) throws(IglooError) -> [ExpressionProgram] {
        let shared = shared ?? SharedParts(self)
        var programs: [ExpressionProgram] = []
        for expression in self {
            programs.append(try ExpressionProgram(expression, context, shared: shared))
        }
        return programs
    }
}

extension [ExpressionProgram] {
    func evaluate(_ batch: Batch) throws(IglooError) -> [ArrayData] {
        var columns: [ArrayData] = []
        columns.reserveCapacity(count)
        for program in self { columns.append(try program.evaluate(batch)) }
        return columns
    }
}

/// How many rows of a LIMIT are still to be passed over and on. Shared by all threads.
final class LimitState: Sendable {
    private let seen = Atomic<Int64>(0)
    private let offset: Int64
    /// The first row, counted from the beginning, that is not wanted.
    private let end: Int64

    init(count: Int64?, offset: Int64) {
        self.offset = offset
        let (end, overflow) = offset.addingReportingOverflow(count ?? .max)
        self.end = overflow ? .max : end
    }

    var isReached: Bool { seen.load(ordering: .relaxed) >= end }

    /// Which of the next `rowCount` rows are wanted.
    func take(_ rowCount: Int) -> Range<Int> {
        let first = seen.wrappingAdd(Int64(rowCount), ordering: .relaxed).oldValue
        let lower = min(max(offset - first, 0), Int64(rowCount))
        let upper = min(max(end - first, 0), Int64(rowCount))
        return Int(lower)..<Int(max(lower, upper))
    }
}

/// Passes on some rows after some others.
final class LimitOperator: MiddleOperator {
    private let state: LimitState

    init(_ next: PushOperator, _ metrics: OperatorMetrics, _ state: LimitState) {
        self.state = state
        super.init(next, metrics)
    }

    override func process(_ batch: Batch) throws(IglooError) -> Demand {
        if state.isReached { return .enough }
        let range = state.take(batch.rowCount)
        let demand = try emit(
            range.count == batch.rowCount
                ? batch : batch.slice(range.lowerBound, count: range.count))
        return state.isReached ? .enough : demand
    }
}
