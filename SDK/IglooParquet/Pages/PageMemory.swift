// SPDX-License-Identifier: MIT

import IglooArrow

/// A decompressed page.
final class PageMemory {
    private let memory: PooledMemory
    /// The whole page, for views to point into.
    let buffer: Buffer
    /// The encoded values; padded, and never without an address.
    var values: UnsafeRawBufferPointer

    init(_ memory: PooledMemory, byteCount: Int) {
        self.memory = memory
        buffer = memory.buffer(byteCount: byteCount)
        values = UnsafeRawBufferPointer(start: memory.base, count: byteCount)
    }

    /// The whole page.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: memory.base, count: buffer.byteCount)
    }
}
