// SPDX-License-Identifier: MIT

import Glibc

/// `CLOCK_MONOTONIC`, as deadlines are given.
package enum MonotonicClock {
    package static func nanoseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    package static func milliseconds() -> Int { Int(nanoseconds() / 1_000_000) }

    fileprivate static func time(after milliseconds: Int64) -> timespec {
        // Three hundred years are for ever, and not beyond what can be counted.
        let end = nanoseconds() + min(max(milliseconds, 0), 1 << 43) * 1_000_000
        return timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
    }
}

/// A lock with a condition, for the few places where threads wait.
///
/// - Threads: any.
@safe
package final class Monitor: @unchecked Sendable {
    // SAFETY: initialised once, destroyed in deinit, used only through pthread calls in between.
    fileprivate let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition = Condition()

    package init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    package func lock() { unsafe pthread_mutex_lock(mutex) }
    package func unlock() { unsafe pthread_mutex_unlock(mutex) }
    package func signal() { condition.signal() }
    package func broadcast() { condition.broadcast() }

    /// Gives up the lock until someone signals. May wake without cause.
    package func wait() { condition.wait(self) }

    /// As `wait()`, but not for longer than `milliseconds`.
    package func wait(milliseconds: Int64) { condition.wait(self, milliseconds: milliseconds) }

    package func withLock<Result, E: Error>(_ body: () throws(E) -> Result) throws(E) -> Result {
        lock()
        defer { unlock() }
        return try body()
    }
}

/// One of several things that those who hold a monitor wait for.
///
/// - Threads: any.
@safe
package final class Condition: @unchecked Sendable {
    // SAFETY: as for the mutex of a monitor.
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    package init() {
        unsafe condition = .allocate(capacity: 1)
        unsafe condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe condition.deallocate()
    }

    package func signal() { unsafe pthread_cond_signal(condition) }
    package func broadcast() { unsafe pthread_cond_broadcast(condition) }

    /// Gives up the monitor's lock until someone signals. May wake without cause.
    package func wait(_ monitor: Monitor) { unsafe pthread_cond_wait(condition, monitor.mutex) }

    /// As `wait(_:)`, but not for longer than `milliseconds`.
    package func wait(_ monitor: Monitor, milliseconds: Int64) {
        var time = MonotonicClock.time(after: milliseconds)
        unsafe pthread_cond_timedwait(condition, monitor.mutex, &time)
    }
}

extension ThreadIdentity {
    package static var current: ThreadIdentity { ThreadIdentity(rawValue: UInt64(pthread_self())) }
}
