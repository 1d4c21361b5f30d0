// SPDX-License-Identifier: MIT

public import IglooContracts

/// Bytes in their order: a piece of a file, or what a compressed file holds.
///
/// - Threads: one at a time.
public protocol ByteStream: AnyObject, Sendable {
    /// Fills `buffer` with the next bytes; fewer only at the end.
    ///
    /// - Throws: `invalidData` for torn compressed data, `invalidState` when the file changed.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(IglooError) -> Int

    /// Says, after the last read, whether the file stayed as it was.
    func checkUnchanged() throws(IglooError)
}

extension ByteStream {
    /// Reads over the next `count` bytes; the end may come earlier.
    public func skip(_ count: Int64) throws(IglooError) {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
        defer { scratch.deallocate() }
        var rest = count
        while rest > 0 {
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: scratch[0..<Int(min(rest, Int64(scratch.count)))])
            let read = try read(into: piece)
            if read == 0 { return }
            rest -= Int64(read)
        }
    }
}

/// A range of a file's bytes as they stand there.
public final class FileByteStream: ByteStream, @unchecked Sendable {
    private let reader: FileReader
    // SAFETY: `read` is called by one thread at a time, by the protocol's contract.
    private var position: Int64
    private let end: Int64

    /// - Parameter end: `nil` reads to the end of the file.
    public init(_ reader: FileReader, from start: Int64 = 0, to end: Int64? = nil) {
        precondition(start >= 0, "a file has no bytes before its beginning")
        self.reader = reader
        position = start
        self.end = min(end ?? reader.byteCount, reader.byteCount)
    }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(IglooError) -> Int {
        let wanted = Int(max(0, min(Int64(buffer.count), end - position)))
        let count = try reader.read(
            at: position, into: UnsafeMutableRawBufferPointer(rebasing: buffer[0..<wanted]))
        position += Int64(count)
        return count
    }

    public func checkUnchanged() throws(IglooError) { try reader.checkUnchanged() }
}
