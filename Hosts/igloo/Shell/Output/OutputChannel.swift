// SPDX-License-Identifier: MIT

internal import IglooContracts

/// Bytes on their way to a file descriptor, gathered so that writes are large.
///
/// - Threads: one at a time.
final class OutputChannel {
    private static let byteCountMax = 1 << 16

    let descriptor: Int32
    /// What errors call it.
    let name: String
    private var bytes: [UInt8] = []
    private let ownsDescriptor: Bool
    /// Bytes handed over since the channel was opened.
    private(set) var writtenByteCount = 0

    init(descriptor: Int32, name: String, ownsDescriptor: Bool = false) {
        self.descriptor = descriptor
        self.name = name
        self.ownsDescriptor = ownsDescriptor
        bytes.reserveCapacity(2 * Self.byteCountMax)
    }

    deinit {
        if ownsDescriptor { PlatformFiles.close(descriptor) }
    }

    /// Replaces the file at `path`.
    static func create(_ path: String) throws(IglooError) -> OutputChannel {
        OutputChannel(
            descriptor: try PlatformFiles.create(path), name: path, ownsDescriptor: true)
    }

    var isEmpty: Bool { writtenByteCount == 0 && bytes.isEmpty }

    @inline(__always)
    func append(_ byte: UInt8) { bytes.append(byte) }

    func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    @inline(__always)
    func append(_ span: Span<UInt8>) {
        // SAFETY: the pointer does not leave the closure.
        unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    func append(raw: UnsafeRawBufferPointer) {
        // SAFETY: the bytes are copied before the call returns.
        unsafe bytes.append(contentsOf: raw)
    }

    /// Writes once enough has come together. Called between batches, where errors can be thrown.
    func flushIfFull() throws(IglooError) {
        if bytes.count >= Self.byteCountMax { try flush() }
    }

    /// - Throws: `unavailable` when the disk is full or whoever reads has gone.
    func flush() throws(IglooError) {
        defer { bytes.removeAll(keepingCapacity: bytes.count <= 4 * Self.byteCountMax) }
        guard !bytes.isEmpty else { return }
        try PlatformFiles.write(bytes, to: descriptor, name: name)
        writtenByteCount += bytes.count
    }
}
