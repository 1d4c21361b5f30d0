// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

/// Ctrl-C: cancels the statement that runs; at the prompt it clears the line; where nothing runs
/// and nobody is asked it ends the process, as SIGINT does.
///
/// Signals are blocked in all threads and waited for by one, so that no code runs in a signal
/// handler.
///
/// - Threads: any.
final class Signals: Sendable {
    /// What a waiting prompt is woken with.
    enum Wake: UInt8 {
        case interrupt, resize
        /// The process was stopped, as by Ctrl-Z, and goes on.
        case resume
    }

    private struct State {
        /// Of the statement that runs.
        var token: CancellationToken?
        /// The end of the pipe that wakes the prompt.
        var prompt: Int32?
        /// A pager has the terminal, and follows Ctrl-C itself.
        var isPaging = false
    }

    private let state = Locked(State())
    /// How the terminal was set before anything else set it.
    private let modes = PlatformTerminal.modes

    /// Call before any other thread is started.
    func start() {
        // A reader of our output that has gone is an error of write, not the end of the process.
        _ = signal(SIGPIPE, SIG_IGN)
        // Whoever started the program may have it ignore some: SIGINT in the background, SIGHUP
        // where it is to outlive its terminal.
        let numbers = [SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT].filter { !Self.isIgnored($0) }
        var blocked = Self.set(numbers)
        unsafe pthread_sigmask(SIG_BLOCK, &blocked, nil)
        PlatformThread.detach { [self] in
            var signals = Self.set(numbers)
            var number: Int32 = 0
            while true {
                if unsafe sigwait(&signals, &number) != 0 { continue }
                follow(number)
            }
        }
    }

    private func follow(_ number: Int32) {
        switch number {
        case SIGINT: interrupt()
        case SIGWINCH: wake(.resize)
        case SIGCONT: wake(.resume)
        default:
            // Who types next finds the terminal as it was.
            if let modes, state.withLock({ $0.prompt != nil }) { PlatformTerminal.set(modes) }
            Self.end(by: number)
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
        if state.withLock({ $0.isPaging }) { return }
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

    /// Ends the process as the signal would have, so that its parent knows.
    static func end(by number: Int32 = SIGINT) -> Never {
        _ = signal(number, SIG_DFL)
        var signals = set([number])
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        kill(getpid(), number)
        exit(128 + number)
    }

    /// From now on there is a prompt, which is woken through this pipe.
    func wakePrompt(_ descriptor: Int32) { state.withLock { $0.prompt = descriptor } }

    /// From now on, or no longer, a pager has the terminal.
    func setPaging(_ isPaging: Bool) { state.withLock { $0.isPaging = isPaging } }

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
