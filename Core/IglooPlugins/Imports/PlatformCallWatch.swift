// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

/// The calls into plugins that run, one a thread. One that does not return after it was cancelled is
/// given up: its instance is poisoned, and its thread's owner told to go on without it. The thread
/// itself keeps all that the call may still touch.
enum CallWatch {
    static let patienceSeconds = 5
    private static let roundMicroseconds: UInt32 = 100_000
    /// Rounds without a call after which nobody watches any more.
    private static let idleRoundCountMax = 50

    /// A running call.
    struct Running {
        var plugin: String
        var health: InstanceHealth?
        var cancellation: CancellationToken
        var owner: (any ThreadOwner)?
        /// Seen to be cancelled, `CLOCK_MONOTONIC` in milliseconds.
        fileprivate var cancelledSince: Int?
        fileprivate var isGivenUp = false

        init(
            plugin: String, health: InstanceHealth?, cancellation: CancellationToken,
            owner: (any ThreadOwner)?
        ) {
            self.plugin = plugin
            self.health = health
            self.cancellation = cancellation
            self.owner = owner
        }
    }

    /// A thread that has made calls.
    private final class Slot: Sendable {
        let thread: ThreadIdentity
        let running = Locked<Running?>(nil)

        init(_ thread: ThreadIdentity) { self.thread = thread }
    }

    private struct State {
        var slots: [ObjectIdentifier: Slot] = [:]
        var isWatching = false
    }

    private static let state = Locked(State())

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key) { pointer in
            guard let pointer else { return }
            let slot = Unmanaged<Slot>.fromOpaque(pointer).takeRetainedValue()
            CallWatch.state.withLock { $0.slots[ObjectIdentifier(slot)] = nil }
        }
        return key
    }()

    private static var ownSlot: Slot {
        if let pointer = pthread_getspecific(key) {
            return Unmanaged<Slot>.fromOpaque(pointer).takeUnretainedValue()
        }
        let slot = Slot(.current)
        pthread_setspecific(key, Unmanaged.passRetained(slot).toOpaque())
        state.withLock { state in
            state.slots[ObjectIdentifier(slot)] = slot
        }
        return slot
    }

    /// Runs a call under watch.
    static func run(_ running: Running, _ call: () -> Int32) -> Int32 {
        let slot = ownSlot
        let outer = slot.running.withLock { current in
            defer { current = running }
            return current
        }
        if !state.withLock(\.isWatching) { startWatching() }
        let status = call()
        slot.running.withLock { $0 = outer }
        return status
    }

    // MARK: - Watching

    private static func startWatching() {
        let starts = state.withLock { state in
            defer { state.isWatching = true }
            return !state.isWatching
        }
        guard starts else { return }
        var thread = pthread_t()
        var all = sigset_t()
        var old = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &old)
        defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
        let status = pthread_create(
            &thread, nil,
            { _ in
                CallWatch.watch()
                return nil
            }, nil)
        if status == 0 {
            pthread_detach(thread)
        } else {
            state.withLock { $0.isWatching = false }
        }
    }

    private static func watch() {
        var idleRoundCount = 0
        while idleRoundCount < idleRoundCountMax {
            usleep(roundMicroseconds)
            let slots = state.withLock { Array($0.slots.values) }
            var isIdle = true
            for slot in slots {
                let (isRunning, lost) = look(at: slot)
                if isRunning { isIdle = false }
                if let lost { giveUp(lost, slot.thread) }
            }
            idleRoundCount = isIdle ? idleRoundCount + 1 : 0
            if idleRoundCount >= idleRoundCountMax && !leave() { idleRoundCount = 0 }
        }
    }

    /// A call that began meanwhile either is seen here, or finds that nobody watches.
    ///
    /// - Returns: whether nobody watches any more.
    private static func leave() -> Bool {
        state.withLock { state in
            for slot in state.slots.values where slot.running.withLock({ $0 != nil }) {
                return false
            }
            state.isWatching = false
            return true
        }
    }

    /// Whether a call runs there, and the call if its time is over.
    private static func look(at slot: Slot) -> (isRunning: Bool, lost: Running?) {
        slot.running.withLock { running in
            guard var call = running else { return (false, nil) }
            defer { running = call }
            guard call.cancellation.isCancelled, !call.isGivenUp else { return (true, nil) }
            let now = MonotonicClock.milliseconds()
            guard let since = call.cancelledSince else {
                call.cancelledSince = now
                return (true, nil)
            }
            guard now - since >= 1_000 * patienceSeconds else { return (true, nil) }
            call.isGivenUp = true
            return (true, call)
        }
    }

    private static func giveUp(_ call: Running, _ thread: ThreadIdentity) {
        call.health?.poison()
        PluginLog.write(
            PluginLog.Line(
                level: .warning, target: call.plugin,
                message: "a call has not returned \(patienceSeconds) seconds after it was "
                    + "cancelled: it is given up, with its instance and its thread"))
        call.owner?.lose(thread)
    }
}
