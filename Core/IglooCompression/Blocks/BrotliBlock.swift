// SPDX-License-Identifier: MIT

import CBrotli

enum BrotliBlock {
    static func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        var written = output.count
        let result = BrotliDecoderDecompress(
            input.count, input.baseAddress!.assumingMemoryBound(to: UInt8.self), &written,
            output.baseAddress!.assumingMemoryBound(to: UInt8.self))
        guard result == BROTLI_DECODER_RESULT_SUCCESS else {
            throw CompressionError(
                .invalid,
                "malformed brotli data, or more than the expected \(output.count) bytes of it")
        }
        return written
    }
}
