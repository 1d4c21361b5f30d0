// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// A scan whose readers compute: the compute threads read them themselves.
final class ComputingScanSource: Source {
    let isOrdered = false
    private let open: OpenScan
    let metrics: OperatorMetrics

    init(
        _ scan: PhysicalScan, _ types: [DataType], _ query: QueryExecution,
        _ metrics: OperatorMetrics, _ targets: [RuntimeFilterTarget]
    ) {
        open = OpenScan(scan, types, query, metrics, targets)
        self.metrics = metrics
    }

    func begin(_ job: PipelineJob) throws(IglooError) { try open.begin() }
    func stop() { open.stop() }
    func makeCursor() throws(IglooError) -> any SourceCursor { Cursor(open, metrics) }

    /// Any thread may read on with any open reader, so the cursor itself holds nothing.
    private final class Cursor: SourceCursor {
        private let open: OpenScan
        private let metrics: OperatorMetrics

        init(_ open: OpenScan, _ metrics: OperatorMetrics) {
            self.open = open
            self.metrics = metrics
        }

        func advance(_ head: PushOperator) throws(IglooError) -> Step {
            guard let reader = try open.take() else { return .done }
            guard let batch = try open.read(reader) else {
                open.end(reader)
                return .more
            }
            let step = try head.pushAll(try open.normalised(batch), metrics)
            open.giveBack(reader)
            return step
        }
    }
}
