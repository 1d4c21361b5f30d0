// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

/// A thread that is joined.
final class PlatformThread {
    private var thread = pthread_t()
    private let isStarted: Bool

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    init(_ run: @escaping @Sendable () -> Void) {
        let body = unsafe Unmanaged.passRetained(Body(run))
        let status = unsafe pthread_create(
            &thread, nil,
            { argument in
                unsafe Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, unsafe body.toOpaque())
        isStarted = status == 0
        if !isStarted { unsafe body.release() }
    }

    func join() {
        if isStarted { pthread_join(thread, nil) }
    }

    /// Starts a thread that ends with the process.
    static func detach(_ run: @escaping @Sendable () -> Void) {
        let thread = PlatformThread(run)
        if thread.isStarted { pthread_detach(thread.thread) }
    }
}

/// A flag that is raised once, and for which one can wait.
///
/// - Threads: any.
final class PlatformFlag: @unchecked Sendable {
    // SAFETY: `isRaised` is touched by those who hold the monitor.
    private let monitor = Monitor()
    private var isRaised = false

    func raise() {
        monitor.withLock {
            isRaised = true
            monitor.broadcast()
        }
    }

    /// Waits at most so long; true once the flag is raised.
    func wait(milliseconds: Int) -> Bool {
        let end = MonotonicClock.milliseconds() + milliseconds
        return monitor.withLock {
            while !isRaised {
                let rest = end - MonotonicClock.milliseconds()
                if rest <= 0 { break }
                monitor.wait(milliseconds: Int64(rest))
            }
            return isRaised
        }
    }
}
