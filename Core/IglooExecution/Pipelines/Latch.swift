// SPDX-License-Identifier: MIT

import IglooContracts
import Synchronization

/// Counts down what must end before pipelines may begin.
///
/// - Threads: any.
final class Latch: Sendable {
    private let pending = Atomic<Int>(0)
    private let state = Locked(State())

    private struct State {
        var dependents: [Pipeline] = []
        var isOpen = false
    }

    var isOpen: Bool { state.withLock { $0.isOpen } }

    func expectOneMore() { pending.wrappingAdd(1, ordering: .relaxed) }

    /// Has the pipeline wait, unless the latch is open already.
    func release(_ pipeline: Pipeline) {
        state.withLock { state in
            guard !state.isOpen else { return }
            state.dependents.append(pipeline)
            pipeline.unmetCount.wrappingAdd(1, ordering: .relaxed)
        }
    }

    /// True for the last of those who were expected.
    func arrive() -> Bool {
        pending.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }

    /// Forgets who waits: the query is over. Breaks the ring of pipelines, sinks and latches.
    func clear() { state.withLock { $0.dependents = [] } }

    func open() {
        let dependents = state.withLock { state in
            defer { state.dependents = [] }
            state.isOpen = true
            return state.dependents
        }
        for pipeline in dependents {
            let left = pipeline.unmetCount.wrappingSubtract(1, ordering: .acquiringAndReleasing)
            if left.newValue == 0 { pipeline.start() }
        }
    }
}
