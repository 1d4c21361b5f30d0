// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// What is left of a hash join once the probe side's rows have met the table: partitions in
/// temporary files, joined one after the other, and rows of the build side that follow at the end.
final class SpilledJoinSource: Source, @unchecked Sendable {
    // SAFETY: everything mutable is guarded by `lock`.
    let isOrdered = false
    var metrics: OperatorMetrics { sink.metrics }
    private let sink: HashJoinSink
    private let lock = Monitor()
    private var partitions: [JoinSpill.Partition] = []
    /// Joins that are under way and that no thread is at work on.
    private var idle: [Piece] = []
    private var busyCount = 0
    /// Partitions are not partitioned more often.
    private static let levelMax = 6

    /// A table and what is yet to be done with it.
    fileprivate final class Piece: @unchecked Sendable {
        // SAFETY: used by one thread at a time, handed over under the lock.
        let table: JoinTable
        var probe: ArraySlice<SpillBlock>
        var emittedUpTo: Int

        init(_ table: JoinTable, probe: [SpillBlock], emitsBuildRows: Bool) {
            self.table = table
            self.probe = probe[...]
            emittedUpTo = emitsBuildRows ? 0 : table.rowCount
        }

        var isDone: Bool { probe.isEmpty && emittedUpTo >= table.rowCount }
    }

    init(_ sink: HashJoinSink) { self.sink = sink }

    private var emitsBuildRows: Bool { sink.join.buildRowsToEmit != nil }

    func begin(_ job: PipelineJob) throws(IglooError) {
        let table = sink.takeTable()
        if let table, emitsBuildRows, table.rowCount > 0 {
            idle.append(Piece(table, probe: [], emitsBuildRows: true))
        }
        if sink.spill.isActive { partitions = sink.spill.takePartitions() }
    }

    var isEmpty: Bool { lock.withLock { idle.isEmpty && partitions.isEmpty && busyCount == 0 } }

    func stop() {
        lock.withLock {
            idle = []
            partitions = []
        }
        sink.memory.close()
    }

    func makeCursor() throws(IglooError) -> any SourceCursor { Cursor(self) }

    /// A join to go on with; `nil` when there is none, or no room for one more.
    private func take() throws(IglooError) -> Piece? {
        while true {
            lock.lock()
            if let piece = idle.popLast() {
                busyCount += 1
                lock.unlock()
                return piece
            }
            guard let partition = partitions.last else {
                lock.unlock()
                return nil
            }
            let fits = partition.tableByteCount <= sink.memory.room
            if !fits && busyCount > 0 {
                // Whoever is at work makes room.
                lock.unlock()
                return nil
            }
            partitions.removeLast()
            busyCount += 1
            lock.unlock()
            if fits || !canSplit(partition) { return try open(partition) }
            let parts = try sink.spill.split(partition)
            lock.withLock {
                partitions += parts
                busyCount -= 1
            }
        }
    }

    private func canSplit(_ partition: JoinSpill.Partition) -> Bool {
        let levelMax = sink.query.memory.spillsAlways ? 1 : Self.levelMax
        return partition.level < levelMax && !partition.isOneKey
    }

    private func open(_ partition: JoinSpill.Partition) throws(IglooError) -> Piece {
        let part = sink.makePart()
        try sink.spill.load(partition.build, into: part)
        return Piece(
            try sink.makeTable([part]), probe: partition.probe.blocks,
            emitsBuildRows: emitsBuildRows)
    }

    private func giveBack(_ piece: Piece) {
        lock.withLock {
            busyCount -= 1
            if !piece.isDone { idle.append(piece) }
        }
    }

    private final class Cursor: SourceCursor {
        private let source: SpilledJoinSource
        private var prober: HashProbeOperator?

        init(_ source: SpilledJoinSource) { self.source = source }

        func advance(_ head: PushOperator) throws(IglooError) -> Step {
            guard let piece = try source.take() else { return .done }
            let demand = try work(on: piece, head)
            source.giveBack(piece)
            return demand == .enough ? .done : .more
        }

        private func work(on piece: Piece, _ head: PushOperator) throws(IglooError) -> Demand {
            let sink = source.sink
            if let block = piece.probe.popFirst() {
                let batch = try sink.spill.takeProbe(block)
                return try opened(head).probe(batch, in: piece.table)
            }
            guard let matched = sink.join.buildRowsToEmit else { return .more }
            let (rows, end) = piece.table.rows(
                matched: matched, from: piece.emittedUpTo, countMax: Batch.rowCountMax)
            piece.emittedUpTo = end
            if rows.isEmpty { return .more }
            var columns = try Vectors.gather(piece.table.payload, rows[...])
            if sink.join.emitsPairs {
                let others = try Vectors.nulls(sink.join.probeSide.types, count: rows.count)
                columns = sink.join.buildsLeft ? columns + others : others + columns
            }
            return try opened(head).emit(Batch(columns: columns, rowCount: rows.count))
        }

        private func opened(_ head: PushOperator) throws(IglooError) -> HashProbeOperator {
            if let prober { return prober }
            let new = try HashProbeOperator(head, source.sink.metrics, source.sink)
            prober = new
            return new
        }
    }
}
