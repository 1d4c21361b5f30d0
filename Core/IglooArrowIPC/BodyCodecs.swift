// SPDX-License-Identifier: MIT
import CLZ4
import CZstd
import IglooArrow

extension IPCCompression {
    /// The whole of `source`, compressed.
    func compress(_ source: UnsafeRawBufferPointer) throws(ArrowError) -> [UInt8] {
        let bound =
            switch self {
            case .lz4Frame: LZ4F_compressFrameBound(source.count, nil)
            case .zstd: ZSTD_compressBound(source.count)
            }
        var failure: String?
        let compressed = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            let result =
                switch self {
                case .lz4Frame:
                    LZ4F_compressFrame(
                        target.baseAddress, bound, source.baseAddress, source.count, nil)
                case .zstd:
                    // The level that Arrow's other implementations take.
                    ZSTD_compress(target.baseAddress, bound, source.baseAddress, source.count, 1)
                }
            failure = self.failure(result)
            count = failure == nil ? result : 0
        }
        if let failure { throw ArrowError(.invalid, "cannot compress: \(failure)") }
        return compressed
    }

    /// Fills `target` with what `source` holds, which must be exactly that much.
    func decompress(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(ArrowError) {
        let count: Int
        switch self {
        case .lz4Frame: count = try Self.decompressFrame(source, into: target)
        case .zstd:
            count = ZSTD_decompress(
                target.baseAddress, target.count, source.baseAddress, source.count)
        }
        if let failure = failure(count) {
            throw ArrowError(.invalid, "cannot decompress a buffer: \(failure)")
        }
        guard count == target.count else {
            throw ArrowError(
                .invalid, "a compressed buffer holds \(count) bytes, not \(target.count)")
        }
    }

    private func failure(_ result: Int) -> String? {
        switch self {
        case .lz4Frame: LZ4F_isError(result) == 0 ? nil : String(cString: LZ4F_getErrorName(result))
        case .zstd: ZSTD_isError(result) == 0 ? nil : String(cString: ZSTD_getErrorName(result))
        }
    }

    /// The number of bytes that came out, or LZ4's code of an error.
    private static func decompressFrame(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(ArrowError) -> Int {
        var context: OpaquePointer?
        guard LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0
        else { throw ArrowError(.exhausted, "no memory to decompress") }
        defer { LZ4F_freeDecompressionContext(context) }
        guard let from = source.baseAddress, let to = target.baseAddress else { return 0 }
        var (read, written) = (0, 0)
        while true {
            var sourceCount = source.count - read
            var targetCount = target.count - written
            let hint = LZ4F_decompress(
                context, to + written, &targetCount, from + read, &sourceCount, nil)
            if LZ4F_isError(hint) != 0 { return hint }
            read += sourceCount
            written += targetCount
            // Zero: the frame is complete. No progress: it is cut off, or holds more.
            if hint == 0 { return written }
            if sourceCount == 0 && targetCount == 0 {
                throw ArrowError(
                    .invalid,
                    "a compressed buffer of \(source.count) bytes is not a whole frame "
                        + "of \(target.count) bytes")
            }
        }
    }
}
