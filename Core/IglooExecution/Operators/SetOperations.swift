// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

// INTERSECT and EXCEPT are aggregations: the rows of both sides, told apart by one more column, are
// grouped, and each group comes out as often as its counts say.

extension SetOperation {
    /// Counts each distinct row of the left and of the right side. Its input has a last column
    /// that is true on the left.
    static func sink(
        types: [DataType], _ query: QueryExecution, _ metrics: OperatorMetrics
    ) -> AggregateSink {
        let isLeft = Expression.input(types.count, .bool)
        let filters = [isLeft, Expression.call("not", [isLeft], .bool)]
        return AggregateSink(
            keys: types.enumerated().map { .input($0.offset, $0.element) },
            calls: filters.map { AggregateCall("count", [], filter: $0, type: .int64) },
            inputTypes: types + [.bool], query, metrics)
    }
}

/// Adds the column that tells the sides apart.
final class SideOperator: PushOperator {
    private let next: PushOperator
    private let isLeft: Bool

    init(_ next: PushOperator, isLeft: Bool) {
        self.next = next
        self.isLeft = isLeft
    }

    override func push(_ batch: Batch) throws(IglooError) -> Demand {
        let side = ArrayData(
            type: .bool, count: batch.rowCount, nullCount: 0,
            buffers: [Bits.filled(isLeft, count: batch.rowCount)])
        return try next.push(Batch(columns: batch.columns + [side], rowCount: batch.rowCount))
    }

    override func finish() throws(IglooError) { try next.finish() }
}

/// Repeats rows by the two counts behind them.
final class MultiplicityOperator: PushOperator {
    private let next: PushOperator
    private let metrics: OperatorMetrics
    private let kind: SetOperation.Kind
    private let keepsDuplicates: Bool

    init(
        _ next: PushOperator, _ metrics: OperatorMetrics, _ kind: SetOperation.Kind,
        keepsDuplicates: Bool
    ) {
        self.kind = kind
        self.keepsDuplicates = keepsDuplicates
        self.next = next
        self.metrics = metrics
    }

    /// How often a row stands in the result.
    private func multiplicity(_ left: Int64, _ right: Int64) -> Int64 {
        switch (kind, keepsDuplicates) {
        case (.intersect, true): min(left, right)
        case (.intersect, false): min(left, right, 1)
        case (.except, true): max(left - right, 0)
        case (.except, false): left > 0 && right == 0 ? 1 : 0
        case (.union, true): left + right
        case (.union, false): 1
        }
    }

    override func push(_ batch: Batch) throws(IglooError) -> Demand {
        let columns = Array(batch.columns.dropLast(2))
        let counts = batch.columns.suffix(2).map { $0.values(as: Int64.self) }
        var rows: [UInt32] = []
        for row in 0..<batch.rowCount {
            var left = multiplicity(counts[0][row], counts[1][row])
            while left > 0 {
                rows.append(UInt32(row))
                left -= 1
                guard rows.count == Batch.rowCountMax else { continue }
                if try emit(columns, rows) == .enough { return .enough }
                rows.removeAll(keepingCapacity: true)
            }
        }
        return try emit(columns, rows)
    }

    private func emit(_ columns: [ArrayData], _ rows: [UInt32]) throws(IglooError) -> Demand {
        if rows.isEmpty { return .more }
        metrics.rowsOut.wrappingAdd(Int64(rows.count), ordering: .relaxed)
        return try next.push(
            Batch(columns: try Vectors.gather(columns, rows[...]), rowCount: rows.count))
    }

    override func finish() throws(IglooError) { try next.finish() }
}
