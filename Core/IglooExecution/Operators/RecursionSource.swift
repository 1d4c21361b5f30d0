// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// WITH RECURSIVE: runs the step over the rows found last, again and again, as long as rows are
/// wanted and new ones are found.
///
/// Each round has pipelines of its own, which end in a `Round`; the next one begins when all rows
/// of the last have been passed on, so that a limit above ends an endless recursion.
final class RecursionSource: Source, @unchecked Sendable {
    // SAFETY: mutable state is guarded by `state`'s lock, or (`known`) belongs to the one round
    // that runs; the source is ordered, so that one thread at a time advances.
    typealias BuildRound = (_ rows: KeptRows, _ round: Sink) throws(IglooError) -> [Pipeline]

    private struct State {
        var found: KeptRows?
        /// Of `found`, how many batches have been passed on.
        var passedCount = 0
        var isRunning = true
        var isStopped = false
        var job: PipelineJob?
    }

    let isOrdered = true
    private let query: QueryExecution
    let metrics: OperatorMetrics
    private let buildRound: BuildRound
    /// Without duplicates: all rows found so far.
    private let known: GroupTable?
    private let types: [DataType]
    private let memory: OperatorMemory
    private let state = Locked(State())

    init(
        types: [DataType], keepsDuplicates: Bool, _ query: QueryExecution,
        _ metrics: OperatorMetrics, _ buildRound: @escaping BuildRound
    ) throws(IglooError) {
        self.query = query
        self.metrics = metrics
        self.buildRound = buildRound
        self.types = types
        let memory = OperatorMemory(query.memory, metrics, name: "a recursion")
        self.memory = memory
        known =
            keepsDuplicates
            ? nil
            : try GroupTable(keyTypes: types, reserve: memory)
    }

    /// The sink of one round: its rows become the next round's input.
    final class Round: SharedTableSink, @unchecked Sendable {
        private let source: RecursionSource

        init(_ source: RecursionSource) {
            self.source = source
            super.init(types: source.types, source.query, source.metrics, source.memory)
        }

        override func nextPhase() throws(IglooError) -> ParallelPhase? {
            _ = try super.nextPhase()
            if let rows { try source.roundEnded(rows) }
            return nil
        }
    }

    private func roundEnded(_ rows: KeptRows) throws(IglooError) {
        let found = known == nil ? rows : try unknown(rows)
        let job = state.withLock { state -> PipelineJob? in
            state.found = found
            state.passedCount = 0
            state.isRunning = false
            return state.job
        }
        if let job { query.scheduler.notify(job) }
    }

    /// The rows that no round has found before, each once.
    private func unknown(_ rows: KeptRows) throws(IglooError) -> KeptRows {
        guard let known else { return rows }
        let keeper = RowKeeper(SpillTarget(query, types: types, metrics), memory)
        let result = keeper.makePart()
        for index in 0..<rows.batchCount {
            let batch = try rows.batch(index)
            var groups = [UInt32](repeating: 0, count: batch.rowCount)
            var next = UInt32(truncatingIfNeeded: known.groupCount)
            try known.findOrInsert(keys: batch.columns, rowCount: batch.rowCount, groups: &groups)
            var new: [UInt32] = []
            for (row, group) in groups.enumerated() where group == next {
                new.append(UInt32(truncatingIfNeeded: row))
                next += 1
            }
            if !new.isEmpty { try result.append(try batch.gathered(new)) }
        }
        try result.finish()
        return keeper.finish()
    }

    func begin(_ job: PipelineJob) throws(IglooError) { state.withLock { $0.job = job } }

    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.found = nil
            state.job = nil
        }
    }

    func makeCursor() throws(IglooError) -> any SourceCursor { Cursor(self) }

    /// What to do now: pass on rows, start a round, wait, or end.
    private enum Turn { case pass(KeptRows, Int), start(KeptRows), wait, end }

    private func turn() -> Turn {
        state.withLock { state in
            if state.isRunning && !state.isStopped { return .wait }
            guard let found = state.found, found.batchCount > 0 else { return .end }
            if state.passedCount < found.batchCount {
                state.passedCount += 1
                return .pass(found, state.passedCount - 1)
            }
            state.isRunning = true
            state.found = nil
            return .start(found)
        }
    }

    private final class Cursor: SourceCursor {
        private let source: RecursionSource
        init(_ source: RecursionSource) { self.source = source }

        func advance(_ head: PushOperator) throws(IglooError) -> Step {
            switch source.turn() {
            case .pass(let rows, let index):
                return try head.pushAll(try rows.batch(index), source.metrics)
            case .start(let rows):
                for pipeline in try source.buildRound(rows, Round(source)) { pipeline.release() }
                return .waiting
            case .wait: return .waiting
            case .end: return .done
            }
        }
    }
}
