// SPDX-License-Identifier: MIT

import CSQLite
import IglooContracts
import Synchronization

/// Says to a running SQLite statement that it is to stop. SQLite asks every thousand steps of its
/// machine, and while it waits for a lock.
///
/// - Threads: `token` is set by the thread that runs the statement; `cancel` by any.
final class SQLiteInterrupt: @unchecked Sendable {
    // SAFETY: SQLite calls back on the thread that runs the statement, the one that set it.
    var token: CancellationToken?
    let busyTimeoutMilliseconds: Int
    private let isCancelled = Atomic(false)

    init(busyTimeoutMilliseconds: Int) { self.busyTimeoutMilliseconds = busyTimeoutMilliseconds }

    func cancel() { isCancelled.store(true, ordering: .releasing) }

    var mustStop: Bool {
        isCancelled.load(ordering: .acquiring) || token?.isCancelled == true
    }

    /// Installs itself in a connection, which must not outlive it.
    func install(_ connection: OpaquePointer) {
        let raw = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_progress_handler(
            connection, 1000,
            { raw in
                guard let raw else { return 0 }
                return Unmanaged<SQLiteInterrupt>.fromOpaque(raw).takeUnretainedValue().mustStop
                    ? 1 : 0
            }, raw)
        sqlite3_busy_handler(
            connection,
            { raw, count in
                guard let raw else { return 0 }
                let own = Unmanaged<SQLiteInterrupt>.fromOpaque(raw).takeUnretainedValue()
                return own.wait(Int(count)) ? 1 : 0
            }, raw)
    }

    /// Waits a little for a lock; `false` gives up.
    private func wait(_ count: Int) -> Bool {
        let pause = 5
        guard !mustStop, count * pause < busyTimeoutMilliseconds else { return false }
        sqlite3_sleep(Int32(pause))
        return true
    }
}
