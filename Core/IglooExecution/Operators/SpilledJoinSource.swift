// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// What is left of a hash join once the left side's rows have met the table: partitions in
/// temporary files, joined one after the other, and the right side's rows without a partner.
final class SpilledJoinSource: Source, @unchecked Sendable {
    // SAFETY: everything mutable is guarded by `lock`.
    let isOrdered = false
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
        var unmatchedFrom: Int

        init(_ table: JoinTable, probe: [SpillBlock], emitsUnmatched: Bool) {
            self.table = table
            self.probe = probe[...]
            unmatchedFrom = emitsUnmatched ? 0 : table.rowCount
        }

        var isDone: Bool { probe.isEmpty && unmatchedFrom >= table.rowCount }
    }

    init(_ sink: HashJoinSink) { self.sink = sink }

    private var emitsUnmatched: Bool { sink.join.kind == .right || sink.join.kind == .full }

    func begin(_ job: PipelineJob) throws(IglooError) {
        let table = sink.takeTable()
        if let table, emitsUnmatched, table.rowCount > 0 {
            idle.append(Piece(table, probe: [], emitsUnmatched: true))
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
            emitsUnmatched: emitsUnmatched)
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
            let (rows, end) = piece.table.unmatchedRows(
                from: piece.unmatchedFrom, countMax: Batch.rowCountMax)
            piece.unmatchedFrom = end
            if rows.isEmpty { return .more }
            let left = try Vectors.nulls(sink.join.left.types, count: rows.count)
            let right = try Vectors.gather(piece.table.payload, rows[...])
            return try opened(head).emit(Batch(columns: left + right, rowCount: rows.count))
        }

        private func opened(_ head: PushOperator) throws(IglooError) -> HashProbeOperator {
            if let prober { return prober }
            let new = try HashProbeOperator(head, source.sink.metrics, source.sink)
            prober = new
            return new
        }
    }
}
