// SPDX-License-Identifier: MIT

/// An immutable, reference-counted range of bytes.
///
/// Slices share the memory. Memory that Igloo allocates is aligned to 64 bytes and may be read
/// 64 bytes past its end; memory wrapped from elsewhere promises neither.
///
/// - Threads: immutable, hence free to share.
@safe
public struct Buffer: Sendable {
    /// Frees the memory once, when the last buffer over it is gone.
    @safe
    final class Owner: @unchecked Sendable {
        // SAFETY: written by init only; the closure runs once, in deinit.
        private let release: () -> Void
        init(_ release: @escaping () -> Void) { self.release = release }
        deinit { release() }
    }

    // SAFETY: `owner` keeps the memory alive; nobody writes to it once a Buffer exists, so sharing
    // the address between threads is sound.
    public nonisolated(unsafe) let baseAddress: UnsafeRawPointer
    public let byteCount: Int
    /// What the memory lives as long as.
    package let owner: (any AnyObject & Sendable)?

    init(baseAddress: UnsafeRawPointer, byteCount: Int, owner: (any AnyObject & Sendable)?) {
        self.baseAddress = baseAddress
        self.byteCount = byteCount
        self.owner = owner
    }

    /// Wraps memory of another owner, which `release` gives back when the last slice is gone.
    ///
    /// - Ownership: the caller guarantees that the memory stays valid and unchanged until then.
    /// - Threads: `release` may run on any thread.
    public init(
        unowned baseAddress: UnsafeRawPointer, byteCount: Int, release: @escaping () -> Void
    ) {
        precondition(byteCount >= 0, "a buffer cannot have a negative byte count")
        self.init(baseAddress: baseAddress, byteCount: byteCount, owner: Owner(release))
    }

    /// Wraps memory that lives as long as `owner`.
    public init(
        baseAddress: UnsafeRawPointer, byteCount: Int, keeping owner: any AnyObject & Sendable
    ) {
        precondition(byteCount >= 0, "a buffer cannot have a negative byte count")
        self.init(baseAddress: baseAddress, byteCount: byteCount, owner: owner)
    }

    /// The buffer of no bytes.
    public static let empty = Buffer(
        baseAddress: BufferBuilder.emptyAddress, byteCount: 0, owner: nil)

    /// Copies `elements` into new memory.
    public init<Element: BitwiseCopyable>(copying elements: [Element]) {
        var builder = BufferBuilder(byteCapacity: elements.count * MemoryLayout<Element>.stride)
        builder.append(contentsOf: elements)
        self = builder.finish()
    }

    /// The bytes `range`, sharing this memory.
    public func slice(_ range: Range<Int>) -> Buffer {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "slice out of bounds")
        return Buffer(
            baseAddress: baseAddress + range.lowerBound, byteCount: range.count, owner: owner)
    }

    /// The bytes as elements of `type`. Valid as long as the buffer is.
    ///
    /// A rest that does not fill an element is left out. The address need not be aligned on
    /// x86-64 and arm64, where such loads are legal; code that traps on misalignment must not use
    /// foreign buffers without `aligned()`.
    @inlinable @inline(__always)
    public func pointer<Element: BitwiseCopyable>(
        as type: Element.Type = Element.self
    ) -> UnsafePointer<Element> {
        baseAddress.assumingMemoryBound(to: Element.self)
    }

    /// The bytes as elements of `type`. Valid as long as the buffer is.
    @inlinable
    public func elements<Element: BitwiseCopyable>(
        as type: Element.Type = Element.self
    ) -> UnsafeBufferPointer<Element> {
        UnsafeBufferPointer(
            start: pointer(as: type), count: byteCount / MemoryLayout<Element>.stride)
    }

    /// All bytes.
    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: baseAddress, count: byteCount)
    }

    /// This buffer, or a copy of it when its address is not a multiple of `alignment`.
    public func aligned(to alignment: Int = 8) -> Buffer {
        if Int(bitPattern: baseAddress) & (alignment - 1) == 0 { return self }
        var builder = BufferBuilder(byteCapacity: byteCount)
        builder.append(bytes)
        return builder.finish()
    }
}
