// SPDX-License-Identifier: MIT

/// Decompresses LZ4 frames in a row.
public final class LZ4StreamDecompressor: StreamDecompressor, @unchecked Sendable {
    // SAFETY: one thread at a time, by the protocol's contract.
    private let context: LZ4FrameContext

    public init() throws(CompressionError) { context = try LZ4FrameContext() }

    public func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> StreamProgress {
        var progress = StreamProgress(consumed: 0, produced: 0)
        while progress.produced < output.count
            && (progress.consumed < input.count || context.isInFrame)
        {
            let before = progress
            try context.step(input, output, &progress, isOutputStable: false)
            if progress == before { break }
        }
        return progress
    }

    public func finish() throws(CompressionError) {
        if context.isInFrame {
            throw CompressionError(.invalid, "malformed lz4 data: it is cut short")
        }
    }
}
