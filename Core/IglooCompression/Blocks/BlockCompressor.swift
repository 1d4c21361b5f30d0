// SPDX-License-Identifier: MIT

import CLZ4
import CSnappy
import CZlib
import CZstd

/// Compresses blocks, keeping the library's context from one to the next.
///
/// - Threads: one at a time; keep one a thread.
public final class BlockCompressor: @unchecked Sendable {
    public let compression: Compression
    private let level: Int32?
    // SAFETY: used inside of `compress` only, by one thread at a time.
    private var zstd: OpaquePointer?

    /// - Parameter level: for gzip and zstd, in their own scale; `nil` = the library's choice.
    public init(_ compression: Compression, level: Int32? = nil) {
        precondition(
            compression != .brotli && compression != .lz4Hadoop, "\(compression) is only read")
        self.compression = compression
        self.level = level
    }

    deinit { ZSTD_freeCCtx(zstd) }

    /// How many bytes `byteCount` bytes become at the worst.
    public func byteCountMax(for byteCount: Int) -> Int {
        precondition(byteCount >= 0, "a negative byte count")
        return switch compression {
        case .snappy: snappy_max_compressed_length(byteCount)
        case .gzip: Int(compressBound(UInt(byteCount))) + 18
        case .zstd: ZSTD_compressBound(byteCount)
        case .lz4Frame: LZ4F_compressFrameBound(byteCount, nil)
        case .lz4Raw, .lz4Hadoop, .brotli:
            Int(LZ4_compressBound(Int32(clamping: byteCount)))
        }
    }

    /// Compresses all of `input`.
    ///
    /// - Returns: how many bytes of `output` were written.
    /// - Throws: when `output` is too small; `byteCountMax(for:)` never is.
    public func compress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        var nothing: UInt64 = 0
        return try withUnsafeMutableBytes(of: &nothing) { spare throws(CompressionError) -> Int in
            let from = input.baseAddress ?? UnsafeRawPointer(spare.baseAddress!)
            let to = output.baseAddress ?? spare.baseAddress!
            switch compression {
            case .snappy: return try snappy(from, input.count, to, output.count)
            case .zstd: return try zstd(from, input.count, to, output.count)
            case .gzip: return try gzip(from, input.count, to, output.count)
            case .lz4Frame:
                let count = LZ4F_compressFrame(to, output.count, from, input.count, nil)
                guard LZ4F_isError(count) == 0 else { throw tooSmall(input.count, output.count) }
                return count
            case .lz4Raw, .lz4Hadoop, .brotli:
                return try lz4(from, input.count, to, output.count)
            }
        }
    }

    private func tooSmall(_ input: Int, _ output: Int) -> CompressionError {
        CompressionError(
            .invalid, "\(input) bytes cannot be compressed by \(compression) into \(output)")
    }

    private func lz4(
        _ from: UnsafeRawPointer, _ count: Int, _ to: UnsafeMutableRawPointer, _ capacity: Int
    ) throws(CompressionError) -> Int {
        guard count <= Int(LZ4_MAX_INPUT_SIZE) else { throw tooSmall(count, capacity) }
        let written = LZ4_compress_default(
            from.assumingMemoryBound(to: CChar.self), to.assumingMemoryBound(to: CChar.self),
            Int32(count), Int32(clamping: capacity))
        guard written > 0 else { throw tooSmall(count, capacity) }
        return Int(written)
    }

    private func snappy(
        _ from: UnsafeRawPointer, _ count: Int, _ to: UnsafeMutableRawPointer, _ capacity: Int
    ) throws(CompressionError) -> Int {
        guard count <= Int(UInt32.max) else { throw tooSmall(count, capacity) }
        var written = capacity
        let status = snappy_compress(
            from.assumingMemoryBound(to: CChar.self), count,
            to.assumingMemoryBound(to: CChar.self), &written)
        guard status == SNAPPY_OK else { throw tooSmall(count, capacity) }
        return written
    }

    private func zstd(
        _ from: UnsafeRawPointer, _ count: Int, _ to: UnsafeMutableRawPointer, _ capacity: Int
    ) throws(CompressionError) -> Int {
        if zstd == nil { zstd = ZSTD_createCCtx() }
        guard let zstd else { throw CompressionError(.exhausted, "zstd got no memory") }
        let written = ZSTD_compressCCtx(
            zstd, to, capacity, from, count, level ?? ZSTD_CLEVEL_DEFAULT)
        guard ZSTD_isError(written) == 0 else { throw tooSmall(count, capacity) }
        return written
    }

    private func gzip(
        _ from: UnsafeRawPointer, _ count: Int, _ to: UnsafeMutableRawPointer, _ capacity: Int
    ) throws(CompressionError) -> Int {
        guard count <= Int(UInt32.max), capacity >= 0 else { throw tooSmall(count, capacity) }
        var stream = z_stream()
        let status = deflateInit2_(
            &stream, level ?? Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw CompressionError(.exhausted, "gzip got no memory") }
        defer { deflateEnd(&stream) }
        stream.next_in = UnsafeMutablePointer(
            mutating: from.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(count)
        stream.next_out = to.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = UInt32(clamping: capacity)
        guard deflate(&stream, Z_FINISH) == Z_STREAM_END else { throw tooSmall(count, capacity) }
        return Int(stream.total_out)
    }
}
