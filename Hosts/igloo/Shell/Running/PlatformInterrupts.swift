// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts
import Synchronization

/// Ctrl-C: cancels the statement that runs, and ends nothing else.
///
/// SIGINT is blocked in all threads and waited for by one, so that no code runs in a signal
/// handler.
///
/// - Threads: any.
final class Interrupts: Sendable {
    private let current = Mutex<CancellationToken?>(nil)

    /// Call before any other thread is started.
    func start() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        // A reader of our output that has gone is an error of write, not the end of the process.
        _ = signal(SIGPIPE, SIG_IGN)
        var thread = pthread_t()
        let box = unsafe Unmanaged.passRetained(self)
        unsafe pthread_create(
            &thread, nil,
            { argument in
                let interrupts = unsafe Unmanaged<Interrupts>.fromOpaque(argument!)
                    .takeRetainedValue()
                interrupts.waitForSignals()
                return nil
            }, unsafe box.toOpaque())
    }

    private func waitForSignals() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        var number: Int32 = 0
        while true {
            if unsafe sigwait(&signals, &number) == 0 {
                current.withLock { $0?.cancel() }
            }
        }
    }

    /// Runs `body` with a token that Ctrl-C raises.
    func during<Result>(
        _ body: (CancellationToken) throws(IglooError) -> Result
    ) throws(IglooError) -> Result {
        let token = CancellationToken()
        current.withLock { $0 = token }
        defer { current.withLock { $0 = nil } }
        return try body(token)
    }
}
