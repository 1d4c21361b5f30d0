// SPDX-License-Identifier: MIT

/// Something the user should hear although nothing failed: rows that were left out, a file that
/// was skipped. The shell prints it as PostgreSQL's `WARNING:`.
public struct Notice: Hashable, Sendable {
    /// One sentence without a full stop: what, where, how often.
    public var message: String
    public var hint: String?

    public init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}

/// Where a call leaves its notices. Across the C ABI each is a line of the host's `log` at level
/// warning, whose target is `<plugin id>/<query id>`.
///
/// - Threads: any, at the same time.
public protocol NoticeSink: Sendable {
    func add(_ notice: Notice)
}

/// The sink of those who do not listen.
public struct DiscardedNotices: NoticeSink {
    public init() {}
    public func add(_ notice: Notice) {}
}
