// SPDX-License-Identifier: MIT

import Glibc

enum Clock {
    /// Nanoseconds that only grow.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
