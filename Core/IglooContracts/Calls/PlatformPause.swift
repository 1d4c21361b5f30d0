// SPDX-License-Identifier: MIT

import Glibc

extension CallContext {
    /// Waits in short steps, so that a cancelled call ends soon.
    ///
    /// - Throws: `cancelled`, `deadlineExceeded`.
    func pause(milliseconds: Int) throws(IglooError) {
        var remaining = milliseconds
        while remaining > 0 {
            try checkCancelled()
            if let deadlineNanoseconds, deadlineNanoseconds <= Self.nowNanoseconds() {
                throw IglooError(.deadlineExceeded, "the call's time is over")
            }
            let step = min(remaining, 20)
            usleep(UInt32(step) * 1_000)
            remaining -= step
        }
    }

    private static func nowNanoseconds() -> Int64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
}
