// SPDX-License-Identifier: MIT

import CIgloo
import Glibc
import IglooContracts

/// A thread of the host's own, as plugins are promised.
final class HostThread {
    private var thread = pthread_t()
    private let outcome: Locked<Result<Void, any Error>?>

    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    /// Starts it.
    // SAFETY: what `body` captures is the business of the check, which joins before it looks.
    init(_ body: @escaping () throws -> Void) {
        let outcome = Locked<Result<Void, any Error>?>(nil)
        self.outcome = outcome
        let boxed = Unmanaged.passRetained(
            Body {
                let result = Result { try body() }
                outcome.withLock { $0 = result }
            })
        let status = pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, boxed.toOpaque())
        precondition(status == 0, "a process that cannot start a thread checks nothing")
    }

    /// Waits for its end, and throws what it threw.
    func join() throws {
        pthread_join(thread, nil)
        try outcome.withLock { $0 }?.get()
    }

    var isDone: Bool { outcome.withLock { $0 != nil } }

    /// Waits at most so long.
    func waits(milliseconds: Int) -> Bool {
        let deadline = MonotonicClock.nanoseconds() + Int64(milliseconds) * 1_000_000
        while !isDone {
            if MonotonicClock.nanoseconds() > deadline { return false }
            Clock.sleep(milliseconds: 1)
        }
        return true
    }
}

/// A waker that counts how often it was called.
final class Waker {
    let pointer: UnsafeMutablePointer<igloo_waker>
    private let calls: Locked<Int>

    init() {
        calls = Locked(0)
        pointer = .allocate(capacity: 1)
        pointer.initialize(
            to: igloo_waker(
                wake: { waker in
                    guard let owner = waker?.pointee.owner else { return }
                    Unmanaged<Locked<Int>>.fromOpaque(owner).takeUnretainedValue()
                        .withLock { $0 += 1 }
                },
                // A late call must still find it: wakers of a check are never freed.
                owner: Unmanaged.passRetained(calls).toOpaque()))
    }

    var count: Int { calls.withLock { $0 } }

    /// Waits until it is called once more than `count` times.
    func waits(beyond count: Int, milliseconds: Int) -> Bool {
        let deadline = MonotonicClock.nanoseconds() + Int64(milliseconds) * 1_000_000
        while self.count <= count {
            if MonotonicClock.nanoseconds() > deadline { return false }
            Clock.sleep(milliseconds: 1)
        }
        return true
    }
}
