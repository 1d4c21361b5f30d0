// SPDX-License-Identifier: MIT

public import IglooContracts

/// An account with a limit, which remembers how much was held.
public final class CountingMemory: MemoryAccount {
    private let state = Locked((held: 0, peak: 0))
    private let limit: Int

    public init(limit: Int = .max) { self.limit = limit }

    public var held: Int { state.withLock { $0.held } }
    public var peak: Int { state.withLock { $0.peak } }

    public func reserve(_ byteCount: Int) throws(IglooError) {
        let fits = state.withLock { state in
            guard state.held + byteCount <= limit else { return false }
            state.held += byteCount
            state.peak = max(state.peak, state.held)
            return true
        }
        if !fits { throw IglooError(.resourceExhausted, "the account holds no more") }
    }
}
