// SPDX-License-Identifier: MIT

import CZstd

/// A zstd context for whole blocks.
final class ZstdBlockDecoder {
    private let context: OpaquePointer

    init() throws(CompressionError) {
        guard let context = ZSTD_createDCtx() else {
            throw CompressionError(.exhausted, "zstd got no memory")
        }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        let count = ZSTD_decompressDCtx(
            context, output.baseAddress, output.count, input.baseAddress, input.count)
        guard ZSTD_isError(count) == 0 else {
            throw CompressionError(
                .invalid, "malformed zstd data: \(String(cString: ZSTD_getErrorName(count)))")
        }
        return count
    }
}
