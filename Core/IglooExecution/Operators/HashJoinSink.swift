// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// The build side of a hash join: collects the right input's rows and makes the table.
final class HashJoinSink: Sink, @unchecked Sendable {
    // SAFETY: `parts` is guarded by its mutex; `table` is set at the end of all producers, before
    // any prober begins.
    let join: PhysicalHashJoin
    private let query: QueryExecution
    private let metrics: OperatorMetrics
    private let parts = Locked<[JoinBuild]>([])
    private(set) var table: JoinTable!

    init(_ join: PhysicalHashJoin, _ query: QueryExecution, _ metrics: OperatorMetrics) {
        self.join = join
        self.query = query
        self.metrics = metrics
    }

    private func makePart() -> JoinBuild {
        let part = JoinBuild(
            keyTypes: join.rightKeys.map(\.type), payloadTypes: join.right.types,
            reserve: query.memory.account(of: "a join"))
        parts.withLock { $0.append(part) }
        return part
    }

    override func makeLocal() throws(IglooError) -> PushOperator {
        Local(makePart(), try join.rightKeys.programs(query.evaluation), metrics)
    }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        if table != nil { return nil }
        return ParallelPhase(taskCount: 1) { [self] (_) throws(IglooError) in
            var inputs = parts.withLock { parts in
                defer { parts = [] }
                return parts
            }
            if inputs.isEmpty { inputs = [makePart()] }
            table = try JoinTable.make(
                inputs, nullsMatch: join.nullsMatch, keyTypes: join.rightKeys.map(\.type),
                reserve: query.memory.account(of: "a join"))
        }
    }

    private final class Local: PushOperator {
        private let part: JoinBuild
        private let keys: [ExpressionProgram]
        private let metrics: OperatorMetrics

        init(_ part: JoinBuild, _ keys: [ExpressionProgram], _ metrics: OperatorMetrics) {
            self.part = part
            self.keys = keys
            self.metrics = metrics
        }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            try part.append(keys: try keys.evaluate(batch), payload: batch)
            return .more
        }
    }
}

/// The rows of the right side that no left row matched, for right and full joins.
enum UnmatchedRows {
    static func make(_ sink: HashJoinSink) -> SequenceSource.Next {
        let table = sink.table!
        let leftTypes = sink.join.left.types
        var from = 0
        return { () throws(IglooError) in
            guard from < table.rowCount else { return nil }
            let (rows, end) = table.unmatchedRows(from: from, countMax: Batch.rowCountMax)
            from = end
            let right = try Vectors.gather(table.payload, rows[...])
            let left = try Vectors.nulls(leftTypes, count: rows.count)
            return Batch(columns: left + right, rowCount: rows.count)
        }
    }
}
