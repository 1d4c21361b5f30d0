// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Synchronization

/// Keeps all rows of an input, to be read any number of times.
class SharedTableSink: Sink, @unchecked Sendable {
    // SAFETY: `rows` is set at the end of all producers.
    private let metrics: OperatorMetrics
    private let memory: OperatorMemory
    private let keeper: RowKeeper
    private(set) final var rows: KeptRows?

    /// - Parameter memory: of whoever the rows belong to.
    init(
        types: [DataType], _ query: QueryExecution, _ metrics: OperatorMetrics,
        _ memory: OperatorMemory
    ) {
        self.metrics = metrics
        self.memory = memory
        keeper = RowKeeper(SpillTarget(query, types: types, metrics), memory)
        super.init(timing: metrics)
    }

    /// - Parameter user: whose the rows are, for messages.
    convenience init(
        types: [DataType], _ query: QueryExecution, _ metrics: OperatorMetrics, for user: String
    ) {
        self.init(
            types: types, query, metrics, OperatorMemory(query.memory, metrics, name: user))
    }

    override final func makeLocal() throws(IglooError) -> PushOperator {
        Local(keeper.makePart(), metrics)
    }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        rows = keeper.finish()
        memory.close()
        return nil
    }

    private final class Local: PushOperator {
        private let part: RowKeeper.Part
        private let metrics: OperatorMetrics

        init(_ part: RowKeeper.Part, _ metrics: OperatorMetrics) {
            self.part = part
            self.metrics = metrics
        }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            try part.append(batch)
            return .more
        }

        override func finish() throws(IglooError) { try part.finish() }
    }
}
