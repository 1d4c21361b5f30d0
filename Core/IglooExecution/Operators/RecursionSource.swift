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
    typealias BuildRound = (_ rows: HeldRows, _ round: Sink) throws(IglooError) -> [Pipeline]

    private struct State {
        var found: HeldRows?
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
    private let state = Locked(State())

    init(
        types: [DataType], keepsDuplicates: Bool, _ query: QueryExecution,
        _ metrics: OperatorMetrics, _ buildRound: @escaping BuildRound
    ) throws(IglooError) {
        self.query = query
        self.metrics = metrics
        self.buildRound = buildRound
        known =
            keepsDuplicates
            ? nil
            : try GroupTable(keyTypes: types, reserve: query.memory.account(of: "a recursion"))
    }

    /// The sink of one round: its rows become the next round's input.
    final class Round: SharedTableSink, @unchecked Sendable {
        private let source: RecursionSource

        init(_ source: RecursionSource) {
            self.source = source
            super.init(source.query, source.metrics, for: "a recursion")
        }

        override func nextPhase() throws(IglooError) -> ParallelPhase? {
            _ = try super.nextPhase()
            if let rows { try source.roundEnded(rows) }
            return nil
        }
    }

    private func roundEnded(_ rows: HeldRows) throws(IglooError) {
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
    private func unknown(_ rows: HeldRows) throws(IglooError) -> HeldRows {
        guard let known else { return rows }
        var result: [Batch] = []
        var byteCount = 0
        for batch in rows.batches {
            var groups = [UInt32](repeating: 0, count: batch.rowCount)
            var next = UInt32(truncatingIfNeeded: known.groupCount)
            try known.findOrInsert(keys: batch.columns, rowCount: batch.rowCount, groups: &groups)
            var new: [UInt32] = []
            for (row, group) in groups.enumerated() where group == next {
                new.append(UInt32(truncatingIfNeeded: row))
                next += 1
            }
            if new.isEmpty { continue }
            let kept = try batch.gathered(new)
            try query.memory.reserve(kept.byteCount, for: "a recursion")
            byteCount += kept.byteCount
            result.append(kept)
        }
        return HeldRows(try Batch.merged(result), query.memory, reserved: byteCount)
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
    private enum Turn { case pass(Batch), start(HeldRows), wait, end }

    private func turn() -> Turn {
        state.withLock { state in
            if state.isRunning && !state.isStopped { return .wait }
            guard let found = state.found, !found.batches.isEmpty else { return .end }
            if state.passedCount < found.batches.count {
                state.passedCount += 1
                return .pass(found.batches[state.passedCount - 1])
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
            case .pass(let batch): return try head.pushAll(batch, source.metrics)
            case .start(let rows):
                for pipeline in try source.buildRound(rows, Round(source)) { pipeline.release() }
                return .waiting
            case .wait: return .waiting
            case .end: return .done
            }
        }
    }
}
