// SPDX-License-Identifier: MIT

import CZstd

/// Decompresses zstd frames in a row, with windows of up to 128 MiB.
public final class ZstdStreamDecompressor: StreamDecompressor, @unchecked Sendable {
    // SAFETY: one thread at a time, by the protocol's contract.
    private let context: OpaquePointer
    private var isInFrame = false

    public init() throws(CompressionError) {
        guard let context = ZSTD_createDCtx() else {
            throw CompressionError(.exhausted, "zstd got no memory")
        }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    public func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> StreamProgress {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        // At the end of a frame nothing is held back: a call without input would ask for a frame.
        while target.pos < target.size && (source.pos < source.size || isInFrame) {
            let before = (source.pos, target.pos)
            let status = ZSTD_decompressStream(context, &target, &source)
            guard ZSTD_isError(status) == 0 else {
                let why = String(cString: ZSTD_getErrorName(status))
                throw CompressionError(.invalid, "malformed zstd data: \(why)")
            }
            isInFrame = status != 0
            if before == (source.pos, target.pos) { break }
        }
        return StreamProgress(consumed: source.pos, produced: target.pos)
    }

    public func finish() throws(CompressionError) {
        if isInFrame {
            throw CompressionError(.invalid, "malformed zstd data: it is cut short")
        }
    }
}
