// SPDX-License-Identifier: MIT

import Glibc

enum Clock {
    /// Microseconds since 1970-01-01 00:00 UTC.
    static func nowMicroseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
