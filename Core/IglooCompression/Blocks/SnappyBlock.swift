// SPDX-License-Identifier: MIT

import CSnappy

enum SnappyBlock {
    static func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        let source = input.baseAddress!.assumingMemoryBound(to: CChar.self)
        var count = 0
        guard snappy_uncompressed_length(source, input.count, &count) == SNAPPY_OK else {
            throw CompressionError(.invalid, "malformed snappy data: it has no length")
        }
        guard count <= output.count else {
            throw CompressionError(
                .invalid, "snappy data of \(count) bytes where \(output.count) are expected")
        }
        var written = output.count
        let target = output.baseAddress!.assumingMemoryBound(to: CChar.self)
        guard snappy_uncompress(source, input.count, target, &written) == SNAPPY_OK else {
            throw CompressionError(.invalid, "malformed snappy data")
        }
        return written
    }
}
