// SPDX-License-Identifier: MIT

/// Names a thread of the process while it lives.
public struct ThreadIdentity: Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// Whose threads make calls into plugins: it goes on without one that a call does not give back.
///
/// - Threads: any.
public protocol ThreadOwner: Sendable {
    /// The thread is held up in a call that was cancelled long ago. It may come back, or never.
    func lose(_ thread: ThreadIdentity)
}
