// SPDX-License-Identifier: MIT

public import IglooArrow

/// Memory for a piece of a file, which the strings of a batch may go on pointing into.
///
/// - Threads: written by its reader only while nobody else holds it; immutable afterwards.
public final class TextChunk: @unchecked Sendable {
    // SAFETY: freed by deinit; shared only once the reader stopped writing.
    public let bytes: UnsafeMutablePointer<UInt8>
    public let byteCapacity: Int
    private static let padding = 64

    public init(byteCapacity: Int) {
        self.byteCapacity = byteCapacity
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: byteCapacity + Self.padding, alignment: 64)
        bytes = raw.assumingMemoryBound(to: UInt8.self)
        (bytes + byteCapacity).initialize(repeating: 0, count: Self.padding)
    }

    deinit { UnsafeMutableRawPointer(bytes).deallocate() }

    /// The first `count` bytes as a buffer that keeps the chunk.
    public func buffer(_ count: Int) -> Buffer {
        Buffer(baseAddress: UnsafeRawPointer(bytes), byteCount: count, keeping: self)
    }
}
