// SPDX-License-Identifier: MIT
import Glibc

enum PlatformMemory {
    static func areEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, byteCount: Int)
        -> Bool
    {
        byteCount == 0 || memcmp(left, right, byteCount) == 0
    }
}
