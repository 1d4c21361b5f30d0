// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

extension PhysicalHashJoin {
    /// Whether NULLs may leave a match open in a way that one table cannot tell: all marks and NOT
    /// IN but those of one plain key.
    var needsNullAwareTables: Bool {
        guard kind == .mark || kind == .nullAwareAnti else { return false }
        return leftKeys.count != 1 || decidedKeyCount > 0 || residual != nil || nullsMatch
    }

    /// The keys whose NULLs leave a match open.
    var openKeys: Range<Int> { decidedKeyCount..<leftKeys.count }
}

/// The build side of a mark join or NOT IN: one table tells what matches; two more, by the decided
/// keys alone, lead to the rows that may leave a match open.
final class NullAwareTables: Sink, @unchecked Sendable {
    // SAFETY: `parts` is guarded by its lock; the tables are set at the end of all producers.
    let join: PhysicalHashJoin
    private let query: QueryExecution
    private let metrics: OperatorMetrics
    private let parts = Locked<[Part]>([])
    private(set) var matching: JoinTable!
    /// All rows, and those with a NULL in an open key.
    private(set) var all: JoinTable!
    private(set) var open: JoinTable!

    /// What one thread collects.
    final class Part: @unchecked Sendable {
        // SAFETY: used by one thread, then read by the one that makes the tables.
        let matching: JoinBuild
        let all: JoinBuild
        let open: JoinBuild

        init(_ join: PhysicalHashJoin, _ query: QueryExecution) {
            let memory = query.memory.account(of: "a join")
            func build(_ keys: [Expression]) -> JoinBuild {
                JoinBuild(
                    keyTypes: keys.map(\.storedType), payloadTypes: join.right.types,
                    reserve: memory)
            }
            matching = build(join.rightKeys)
            all = build(NullAwareTables.decided(join.rightKeys, join))
            open = build(NullAwareTables.decided(join.rightKeys, join))
        }
    }

    init(_ join: PhysicalHashJoin, _ query: QueryExecution, _ metrics: OperatorMetrics) {
        self.join = join
        self.query = query
        self.metrics = metrics
        super.init(timing: metrics)
    }

    /// The decided keys; a constant where there is none, which leads to all rows.
    static func decided(_ keys: [Expression], _ join: PhysicalHashJoin) -> [Expression] {
        join.decidedKeyCount == 0
            ? [.literal(.int(0), .int64)] : Array(keys.prefix(join.decidedKeyCount))
    }

    private func makePart() -> Part {
        let part = Part(join, query)
        parts.withLock { $0.append(part) }
        return part
    }

    override func makeLocal() throws(IglooError) -> PushOperator {
        Local(
            makePart(), join, try join.rightKeys.programs(query.evaluation),
            try Self.decided(join.rightKeys, join).programs(query.evaluation), metrics)
    }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        if matching != nil { return nil }
        return ParallelPhase(taskCount: 1) { [self] (_) throws(IglooError) in
            var inputs = parts.withLock { parts in
                defer { parts = [] }
                return parts
            }
            if inputs.isEmpty { inputs = [makePart()] }
            let memory = query.memory.account(of: "a join")
            let decided = Self.decided(join.rightKeys, join).map(\.storedType)
            all = try JoinTable.make(
                inputs.map(\.all), nullsMatch: join.nullsMatch, keyTypes: decided, reserve: memory)
            open = try JoinTable.make(
                inputs.map(\.open), nullsMatch: join.nullsMatch, keyTypes: decided,
                reserve: memory)
            matching = try JoinTable.make(
                inputs.map(\.matching), nullsMatch: join.nullsMatch,
                keyTypes: join.rightKeys.map(\.storedType), reserve: memory)
        }
    }

    private final class Local: PushOperator {
        private let part: Part
        private let join: PhysicalHashJoin
        private let keys: [ExpressionProgram]
        private let decided: [ExpressionProgram]
        private let metrics: OperatorMetrics

        init(
            _ part: Part, _ join: PhysicalHashJoin, _ keys: [ExpressionProgram],
            _ decided: [ExpressionProgram], _ metrics: OperatorMetrics
        ) {
            self.part = part
            self.join = join
            self.keys = keys
            self.decided = decided
            self.metrics = metrics
        }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            let columns = try keys.evaluate(batch)
            let decidedColumns = try decided.evaluate(batch)
            try part.matching.append(keys: columns, payload: batch)
            try part.all.append(keys: decidedColumns, payload: batch)
            let openColumns = join.openKeys.map { columns[$0] }
            guard openColumns.contains(where: { $0.nullCount > 0 }) else { return .more }
            var rows: [UInt32] = []
            for row in 0..<batch.rowCount where openColumns.contains(where: { $0.isNull(row) }) {
                rows.append(UInt32(row))
            }
            try part.open.append(
                keys: try Vectors.gather(decidedColumns, rows[...]),
                payload: try batch.gathered(rows))
            return .more
        }
    }
}
