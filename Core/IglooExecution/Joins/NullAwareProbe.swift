// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Probes the tables of a mark join or NOT IN: a row's outcome is true, false or unknown.
final class NullAwareProbe: MiddleOperator {
    private let tables: NullAwareTables
    private let join: PhysicalHashJoin
    private let keys: [ExpressionProgram]
    private let decided: [ExpressionProgram]
    private let residual: ExpressionProgram?
    private let condition: ExpressionProgram
    private let query: QueryExecution
    /// NULLs may come of more than the open keys.
    private let residualMayBeOpen: Bool
    private var probeRows = [UInt32](repeating: 0, count: Batch.rowCountMax)
    private var buildRows = [UInt32](repeating: 0, count: Batch.rowCountMax)

    private enum Outcome { case no, yes, unknown }

    init(
        _ next: PushOperator, _ metrics: OperatorMetrics, _ tables: NullAwareTables,
        _ query: QueryExecution
    ) throws(IglooError) {
        self.tables = tables
        self.query = query
        join = tables.join
        keys = try join.leftKeys.programs(query.evaluation)
        decided = try NullAwareTables.decided(join.leftKeys, join).programs(query.evaluation)
        if let residual = join.residual {
            self.residual = try ExpressionProgram(residual, query.evaluation)
        } else {
            residual = nil
        }
        // Where NULLs match in the tables, the residual has the strict equalities.
        let whole = join.nullsMatch ? join.residual ?? .trueLiteral : join.condition
        condition = try ExpressionProgram(whole, query.evaluation)
        residualMayBeOpen = join.residual?.conjuncts.contains { !$0.isDecided } ?? false
        super.init(next, metrics)
    }

    override func process(_ batch: Batch) throws(IglooError) -> Demand {
        var outcomes = [Outcome](repeating: .no, count: batch.rowCount)
        let columns = try keys.evaluate(batch)
        try forEachPair(tables.matching, columns, batch, residual) { row, _ in
            outcomes[row] = .yes
        }
        try findOpen(batch, columns, &outcomes)
        switch join.kind {
        case .mark:
            var builder = BoolBuilder()
            for outcome in outcomes {
                if outcome == .unknown {
                    builder.appendNull()
                } else {
                    builder.append(outcome == .yes)
                }
            }
            return try emit(
                Batch(columns: batch.columns + [builder.finish()], rowCount: batch.rowCount))
        default:
            let rows = outcomes.indices.filter { outcomes[$0] == .no }.map { UInt32($0) }
            return try emit(try batch.gathered(rows))
        }
    }

    /// Rows without a match, of which some pair's condition is NULL.
    private func findOpen(
        _ batch: Batch, _ columns: [ArrayData], _ outcomes: inout [Outcome]
    ) throws(IglooError) {
        guard tables.all.rowCount > 0, !join.openKeys.isEmpty || residualMayBeOpen else { return }
        let openColumns = join.openKeys.map { columns[$0] }
        var withNull: [UInt32] = []
        var others: [UInt32] = []
        for row in outcomes.indices where outcomes[row] == .no {
            let isOpen = residualMayBeOpen || openColumns.contains { $0.isNull(row) }
            if isOpen { withNull.append(UInt32(row)) } else { others.append(UInt32(row)) }
        }
        try findOpen(batch, withNull, in: tables.all, &outcomes)
        if tables.open.rowCount > 0 {
            try findOpen(batch, others, in: tables.open, &outcomes)
        }
    }

    private func findOpen(
        _ batch: Batch, _ rows: [UInt32], in table: JoinTable, _ outcomes: inout [Outcome]
    ) throws(IglooError) {
        guard !rows.isEmpty else { return }
        let part = try batch.gathered(rows)
        // With one open key and nothing else, the NULL alone decides.
        let isSettled = join.openKeys.count == 1 && join.residual == nil
        try forEachPair(
            table, try decided.evaluate(part), part, isSettled ? nil : condition, wantsNull: true
        ) { row, _ in outcomes[Int(rows[row])] = .unknown }
    }

    /// Calls `body` with the pairs for which the condition is true (NULL, with `wantsNull`).
    private func forEachPair(
        _ table: JoinTable, _ keys: [ArrayData], _ batch: Batch, _ condition: ExpressionProgram?,
        wantsNull: Bool = false, _ body: (Int, Int) -> Void
    ) throws(IglooError) {
        let probe = try table.probe(keys: keys, rowCount: batch.rowCount)
        while true {
            let count = probe.next(
                pairCountMax: Batch.rowCountMax, probeRows: &probeRows, buildRows: &buildRows)
            if count == 0 { return }
            try query.poll()
            guard let condition else {
                for index in 0..<count { body(Int(probeRows[index]), Int(buildRows[index])) }
                continue
            }
            let left = try Vectors.gather(batch.columns, probeRows[..<count])
            let right = try Vectors.gather(table.payload, buildRows[..<count])
            let mask = try condition.evaluate(Batch(columns: left + right, rowCount: count))
            if wantsNull {
                for index in 0..<count where mask.isNull(index) {
                    body(Int(probeRows[index]), Int(buildRows[index]))
                }
            } else {
                for index in Vectors.selectedIndexes(of: mask) {
                    body(Int(probeRows[Int(index)]), Int(buildRows[Int(index)]))
                }
            }
        }
    }
}

extension Expression {
    /// `coalesce(condition, false)`: never unknown.
    fileprivate var isDecided: Bool {
        guard case .call("coalesce", let arguments, _) = self else { return false }
        return arguments.last == .falseLiteral
    }
}
