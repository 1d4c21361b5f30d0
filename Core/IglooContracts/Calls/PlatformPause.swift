// SPDX-License-Identifier: MIT

import Glibc

extension CallContext {
    /// Whether nobody wants the answer any more.
    package var isOver: Bool {
        cancellation.isCancelled
            || deadlineNanoseconds.map { $0 <= MonotonicClock.nanoseconds() } ?? false
    }

    /// - Throws: `cancelled`, `deadlineExceeded`.
    package func checkNotOver() throws(IglooError) {
        try checkCancelled()
        if isOver { throw IglooError(.deadlineExceeded, "the call's time is over") }
    }

    /// Waits in short steps, so that a cancelled call ends soon.
    ///
    /// - Throws: `cancelled`, `deadlineExceeded`.
    func pause(milliseconds: Int) throws(IglooError) {
        var remaining = milliseconds
        while remaining > 0 {
            try checkNotOver()
            let step = min(remaining, 20)
            usleep(UInt32(step) * 1_000)
            remaining -= step
        }
    }
}
