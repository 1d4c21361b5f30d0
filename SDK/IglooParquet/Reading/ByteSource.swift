// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
public import IglooFiles

/// Where a Parquet file's bytes come from.
///
/// Files are read with `pread` into pooled memory and never mapped: one that is truncated while
/// it is read makes an error, where a mapping would kill the process.
///
/// - Threads: any, at the same time.
public protocol ByteSource: Sendable {
    /// For errors: the path.
    var name: String { get }
    var byteCount: Int64 { get }
    /// Fills `buffer` from `offset` on; fewer bytes only at the end.
    func read(
        at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(IglooError) -> Int
}

extension FileReader: ByteSource {
    public var name: String { path }
}

/// A Parquet file that is in memory.
public struct MemoryByteSource: ByteSource {
    public let name: String
    private let bytes: Buffer

    public init(_ bytes: Buffer, name: String = "memory") {
        self.bytes = bytes
        self.name = name
    }

    public var byteCount: Int64 { Int64(bytes.byteCount) }

    public func read(
        at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(IglooError) -> Int {
        let start = Int(min(max(0, offset), byteCount))
        let count = min(buffer.count, bytes.byteCount - start)
        if count > 0 {
            buffer.baseAddress!.copyMemory(from: bytes.baseAddress + start, byteCount: count)
        }
        return count
    }
}

extension ByteSource {
    /// Exactly `count` bytes; the range has been checked to be in the file.
    func readExactly(
        at offset: Int64, _ count: Int, into target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        let read = try read(
            at: offset, into: UnsafeMutableRawBufferPointer(start: target, count: count))
        guard read == count else {
            throw malformed("the file ends \(count - read) bytes too early")
        }
    }

    func bytes(at offset: Int64, _ count: Int) throws(IglooError) -> [UInt8] {
        let memory = try PooledMemory(byteCapacity: count)
        try readExactly(at: offset, count, into: memory.base)
        return Array(UnsafeRawBufferPointer(start: memory.base, count: count))
    }
}
