// SPDX-License-Identifier: MIT

import IglooContracts
import Synchronization

/// What one operator that can spill holds.
final class OperatorShare: Sendable {
    let used = Atomic<Int>(0)
    let isOpen = Atomic<Bool>(true)
}

/// The account of an operator that can spill.
///
/// For each such operator of a query a part of the memory is kept, so that those that come first
/// leave those above them enough to work with; the rest goes to whoever asks first. Taking more is
/// allowed until the query's limit: an operator asks `shouldSpill` after what it took.
///
/// - Threads: any.
final class OperatorMemory: MemoryAccount {
    private let memory: QueryMemory
    private let name: String
    private let metrics: OperatorMetrics
    private let share = OperatorShare()

    /// Made while the plan is built, before any operator runs: only then parts are fair.
    init(_ memory: QueryMemory, _ metrics: OperatorMetrics, name: String) {
        self.memory = memory
        self.metrics = metrics
        self.name = name
        memory.shares.withLock { $0.append(share) }
    }

    /// The steps of a recursion come and go.
    deinit { memory.shares.withLock { shares in shares.removeAll { $0 === share } } }

    var used: Int { share.used.load(ordering: .relaxed) }

    func reserve(_ byteCount: Int) throws(IglooError) {
        try memory.reserve(byteCount, for: name)
        let used = share.used.wrappingAdd(byteCount, ordering: .relaxed).newValue
        metrics.memoryByteCount.max(Int64(used), ordering: .relaxed)
    }

    /// How many bytes more the operator may hold without taking others' parts.
    var room: Int {
        if memory.spillsAlways { return 0 }
        let (kept, others) = memory.shares.withLock { shares in
            let kept = memory.spillLimit / (2 * shares.count)
            var others = 0
            for other in shares
            where other !== share && other.isOpen.load(ordering: .relaxed) {
                others += max(0, kept - other.used.load(ordering: .relaxed))
            }
            return (kept, others)
        }
        return max(memory.room - others, kept - used)
    }

    /// Whether it is time to write rows out, so that `expected` bytes more can be taken.
    func shouldSpill(expecting expected: Int = 0) -> Bool {
        memory.spillsAlways ? used > 0 : room < expected
    }

    /// Whether so many bytes more can be had at all.
    func canReserve(_ byteCount: Int) -> Bool { memory.hardRoom >= byteCount }

    /// Whether a good part of the memory is taken: time to hold rows and nothing else. The rows of a
    /// batch may keep whole pages of their source.
    var isTight: Bool { memory.used > memory.spillLimit / 4 }

    /// The operator will take no more: its part is free for others.
    func close() { share.isOpen.store(false, ordering: .relaxed) }
}
