// SPDX-License-Identifier: MIT

/// Growing memory that becomes a `Buffer` without a copy.
///
/// The memory is aligned to 64 bytes and followed by 64 bytes of padding, so that kernels may load
/// whole vectors at its end.
///
/// - Threads: one at a time.
@safe
public struct BufferBuilder: ~Copyable {
    static let alignment = 64
    static let padding = 64
    nonisolated(unsafe) static let emptyAddress: UnsafeRawPointer = {
        let address = UnsafeMutableRawPointer.allocate(byteCount: padding, alignment: alignment)
        address.initializeMemory(as: UInt8.self, repeating: 0, count: padding)
        return UnsafeRawPointer(address)
    }()

    @usableFromInline var memory: UnsafeMutableRawPointer?
    @usableFromInline var capacity = 0
    @usableFromInline var used = 0

    @inlinable public var byteCapacity: Int { capacity }
    @inlinable public var byteCount: Int { used }

    public init(byteCapacity: Int = 0) {
        if byteCapacity > 0 { reserve(byteCapacity) }
    }

    /// Memory of `byteCount` bytes, all zero.
    public init(zeroed byteCount: Int) {
        self.init(byteCapacity: byteCount)
        append(zeros: byteCount)
    }

    deinit { memory?.deallocate() }

    /// The first byte; changes whenever the builder grows.
    public var baseAddress: UnsafeMutableRawPointer {
        memory ?? UnsafeMutableRawPointer(mutating: Self.emptyAddress)
    }

    @inline(__always)
    public func pointer<Element: BitwiseCopyable>(
        as type: Element.Type = Element.self
    ) -> UnsafeMutablePointer<Element> {
        baseAddress.assumingMemoryBound(to: Element.self)
    }

    /// Makes room for `additionalByteCount` more bytes.
    public mutating func reserve(_ additionalByteCount: Int) {
        let (needed, overflow) = used.addingReportingOverflow(additionalByteCount)
        precondition(!overflow && additionalByteCount >= 0, "a buffer cannot be that large")
        if needed > capacity { grow(to: max(needed, capacity * 2, 64)) }
    }

    private mutating func grow(to byteCapacity: Int) {
        let rounded = (byteCapacity + Self.alignment - 1) & ~(Self.alignment - 1)
        let new = UnsafeMutableRawPointer.allocate(
            byteCount: rounded + Self.padding, alignment: Self.alignment)
        if let memory {
            new.copyMemory(from: memory, byteCount: byteCount)
            memory.deallocate()
        }
        memory = new
        capacity = rounded
    }

    @inlinable @inline(__always)
    public mutating func append<Element: BitwiseCopyable>(_ element: Element) {
        let stride = MemoryLayout<Element>.stride
        if used &+ stride > capacity { reserve(stride) }
        memory.unsafelyUnwrapped.storeBytes(of: element, toByteOffset: used, as: Element.self)
        used &+= stride
    }

    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        (baseAddress + byteCount).copyMemory(from: source, byteCount: bytes.count)
        used += bytes.count
    }

    public mutating func append<Element: BitwiseCopyable>(contentsOf elements: [Element]) {
        elements.withUnsafeBytes { append($0) }
    }

    public mutating func append(zeros count: Int) {
        guard count > 0 else { return }
        reserve(count)
        (baseAddress + byteCount).initializeMemory(as: UInt8.self, repeating: 0, count: count)
        used += count
    }

    /// Says that the first `count` bytes are in use, after writing through `pointer`.
    public mutating func setByteCount(_ count: Int) {
        precondition(count >= 0 && count <= byteCapacity, "byte count beyond the capacity")
        used = count
    }

    /// Hands the bytes over and starts empty again. The padding is zeroed.
    public mutating func finish() -> Buffer {
        guard let memory, byteCount > 0 else {
            removeAll()
            return .empty
        }
        (memory + byteCount).initializeMemory(
            as: UInt8.self, repeating: 0,
            count: min(Self.padding, byteCapacity + Self.padding - byteCount))
        let count = byteCount
        self.memory = nil
        capacity = 0
        used = 0
        nonisolated(unsafe) let address = memory
        return Buffer(
            baseAddress: UnsafeRawPointer(address), byteCount: count,
            owner: Buffer.Owner { address.deallocate() })
    }

    /// Forgets the bytes, keeps the memory.
    public mutating func removeAll() { used = 0 }
}
