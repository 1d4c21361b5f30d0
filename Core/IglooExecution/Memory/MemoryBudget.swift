// SPDX-License-Identifier: MIT

public import IglooContracts
import Synchronization

/// The memory all queries of the process share.
///
/// - Units: bytes.
/// - Threads: any.
public final class MemoryBudget: Sendable {
    /// Far beyond any machine; sums of several such numbers do not overflow.
    private static let limitMax = 1 << 56

    private let limitCell: Atomic<Int>
    private let usedCell = Atomic<Int>(0)

    /// - Parameter limit: `nil` takes four fifths of what the machine or cgroup grants.
    public init(limit: Int? = nil) {
        limitCell = Atomic(min(limit ?? MachineLimits.memoryByteCount() / 5 * 4, Self.limitMax))
    }

    /// May change at any time; what is already held stays.
    public var limit: Int {
        get { limitCell.load(ordering: .relaxed) }
        set { limitCell.store(min(newValue, Self.limitMax), ordering: .relaxed) }
    }

    public var used: Int { usedCell.load(ordering: .relaxed) }

    /// Takes `byteCount` bytes out of the budget, or nothing when there are not so many.
    func take(_ byteCount: Int) -> Bool {
        guard byteCount <= limit else { return false }
        let now = usedCell.wrappingAdd(byteCount, ordering: .relaxed).newValue
        if byteCount > 0 && now > limit {
            usedCell.wrappingSubtract(byteCount, ordering: .relaxed)
            return false
        }
        return true
    }
}

/// What one query holds of the budget. Whatever it still holds goes back when it is let go.
///
/// - Threads: any.
public final class QueryMemory: MemoryAccount {
    private let budget: MemoryBudget
    /// What this query may hold, even if the budget has more.
    private let queryLimit: Int
    private let usedCell = Atomic<Int>(0)
    private let peakCell = Atomic<Int>(0)
    /// For tests: operators that can spill do so as soon as they hold anything.
    let spillsAlways: Bool
    let shares = Locked<[OperatorShare]>([])

    private let user: String
    private let holding: String

    /// - Parameters:
    ///   - limit: what may be held even if the budget has more.
    ///   - user: who asks by way of the protocol, in errors.
    ///   - holding: who holds what was granted before, and the verb.
    public init(
        _ budget: MemoryBudget, limit: Int? = nil, spillsAlways: Bool = false,
        user: String = "connector", holding: String = "the query holds"
    ) {
        self.budget = budget
        queryLimit = limit ?? .max
        self.spillsAlways = spillsAlways
        self.user = user
        self.holding = holding
    }

    deinit { _ = budget.take(-usedCell.load(ordering: .relaxed)) }

    public var used: Int { usedCell.load(ordering: .relaxed) }
    public var peak: Int { peakCell.load(ordering: .relaxed) }
    var limit: Int { min(queryLimit, budget.limit) }

    /// What operators fill before they spill; the rest is for readers, for rows on their way and
    /// for what cannot spill.
    var spillLimit: Int { limit / 4 * 3 }

    /// How far the query, or all queries together, are from where operators begin to spill.
    var room: Int { min(spillLimit - used, budget.limit / 4 * 3 - budget.used) }

    /// How far they are from where reserving fails.
    var hardRoom: Int { min(limit - used, budget.limit - budget.used) }

    public func reserve(_ byteCount: Int) throws(IglooError) {
        try reserve(byteCount, for: user)
    }

    /// Announces `byteCount` more bytes (fewer, if negative) for the operator of that name.
    func reserve(_ byteCount: Int, for user: String) throws(IglooError) {
        // What is asked for may come from a plugin: any number, before anything is added to it.
        guard byteCount <= limit else { throw exhausted(byteCount, for: user) }
        let now = usedCell.wrappingAdd(byteCount, ordering: .relaxed).newValue
        guard byteCount <= 0 || now <= queryLimit, budget.take(byteCount) else {
            usedCell.wrappingSubtract(byteCount, ordering: .relaxed)
            throw exhausted(byteCount, for: user)
        }
        peakCell.max(now, ordering: .relaxed)
    }

    private func exhausted(_ byteCount: Int, for user: String) -> IglooError {
        IglooError(
            .resourceExhausted,
            "out of memory: \(user) needs \(Self.text(byteCount)) more, \(holding) "
                + "\(Self.text(used)), all queries \(Self.text(budget.used)) of "
                + Self.text(limit),
            hint: "Raise memory_limit, or let the query keep fewer rows at once",
            sqlState: .outOfMemory)
    }

    func release(_ byteCount: Int) {
        usedCell.wrappingSubtract(byteCount, ordering: .relaxed)
        _ = budget.take(-byteCount)
    }

    private static func text(_ byteCount: Int) -> String {
        if byteCount < 10 << 10 { return "\(byteCount) B" }
        if byteCount < 10 << 20 { return "\(byteCount >> 10) KiB" }
        return "\(byteCount >> 20) MiB"
    }
}

/// A query's account under the name of the operator that uses it, for messages.
struct OperatorAccount: MemoryAccount {
    let memory: QueryMemory
    let name: String

    func reserve(_ byteCount: Int) throws(IglooError) {
        try memory.reserve(byteCount, for: name)
    }
}

extension QueryMemory {
    func account(of name: String) -> OperatorAccount { OperatorAccount(memory: self, name: name) }
}
