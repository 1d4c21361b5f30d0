// SPDX-License-Identifier: MIT

import IglooContracts

/// Lets one call to `create` or `destroy` of a plugin run at a time, whichever kinds and instances they
/// are of.
///
/// A call that is given up never leaves the gate: nothing of the plugin is made after that.
///
/// - Threads: any.
// SAFETY: the state is touched by those who hold the monitor.
final class LifecycleGate: @unchecked Sendable {
    private static let gates = Locked<[String: LifecycleGate]>([:])
    private static let stepMilliseconds: Int64 = 20

    private let plugin: String
    private let monitor = Monitor()
    private var holder: (thread: ThreadIdentity, health: InstanceHealth, depth: Int)?

    private init(plugin: String) { self.plugin = plugin }

    /// The gate of the plugin of that id.
    static func of(_ plugin: String) -> LifecycleGate {
        gates.withLock { gates in
            if let gate = gates[plugin] { return gate }
            let gate = LifecycleGate(plugin: plugin)
            gates[plugin] = gate
            return gate
        }
    }

    /// Runs `body` alone. A plugin that comes back to its host within a call may pass again.
    ///
    /// - Parameter health: poisoned when the call is given up.
    /// - Throws: `cancelled` while it waits, `unavailable` when no other call will ever be possible.
    func pass<Result>(
        _ health: InstanceHealth, _ context: CallContext,
        _ body: () throws(IglooError) -> Result
    ) throws(IglooError) -> Result {
        try enter(health, context)
        defer { leave() }
        return try body()
    }

    private func enter(_ health: InstanceHealth, _ context: CallContext) throws(IglooError) {
        let thread = ThreadIdentity.current
        try monitor.withLock { () throws(IglooError) in
            while let current = holder, current.thread != thread {
                try context.checkCancelled()
                guard !current.health.isPoisoned else {
                    throw IglooError(
                        .unavailable, "the plugin hangs while it makes or ends an instance",
                        hint: "start again: what hangs cannot be ended", origin: plugin)
                }
                monitor.wait(milliseconds: Self.stepMilliseconds)
            }
            let depth = holder?.depth ?? 0
            holder = (thread, holder?.health ?? health, depth + 1)
        }
    }

    private func leave() {
        monitor.withLock {
            guard let current = holder else { return }
            holder = current.depth > 1 ? (current.thread, current.health, current.depth - 1) : nil
            monitor.signal()
        }
    }
}
