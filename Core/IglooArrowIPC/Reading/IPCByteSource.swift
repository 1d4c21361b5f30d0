// SPDX-License-Identifier: MIT
public import IglooArrow

/// Where a stream's bytes come from.
///
/// - Threads: one at a time.
public protocol IPCByteSource: AnyObject {
    /// The next `byteCount` bytes; fewer only where the stream ends.
    ///
    /// `byteCount` may come from a damaged stream: memory must grow with the bytes that there are,
    /// not with those asked for.
    func read(_ byteCount: Int) throws(ArrowError) -> Buffer
}

/// Bytes that are in memory already, be it mapped: what is read shares it.
public final class IPCBufferSource: IPCByteSource {
    private let buffer: Buffer
    private var position = 0

    public init(_ buffer: Buffer) { self.buffer = buffer }

    public func read(_ byteCount: Int) throws(ArrowError) -> Buffer {
        let start = position
        position += min(max(byteCount, 0), buffer.byteCount - start)
        return buffer.slice(start..<position)
    }
}

/// Bytes that a closure reads, such as from a pipe or a socket.
public final class IPCReadingSource: IPCByteSource {
    /// Fills the memory from its start and answers how many bytes that were; 0 at the end.
    public typealias Read = (UnsafeMutableRawBufferPointer) throws(ArrowError) -> Int

    /// What is asked for at first; it doubles as bytes arrive.
    private static let stepByteCount = 1 << 16

    private let readSome: Read

    public init(_ read: @escaping Read) { readSome = read }

    public func read(_ byteCount: Int) throws(ArrowError) -> Buffer {
        var builder = BufferBuilder()
        while builder.byteCount < byteCount {
            let step = min(
                byteCount - builder.byteCount, max(Self.stepByteCount, builder.byteCount))
            builder.reserve(step)
            let count = try readSome(
                UnsafeMutableRawBufferPointer(
                    start: builder.baseAddress + builder.byteCount, count: step))
            guard (0...step).contains(count) else {
                throw ArrowError(.invalid, "a read of \(step) bytes answered \(count)")
            }
            if count == 0 { break }
            builder.setByteCount(builder.byteCount + count)
        }
        return builder.finish()
    }
}
