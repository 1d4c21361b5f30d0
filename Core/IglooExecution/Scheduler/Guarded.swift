// SPDX-License-Identifier: MIT

/// A value behind a lock: for state that threads hand to each other whole, one owner at a time.
///
/// `Mutex` asks for `sending` values; operators' states are not, though no two threads ever use
/// one of them at once.
///
/// - Threads: any.
final class Guarded<Value>: @unchecked Sendable {
    // SAFETY: `value` is touched under `monitor` only.
    private let monitor = Monitor()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        monitor.lock()
        defer { monitor.unlock() }
        return body(&value)
    }
}
