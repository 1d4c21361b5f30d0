// SPDX-License-Identifier: MIT

import CIglooKernels
import Glibc
import IglooContracts

/// A thread of the engine's own pools.
enum EngineThread {
    /// Plugins are promised at least 1 MiB; parsers of nested data want more.
    static let stackByteCount = 4 << 20

    private final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a detached thread with all signals blocked. False when the system has none to give.
    static func start(
        name: String, stackByteCount: Int = stackByteCount, _ body: @escaping @Sendable () -> Void
    ) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackByteCount)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var all = sigset_t()
        var old = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &old)
        defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
        var thread = pthread_t()
        let start = Unmanaged.passRetained(Start(body))
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        if status != 0 {
            start.release()
            return false
        }
        igloo_name_thread(thread, name)
        return true
    }
}

/// Something of which every thread has its own, for the thread's life.
struct ThreadSlot<Value: AnyObject>: @unchecked Sendable {
    // SAFETY: the key does not change; each thread sees the value it stored itself.
    private let key: pthread_key_t
    private let count = Locked(0)

    init() {
        var key = pthread_key_t()
        pthread_key_create(&key) { value in
            if let value { Unmanaged<AnyObject>.fromOpaque(value).release() }
        }
        self.key = key
    }

    /// This thread's value, made when it is asked for the first time; threads are numbered from 0.
    func value(_ make: (Int) -> Value) -> Value {
        if let known = pthread_getspecific(key) {
            return Unmanaged<Value>.fromOpaque(known).takeUnretainedValue()
        }
        let number = count.withLock { count in
            defer { count += 1 }
            return count
        }
        let new = make(number)
        pthread_setspecific(key, Unmanaged.passRetained(new).toOpaque())
        return new
    }
}
