// SPDX-License-Identifier: MIT

import CIgloo
import Glibc
import IglooContracts

/// What a plugin is given to wake a call that it answered with PENDING.
///
/// A plugin may wake late, when nobody waits any more: wakers are used again, but their memory is
/// never given back, and a late call is one that wakes somebody else without cause.
// SAFETY: the pointers are written by init only; the rest is guarded by the mutex.
final class CallWaker: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<igloo_waker>
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var isWoken = false
    /// Who is told beside those who wait here.
    private var target: (@Sendable () -> Void)?

    private static let free = Locked<[CallWaker]>([])
    /// How long a caller may not have noticed that it was cancelled.
    private static let roundNanoseconds: Int64 = 20_000_000

    private init() {
        pointer = .allocate(capacity: 1)
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        pointer.initialize(
            to: igloo_waker(
                wake: { waker in
                    guard let owner = waker?.pointee.owner else { return }
                    Unmanaged<CallWaker>.fromOpaque(owner).takeUnretainedValue().wake()
                }, owner: Unmanaged.passRetained(self).toOpaque()))
    }

    /// One that nobody uses.
    ///
    /// - Parameter target: called whenever the plugin wakes.
    static func take(_ target: (@Sendable () -> Void)? = nil) -> CallWaker {
        let waker = free.withLock { $0.popLast() } ?? CallWaker()
        waker.locked {
            waker.isWoken = false
            waker.target = target
        }
        return waker
    }

    func giveBack() {
        locked { target = nil }
        Self.free.withLock { $0.append(self) }
    }

    private func wake() {
        let target = locked {
            isWoken = true
            pthread_cond_signal(condition)
            return self.target
        }
        target?()
    }

    /// From now on only what is woken later counts.
    func rearm() { locked { isWoken = false } }

    /// Waits until somebody wakes, or the call's time is over.
    func wait(_ context: CallContext) {
        locked {
            while !isWoken, !context.isOver {
                let until = min(
                    context.deadlineNanoseconds ?? .max,
                    CallContext.nowNanoseconds() + Self.roundNanoseconds)
                var time = timespec(
                    tv_sec: Int(until / 1_000_000_000), tv_nsec: Int(until % 1_000_000_000))
                pthread_cond_timedwait(condition, mutex, &time)
            }
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}

extension Waker {
    /// The waker as plugins see it, the same at each call; it goes on to the next with this one's end.
    var exported: UnsafeMutablePointer<igloo_waker> {
        attachment.withLock { attachment in
            if let lent = attachment as? LentWaker { return lent.waker.pointer }
            let lent = LentWaker(CallWaker.take { [weak self] in self?.wake() })
            attachment = lent
            return lent.waker.pointer
        }
    }
}

/// A waker for as long as somebody holds this.
private final class LentWaker: Sendable {
    let waker: CallWaker
    init(_ waker: CallWaker) { self.waker = waker }
    deinit { waker.giveBack() }
}
