// SPDX-License-Identifier: MIT

import Synchronization

/// A flag that is raised once and never lowered: someone asked the work to stop.
///
/// It lives at a fixed address, so that C code can poll it (`igloo_ctx.cancelled`).
///
/// - Threads: any.
@safe
public final class CancellationToken: Sendable {
    // SAFETY: allocated by init, freed by deinit, and only ever used as an atomic in between.
    private nonisolated(unsafe) let flag: UnsafeMutablePointer<Atomic<UInt32>>

    // SAFETY: whoever made the token guarantees that the foreign flag outlives it; it is only read.
    private nonisolated(unsafe) let foreign: UnsafeMutablePointer<Atomic<UInt32>>?

    private let leaders: [CancellationToken]

    public convenience init() { self.init(following: []) }

    /// A token that is also cancelled once one of `leaders` is. Who polls its address does not see that.
    public init(following leaders: [CancellationToken]) {
        unsafe flag = .allocate(capacity: 1)
        unsafe flag.initialize(to: Atomic(0))
        unsafe foreign = nil
        self.leaders = leaders
    }

    /// A token that is also cancelled once the word at `address` is not zero: how a plugin sees
    /// the host's flag.
    ///
    /// - Ownership: the word must outlive the token.
    @unsafe public init(polling address: UnsafePointer<UInt32>) {
        unsafe flag = .allocate(capacity: 1)
        unsafe flag.initialize(to: Atomic(0))
        unsafe foreign = UnsafeMutableRawPointer(mutating: address)
            .assumingMemoryBound(to: Atomic<UInt32>.self)
        leaders = []
    }

    deinit {
        unsafe flag.deinitialize(count: 1)
        unsafe flag.deallocate()
    }

    public var isCancelled: Bool {
        if unsafe flag.pointee.load(ordering: .acquiring) != 0 { return true }
        if let foreign = unsafe foreign, unsafe foreign.pointee.load(ordering: .acquiring) != 0 {
            return true
        }
        return leaders.contains(where: \.isCancelled)
    }

    public func cancel() { unsafe flag.pointee.store(1, ordering: .releasing) }

    /// The flag's address, valid as long as the token: non-zero means cancelled.
    @unsafe public var address: UnsafePointer<UInt32> {
        unsafe UnsafeRawPointer(flag).assumingMemoryBound(to: UInt32.self)
    }
}
