// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

/// Ctrl-C: cancels the statement that runs; at the prompt it clears the line; where nothing runs
/// and nobody is asked it ends the process, as SIGINT does.
///
/// SIGINT is blocked in all threads and waited for by one, so that no code runs in a signal
/// handler.
///
/// - Threads: any.
final class Signals: Sendable {
    /// What a waiting prompt is woken with.
    enum Wake: UInt8 {
        case interrupt, resize
    }

    private struct State {
        /// Of the statement that runs.
        var token: CancellationToken?
        /// The end of the pipe that wakes the prompt.
        var prompt: Int32?
    }

    private let state = Locked(State())

    /// Call before any other thread is started.
    func start() {
        // A reader of our output that has gone is an error of write, not the end of the process.
        _ = signal(SIGPIPE, SIG_IGN)
        // Whoever started the program in the background may have it ignore SIGINT.
        let numbers = Self.isIgnored(SIGINT) ? [SIGWINCH] : [SIGINT, SIGWINCH]
        var blocked = Self.set(numbers)
        unsafe pthread_sigmask(SIG_BLOCK, &blocked, nil)
        PlatformThread.detach { [self] in
            var signals = Self.set(numbers)
            var number: Int32 = 0
            while true {
                if unsafe sigwait(&signals, &number) != 0 { continue }
                if number == SIGINT { interrupt() } else { wake(.resize) }
            }
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        let handler = unsafe action.__sigaction_handler.sa_handler
        return unsafe unsafeBitCast(handler, to: Int.self) == Int(bitPattern: 1)
    }

    private static func set(_ numbers: [Int32]) -> sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in numbers { unsafe sigaddset(&signals, number) }
        return signals
    }

    private func interrupt() {
        let isHandled = state.withLock { state in
            if let token = state.token {
                // A second Ctrl-C is for what does not hear of the first.
                if token.isCancelled && state.prompt == nil { return false }
                token.cancel()
                return true
            }
            return state.prompt != nil
        }
        if isHandled { wake(.interrupt) } else { Self.end() }
    }

    private func wake(_ reason: Wake) {
        let descriptor = state.withLock { $0.token == nil ? $0.prompt : nil }
        guard let descriptor else { return }
        var byte = reason.rawValue
        _ = unsafe write(descriptor, &byte, 1)
    }

    /// Ends the process as SIGINT would have, so that its parent knows.
    static func end() -> Never {
        _ = signal(SIGINT, SIG_DFL)
        var signals = set([SIGINT])
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        kill(getpid(), SIGINT)
        exit(128 + SIGINT)
    }

    /// From now on there is a prompt, which is woken through this pipe.
    func wakePrompt(_ descriptor: Int32) { state.withLock { $0.prompt = descriptor } }

    /// Runs `body` with a token that Ctrl-C raises.
    func during<Result>(
        _ body: (CancellationToken) throws(IglooError) -> Result
    ) throws(IglooError) -> Result {
        let token = CancellationToken()
        state.withLock { $0.token = token }
        defer { state.withLock { $0.token = nil } }
        return try body(token)
    }
}
