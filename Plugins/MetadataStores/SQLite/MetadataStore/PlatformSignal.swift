// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

/// Counts changes; those who saw a count wait for the next one.
///
/// - Threads: any.
final class ChangeSignal: @unchecked Sendable {
    // SAFETY: `number` is touched only by those who hold the monitor.
    private let monitor = Monitor()
    private var number: UInt64 = 0

    var count: UInt64 { monitor.withLock { number } }

    func raise() {
        monitor.withLock {
            number &+= 1
            monitor.broadcast()
        }
    }

    /// Returns once the count is another than `seen`, or the time is over.
    func wait(beyond seen: UInt64, milliseconds: Int) {
        let end = MonotonicClock.milliseconds() + milliseconds
        monitor.withLock {
            while number == seen {
                let rest = end - MonotonicClock.milliseconds()
                if rest <= 0 { return }
                monitor.wait(milliseconds: Int64(rest))
            }
        }
    }
}

enum Clock {
    /// Nanoseconds since the machine was started, sleep included: the same for all processes.
    static var sinceBoot: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Tells one start of the machine from another.
    static var boot: String {
        let descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(count, 0)).prefix { $0 > 32 }, as: UTF8.self)
    }
}
