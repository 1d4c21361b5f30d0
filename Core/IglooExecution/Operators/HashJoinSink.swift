// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// The build side of a hash join: collects the right input's rows and makes the table.
///
/// Rows that find no room are partitioned by their keys' hashes and written out. The table then
/// holds the partitions that fit; rows of the left side that belong to others are written out, too,
/// and joined at the end (`SpilledJoinSource`).
final class HashJoinSink: Sink, @unchecked Sendable {
    // SAFETY: `parts` is guarded by its mutex; `table` and `stage` change at the end of all
    // producers, before any prober begins, and `table` once more when all of them ended.
    private enum Stage { case collecting, written, built }

    let join: PhysicalHashJoin
    let query: QueryExecution
    let metrics: OperatorMetrics
    let memory: OperatorMemory
    let spill: JoinSpill
    private let parts = Locked<[JoinBuild]>([])
    /// What the table of all rows would take beside them.
    private let tableByteCount = Atomic<Int>(0)
    private var stage = Stage.collecting
    private(set) var table: JoinTable!
    /// Of all rows, in the table or not.
    private(set) var isEmpty = true
    private(set) var hasNullKey = false

    init(_ join: PhysicalHashJoin, _ query: QueryExecution, _ metrics: OperatorMetrics) {
        self.join = join
        self.query = query
        self.metrics = metrics
        memory = OperatorMemory(query.memory, name: "a join")
        spill = JoinSpill(join, query, metrics)
    }

    func makePart() -> JoinBuild {
        JoinBuild(
            keyTypes: join.rightKeys.map(\.type), payloadTypes: join.right.types, reserve: memory)
    }

    override func makeLocal() throws(IglooError) -> PushOperator {
        let part = makePart()
        parts.withLock { $0.append(part) }
        return Local(self, part, try join.rightKeys.programs(query.evaluation))
    }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        switch stage {
        case .collecting where spill.isActive:
            stage = .written
            nonisolated(unsafe) let all = takeParts()
            return ParallelPhase(taskCount: all.count) { [self] (index) throws(IglooError) in
                try spill.writeBuild(all[index])
            }
        case .collecting, .written:
            stage = .built
            return ParallelPhase(taskCount: 1) { [self] (_) throws(IglooError) in
                try makeTable()
            }
        case .built: return nil
        }
    }

    private func takeParts() -> [JoinBuild] {
        parts.withLock { parts in
            defer { parts = [] }
            return parts
        }
    }

    private func makeTable() throws(IglooError) {
        var inputs = takeParts()
        if spill.isActive { inputs = [try spill.loadResidentPartitions(self)] }
        table = try makeTable(inputs.isEmpty ? [makePart()] : inputs)
        isEmpty = table.rowCount == 0 && !spill.hasBuildRows
        hasNullKey = table.hasNullKey || spill.hasNullKey
    }

    func makeTable(_ parts: [JoinBuild]) throws(IglooError) -> JoinTable {
        try JoinTable.make(
            parts, nullsMatch: join.nullsMatch, keyTypes: join.rightKeys.map(\.type),
            reserve: memory)
    }

    /// The table, when all probers ended: the sink keeps it no longer.
    func takeTable() -> JoinTable? {
        defer { table = nil }
        return table
    }

    private final class Local: PushOperator {
        private let sink: HashJoinSink
        private let part: JoinBuild
        private let keys: [ExpressionProgram]
        private var writer: JoinSpill.Writer?

        init(_ sink: HashJoinSink, _ part: JoinBuild, _ keys: [ExpressionProgram]) {
            self.sink = sink
            self.part = part
            self.keys = keys
        }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            sink.metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            let columns = try keys.evaluate(batch)
            if sink.spill.isActive || !sink.memory.canReserve(2 * batch.byteCount) {
                sink.spill.activate()
                try openedWriter().append(columns, batch)
                return .more
            }
            try part.append(keys: columns, payload: batch)
            let tableByteCount = sink.tableByteCount.wrappingAdd(
                JoinBuild.tableByteCount(
                    rowCount: batch.rowCount, payloadByteCount: batch.byteCount),
                ordering: .relaxed)
            if sink.memory.shouldSpill(expecting: tableByteCount.newValue) {
                sink.spill.activate()
                _ = try openedWriter()
            }
            return .more
        }

        private func openedWriter() throws(IglooError) -> JoinSpill.Writer {
            if let writer { return writer }
            let new = sink.spill.makeWriter(.build)
            writer = new
            try sink.spill.write(part, to: new)
            return new
        }

        override func finish() throws(IglooError) { try writer?.finish() }
    }
}
