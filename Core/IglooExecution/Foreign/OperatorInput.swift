// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// The rows of an input of a plugin's operator, in the order in which they came: in memory as long as
/// that leaves the operator as much, then in the query's temporary file.
final class OperatorInput: Sink, @unchecked Sendable {
    // SAFETY: everything mutable is guarded by `state`; what is kept is read once all is there.
    private let query: QueryExecution
    private let metrics: OperatorMetrics
    private let memory: OperatorMemory
    private let types: [DataType]
    private let state = Locked(State())

    private struct State {
        var held: [Batch] = []
        /// Those of `held` that were taken.
        var takenCount = 0
        /// Of the rows that follow those that are held.
        var writer: SpillWriter?
        var blocks: ArraySlice<SpillBlock> = []
    }

    init(
        _ query: QueryExecution, _ metrics: OperatorMetrics, _ memory: OperatorMemory,
        types: [DataType]
    ) {
        self.query = query
        self.metrics = metrics
        self.memory = memory
        self.types = types
        super.init(timing: metrics)
    }

    deinit {
        let held = state.withLock { $0.held[$0.takenCount...] }
        try? memory.reserve(-held.reduce(0) { $0 + $1.byteCount })
    }

    override func makeLocal() throws(IglooError) -> PushOperator { Local(self) }

    private final class Local: PushOperator {
        private let input: OperatorInput
        init(_ input: OperatorInput) { self.input = input }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            input.metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            try input.add(batch)
            return .more
        }
    }

    private func add(_ batch: Batch) throws(IglooError) {
        if batch.rowCount == 0 { return }
        try state.withLock { (state) throws(IglooError) in
            if state.writer == nil {
                let byteCount = batch.byteCount
                if memory.room >= memory.used + 2 * byteCount {
                    try memory.reserve(byteCount)
                    state.held.append(batch)
                    return
                }
                state.writer = SpillWriter(SpillTarget(query, types: types, metrics))
            }
            try state.writer?.append(batch)
        }
    }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        try state.withLock { (state) throws(IglooError) in
            state.blocks = try state.writer?.finish().blocks[...] ?? []
            state.writer = nil
        }
        return nil
    }

    /// The next rows, each once; `nil` after the last.
    func take() throws(IglooError) -> Batch? {
        try state.withLock { (state) throws(IglooError) in
            if state.takenCount < state.held.count {
                let batch = state.held[state.takenCount]
                state.held[state.takenCount] = Batch(columns: [], rowCount: 0)
                state.takenCount += 1
                try memory.reserve(-batch.byteCount)
                return batch
            }
            guard let block = state.blocks.popFirst() else { return nil }
            return try query.spillStore.take(block, types: types)
        }
    }
}
