// SPDX-License-Identifier: MIT

import CLZ4

/// The library's decoder of LZ4 frames.
final class LZ4FrameContext {
    private let context: OpaquePointer
    /// Whether a frame was begun and not ended.
    private(set) var isInFrame = false

    init() throws(CompressionError) {
        var context: OpaquePointer?
        let status = LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
        guard LZ4F_isError(status) == 0, let context else {
            throw CompressionError(.exhausted, "lz4 got no memory")
        }
        self.context = context
    }

    deinit { LZ4F_freeDecompressionContext(context) }

    /// One step: up to the end of the input, the output or the frame.
    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer,
        _ progress: inout StreamProgress, isOutputStable: Bool
    ) throws(CompressionError) {
        var options = LZ4F_decompressOptions_t()
        options.stableDst = isOutputStable ? 1 : 0
        var inputCount = input.count - progress.consumed
        var outputCount = output.count - progress.produced
        let status = LZ4F_decompress(
            context, output.baseAddress.map { $0 + progress.produced }, &outputCount,
            input.baseAddress.map { $0 + progress.consumed }, &inputCount, &options)
        guard LZ4F_isError(status) == 0 else {
            LZ4F_resetDecompressionContext(context)
            let why = String(cString: LZ4F_getErrorName(status))
            throw CompressionError(.invalid, "malformed lz4 data: \(why)")
        }
        progress.consumed += inputCount
        progress.produced += outputCount
        isInFrame = status != 0
    }

    /// Decompresses a whole block of one or more frames.
    func decompressAll(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        LZ4F_resetDecompressionContext(context)
        isInFrame = false
        var progress = StreamProgress(consumed: 0, produced: 0)
        while progress.consumed < input.count {
            let before = progress
            try step(input, output, &progress, isOutputStable: true)
            if progress == before { break }
        }
        if progress.consumed < input.count {
            throw CompressionError(
                .invalid, "lz4 data of more than the expected \(output.count) bytes")
        }
        if isInFrame {
            throw CompressionError(.invalid, "malformed lz4 data: it is cut short")
        }
        return progress.produced
    }
}
