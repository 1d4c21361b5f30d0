// SPDX-License-Identifier: MIT

import IglooContracts
import Synchronization

/// Counts down what must end before pipelines may begin.
///
/// - Threads: any.
final class Latch: Sendable {
    private let pending = Atomic<Int>(0)
    private let dependents = Locked<[Pipeline]>([])

    func expectOneMore() { pending.wrappingAdd(1, ordering: .relaxed) }

    func release(_ pipeline: Pipeline) {
        dependents.withLock { $0.append(pipeline) }
        pipeline.unmetCount.wrappingAdd(1, ordering: .relaxed)
    }

    /// True for the last of those who were expected.
    func arrive() -> Bool {
        pending.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }

    /// Forgets who waits: the query is over. Breaks the ring of pipelines, sinks and latches.
    func clear() { _ = takeDependents() }

    private func takeDependents() -> [Pipeline] {
        dependents.withLock { dependents in
            defer { dependents = [] }
            return dependents
        }
    }

    func open() {
        for pipeline in takeDependents() {
            let left = pipeline.unmetCount.wrappingSubtract(1, ordering: .acquiringAndReleasing)
            if left.newValue == 0 { pipeline.start() }
        }
    }
}
