// SPDX-License-Identifier: MIT

import IglooContracts

/// Tells to which operator the time of a thread goes: at each moment to one of them.
///
/// - Threads: each has one of its own.
final class OperatorClock {
    private let thread: Int
    private var current: OperatorMetrics?
    private var since: Int64 = 0

    private init(thread: Int) { self.thread = thread }

    private static let slot = ThreadSlot<OperatorClock>()

    static var ofThread: OperatorClock { slot.value { OperatorClock(thread: $0) } }

    /// From now on time is the operator's, or nobody's. Gives back whose it was.
    func turn(to next: OperatorMetrics?) -> OperatorMetrics? {
        let now = MonotonicClock.nanoseconds()
        defer { (current, since) = (next, now) }
        current?.spend(now - since, thread: thread)
        return current
    }
}

/// Counts the time of an operator that does not count it itself.
final class TimedOperator: PushOperator {
    private let timed: PushOperator
    private let metrics: OperatorMetrics

    init(_ timed: PushOperator, _ metrics: OperatorMetrics) {
        self.timed = timed
        self.metrics = metrics
    }

    override func push(_ batch: Batch) throws(IglooError) -> Demand {
        try metrics.timed { () throws(IglooError) in try timed.push(batch) }
    }

    override func finish() throws(IglooError) {
        try metrics.timed { () throws(IglooError) in try timed.finish() }
    }
}
