// SPDX-License-Identifier: MIT

import Glibc

/// State behind a lock of the system, which the thread sanitizer understands (it takes what is
/// behind a `Mutex` of Swift 6.3 for a race).
///
/// - Threads: any.
package final class Locked<State: ~Copyable>: @unchecked Sendable {
    // SAFETY: `state` is touched only between lock and unlock; the lock does not move.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var state: State

    package init(_ state: consuming State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&state)
    }
}
