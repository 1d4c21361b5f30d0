// SPDX-License-Identifier: MIT

/// Decompresses blocks, keeping the libraries' contexts from one to the next.
///
/// - Threads: one at a time; keep one a thread.
public final class BlockDecompressor: @unchecked Sendable {
    // SAFETY: the contexts are used inside of `decompress` only, by one thread at a time.
    private var zstd: ZstdBlockDecoder?
    private var inflate: InflateContext?
    private var lz4Frame: LZ4FrameContext?

    public init() {}

    /// Decompresses all of `input`.
    ///
    /// - Returns: how many bytes of `output` were written.
    /// - Throws: when `input` is malformed or holds more than `output` can take; the content of
    ///   `output` is undefined then.
    public func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer,
        _ compression: Compression
    ) throws(CompressionError) -> Int {
        // The libraries want addresses even for nothing.
        var nothing: UInt64 = 0
        return try withUnsafeMutableBytes(of: &nothing) { spare throws(CompressionError) -> Int in
            let source =
                input.baseAddress == nil
                ? UnsafeRawBufferPointer(start: spare.baseAddress, count: 0) : input
            let target =
                output.baseAddress == nil
                ? UnsafeMutableRawBufferPointer(start: spare.baseAddress, count: 0) : output
            return try run(source, target, compression)
        }
    }

    private func run(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer,
        _ compression: Compression
    ) throws(CompressionError) -> Int {
        switch compression {
        case .snappy: return try SnappyBlock.decompress(input, into: output)
        case .brotli: return try BrotliBlock.decompress(input, into: output)
        case .lz4Raw: return try LZ4Block.decompress(input, into: output)
        case .lz4Hadoop:
            if LZ4Block.beginsFrame(input) { return try frame(input, output) }
            return try LZ4Block.decompressHadoop(input, into: output)
        case .lz4Frame: return try frame(input, output)
        case .zstd:
            if zstd == nil { zstd = try ZstdBlockDecoder() }
            return try zstd!.decompress(input, into: output)
        case .gzip:
            if inflate == nil { inflate = try InflateContext() }
            return try inflate!.decompressAll(input, into: output)
        }
    }

    private func frame(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        if lz4Frame == nil { lz4Frame = try LZ4FrameContext() }
        return try lz4Frame!.decompressAll(input, into: output)
    }
}
