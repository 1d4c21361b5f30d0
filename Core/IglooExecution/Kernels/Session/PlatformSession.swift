// SPDX-License-Identifier: MIT

import Glibc

/// Clocks, waiting, and the process.
enum PlatformSession {
    static var processId: Int32 { getpid() }

    /// Since 1970-01-01 00:00 UTC.
    static func nowMicroseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    /// Less than a second.
    static func sleep(seconds: Double) {
        var time = timespec(tv_sec: 0, tv_nsec: Int(seconds * 1e9))
        nanosleep(&time, nil)
    }
}
