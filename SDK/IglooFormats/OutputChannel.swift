// SPDX-License-Identifier: MIT

public import IglooContracts

/// Bytes on their way to a file descriptor, gathered so that writes are large.
///
/// - Threads: one at a time.
@safe
public final class OutputChannel {
    private static let byteCountMax = 1 << 16

    /// Takes what was gathered.
    public typealias Sink = (UnsafeRawBufferPointer) throws(IglooError) -> Void

    /// -1 for one that goes to a sink.
    public let descriptor: Int32
    /// What errors call it.
    public let name: String
    private let ownsDescriptor: Bool
    private let sink: Sink?
    // SAFETY: allocated by init and `grow`, freed by deinit; `count` bytes of `capacity` are
    // initialised, and no address leaves this type.
    private var bytes: UnsafeMutableRawPointer
    private var capacity = 2 * byteCountMax
    private var count = 0
    private var hasWritten = false

    /// Nothing was written so far.
    public var isUntouched: Bool { count == 0 && !hasWritten }

    public init(descriptor: Int32, name: String, ownsDescriptor: Bool = false) {
        self.descriptor = descriptor
        self.name = name
        self.ownsDescriptor = ownsDescriptor
        unsafe sink = nil
        unsafe bytes = .allocate(byteCount: capacity, alignment: 16)
    }

    /// - Parameter sink: gets the bytes, which are its own for the call only.
    public init(name: String, sink: @escaping Sink) {
        descriptor = -1
        self.name = name
        ownsDescriptor = false
        unsafe self.sink = sink
        unsafe bytes = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        unsafe bytes.deallocate()
        if ownsDescriptor { PlatformFiles.close(descriptor) }
    }

    /// Replaces the file at `path`.
    public static func create(_ path: String) throws(IglooError) -> OutputChannel {
        OutputChannel(
            descriptor: try PlatformFiles.create(path), name: path, ownsDescriptor: true)
    }

    @inline(__always)
    public func append(_ byte: UInt8) {
        if count == capacity { grow(1) }
        unsafe bytes.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    public func append(_ text: String) {
        var text = text
        text.withUTF8 { unsafe append(raw: UnsafeRawBufferPointer($0)) }
    }

    /// Copies the bytes before it returns.
    @inline(__always)
    public func append(raw more: UnsafeRawBufferPointer) {
        guard let source = more.baseAddress else { return }
        if more.count > capacity &- count { grow(more.count) }
        unsafe (bytes + count).copyMemory(from: source, byteCount: more.count)
        count &+= more.count
    }

    public func append(repeating byte: UInt8, count: Int) {
        for _ in 0..<max(0, count) { append(byte) }
    }

    private func grow(_ additional: Int) {
        capacity = max(2 * capacity, count + additional)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        unsafe larger.copyMemory(from: bytes, byteCount: count)
        unsafe bytes.deallocate()
        unsafe bytes = larger
    }

    /// Writes once enough has come together. Called between rows, where errors can be thrown.
    @inline(__always)
    public func flushIfFull() throws(IglooError) {
        if count >= Self.byteCountMax { try flush() }
    }

    /// - Throws: `unavailable` when the disk is full or whoever reads has gone.
    public func flush() throws(IglooError) {
        guard count > 0 else { return }
        defer { count = 0 }
        hasWritten = true
        let gathered = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
        if let sink = unsafe sink { return try unsafe sink(gathered) }
        try unsafe PlatformFiles.write(gathered, to: descriptor, name: name)
    }
}
