// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

/// The signals that ask a program to end, which are taken by waiting for them.
struct EndingSignals {
    private var signals = sigset_t()

    /// Before any thread is started: threads inherit what is blocked.
    init() {
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    func wait() {
        var signals = signals
        var number: Int32 = 0
        while unsafe sigwait(&signals, &number) != 0 {}
    }

    /// `CLOCK_MONOTONIC` in this many seconds.
    static func time(inSeconds seconds: Int64) -> Int64 {
        MonotonicClock.nanoseconds() + seconds * 1_000_000_000
    }
}
