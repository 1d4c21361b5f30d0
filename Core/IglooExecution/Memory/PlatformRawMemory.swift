// SPDX-License-Identifier: MIT

import CIglooKernels
import Glibc

/// Memory that grows in place where the system can move its pages.
enum RawMemory {
    /// The bytes of `memory`, `nil` at first, in `byteCount` bytes; what is added is undefined.
    static func resized(
        _ memory: UnsafeMutableRawPointer?, to byteCount: Int
    ) -> UnsafeMutableRawPointer {
        guard let resized = realloc(memory, max(byteCount, 1)) else {
            preconditionFailure("the system refuses \(byteCount) bytes that the budget granted")
        }
        return resized
    }

    /// What was released goes back to the system, as far as it can.
    static func trim() { igloo_trim_memory() }

    static func release(_ memory: UnsafeMutableRawPointer?) { free(memory) }
}
