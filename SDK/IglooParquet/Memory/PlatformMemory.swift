// SPDX-License-Identifier: MIT

import Glibc

/// Memory from the system, which may refuse it.
enum PlatformMemory {
    static func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
        var address: UnsafeMutableRawPointer?
        return posix_memalign(&address, 64, byteCount) == 0 ? address : nil
    }

    static func deallocate(_ address: UnsafeMutableRawPointer) { free(address) }

    @inline(__always)
    static func compare(
        _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int
    ) -> Int32 {
        memcmp(left, right, count)
    }
}
