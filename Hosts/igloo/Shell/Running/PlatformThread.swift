// SPDX-License-Identifier: MIT

import Glibc

/// A thread that is joined.
final class PlatformThread {
    private var thread = pthread_t()
    private let isStarted: Bool

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    init(_ run: @escaping @Sendable () -> Void) {
        let body = unsafe Unmanaged.passRetained(Body(run))
        let status = unsafe pthread_create(
            &thread, nil,
            { argument in
                unsafe Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, unsafe body.toOpaque())
        isStarted = status == 0
        if !isStarted { unsafe body.release() }
    }

    func join() {
        if isStarted { pthread_join(thread, nil) }
    }

    static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1_000) }
}
