// SPDX-License-Identifier: MIT

import Glibc

/// Memory from the system, which may refuse it.
enum PlatformMemory {
    static func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
        var address: UnsafeMutableRawPointer?
        return posix_memalign(&address, 64, byteCount) == 0 ? address : nil
    }

    /// A slot of which every thread has its own value.
    static func makeThreadSlot() -> pthread_key_t? {
        var key = pthread_key_t()
        return pthread_key_create(&key, nil) == 0 ? key : nil
    }

    @inline(__always)
    static func threadValue(_ slot: pthread_key_t) -> UnsafeMutableRawPointer? {
        pthread_getspecific(slot)
    }

    static func setThreadValue(_ slot: pthread_key_t, _ value: UnsafeMutableRawPointer?) {
        pthread_setspecific(slot, value)
    }

    static func deallocate(_ address: UnsafeMutableRawPointer) { free(address) }

    @inline(__always)
    static func compare(
        _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int
    ) -> Int32 {
        memcmp(left, right, count)
    }
}
