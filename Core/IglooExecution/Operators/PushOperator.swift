// SPDX-License-Identifier: MIT

import IglooContracts
import Synchronization

/// What an operator says to whoever pushed a batch.
enum Demand {
    case more
    /// No further row will be of use: whoever can stop, should.
    case enough
}

/// One thread's part of an operator: takes batches, does its work, pushes on.
///
/// - Threads: one at a time; each thread of a pipeline has its own.
class PushOperator {
    func push(_ batch: Batch) throws(IglooError) -> Demand {
        preconditionFailure("an operator that takes no batch")
    }

    /// No more batches will come: pass on what is held back, then tell those downstream.
    func finish() throws(IglooError) {}
}

/// An operator in the middle of a pipeline: knows whom it pushes to, and counts.
class MiddleOperator: PushOperator {
    let next: PushOperator
    private let metrics: OperatorMetrics

    init(_ next: PushOperator, _ metrics: OperatorMetrics) {
        self.next = next
        self.metrics = metrics
    }

    final override func push(_ batch: Batch) throws(IglooError) -> Demand {
        metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
        return try metrics.timed { () throws(IglooError) in try process(batch) }
    }

    func process(_ batch: Batch) throws(IglooError) -> Demand { try emit(batch) }

    final func emit(_ batch: Batch) throws(IglooError) -> Demand {
        if batch.rowCount == 0 { return .more }
        metrics.rowsOut.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
        return try next.push(batch)
    }

    override func finish() throws(IglooError) { try next.finish() }
}
