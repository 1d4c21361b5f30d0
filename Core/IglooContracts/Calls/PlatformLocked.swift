// SPDX-License-Identifier: MIT

import Glibc

/// State behind a lock of the system, which the thread sanitizer understands (it takes what is
/// behind a `Mutex` of Swift 6.3 for a race).
///
/// - Threads: any.
@safe
package final class Locked<State: ~Copyable>: @unchecked Sendable {
    // SAFETY: `state` is touched only between lock and unlock; the lock does not move.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var state: State

    package init(_ state: consuming State) {
        self.state = state
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    package func withLock<Result, E: Error>(
        _ body: (inout State) throws(E) -> Result
    ) throws(E) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&state)
    }
}
