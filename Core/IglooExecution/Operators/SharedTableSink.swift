// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Synchronization

/// Rows kept in memory for as long as anybody reads them.
final class HeldRows: Sendable {
    let batches: [Batch]
    private let memory: QueryMemory
    private let byteCount: Int

    /// Takes over what was reserved for the rows.
    init(_ batches: [Batch], _ memory: QueryMemory, reserved byteCount: Int) {
        self.batches = batches
        self.memory = memory
        self.byteCount = byteCount
    }

    deinit { memory.release(byteCount) }
}

/// Keeps all rows of an input, to be read any number of times.
class SharedTableSink: Sink, @unchecked Sendable {
    // SAFETY: `parts` is guarded by its lock; `rows` is set at the end of all producers.
    private let query: QueryExecution
    private let metrics: OperatorMetrics
    private let user: String
    private let parts = Locked<[Batch]>([])
    private let reserved = Atomic<Int>(0)
    private(set) final var rows: HeldRows?

    /// - Parameter user: whose the rows are, for messages.
    init(_ query: QueryExecution, _ metrics: OperatorMetrics, for user: String) {
        self.query = query
        self.metrics = metrics
        self.user = user
        super.init(timing: metrics)
    }

    deinit { query.memory.release(reserved.load(ordering: .relaxed)) }

    override final func makeLocal() throws(IglooError) -> PushOperator { Local(self) }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        let all = parts.withLock { parts in
            defer { parts = [] }
            return parts
        }
        let byteCount = reserved.exchange(0, ordering: .relaxed)
        metrics.memoryByteCount.max(Int64(byteCount), ordering: .relaxed)
        rows = HeldRows(try Batch.merged(all), query.memory, reserved: byteCount)
        return nil
    }

    private final class Local: PushOperator {
        private let sink: SharedTableSink
        init(_ sink: SharedTableSink) { self.sink = sink }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            let sink = sink
            sink.metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            let byteCount = batch.byteCount
            try sink.query.memory.reserve(byteCount, for: sink.user)
            sink.reserved.wrappingAdd(byteCount, ordering: .relaxed)
            sink.parts.withLock { $0.append(batch) }
            return .more
        }
    }
}
