// SPDX-License-Identifier: MIT

import Glibc

/// A thread of the plugin's own, without signals.
struct OwnThread {
    private let thread: pthread_t

    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// - Returns: `nil` when the system has no thread to give.
    static func start(_ body: @escaping @Sendable () -> Void) -> OwnThread? {
        var all = sigset_t()
        var former = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &former)
        defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let status = pthread_create(
            &thread, nil,
            { raw in
                if let raw { Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        guard status == 0 else {
            work.release()
            return nil
        }
        return OwnThread(thread: thread)
    }

    /// Waits for its end.
    static func join(_ thread: OwnThread) { pthread_join(thread.thread, nil) }
}
