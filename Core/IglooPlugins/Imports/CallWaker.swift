// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

/// What a plugin is given to wake a call that it answered with PENDING.
///
/// A plugin may wake late, when nobody waits any more: wakers are used again, but their memory is
/// never given back, and a late call is one that wakes somebody else without cause.
// SAFETY: the pointers are written by init only; the rest is guarded by the monitor.
final class CallWaker: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<igloo_waker>
    private let monitor = Monitor()
    private var isWoken = false
    /// Who is told beside those who wait here.
    private var target: (@Sendable () -> Void)?

    private static let free = Locked<[CallWaker]>([])
    /// How long a caller may not have noticed that it was cancelled.
    private static let roundMilliseconds: Int64 = 20

    private init() {
        pointer = .allocate(capacity: 1)
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
        waker.monitor.withLock {
            waker.isWoken = false
            waker.target = target
        }
        return waker
    }

    func giveBack() {
        monitor.withLock { target = nil }
        Self.free.withLock { $0.append(self) }
    }

    private func wake() {
        let target = monitor.withLock {
            isWoken = true
            monitor.signal()
            return self.target
        }
        target?()
    }

    /// From now on only what is woken later counts.
    func rearm() { monitor.withLock { isWoken = false } }

    /// Waits until somebody wakes, or the call's time is over.
    func wait(_ context: CallContext) {
        monitor.withLock {
            while !isWoken, !context.isOver {
                let left = context.deadlineNanoseconds.map {
                    ($0 - MonotonicClock.nanoseconds()) / 1_000_000 + 1
                }
                monitor.wait(milliseconds: min(left ?? .max, Self.roundMilliseconds))
            }
        }
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
