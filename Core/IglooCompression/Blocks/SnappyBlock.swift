// SPDX-License-Identifier: MIT

import CIglooKernels

enum SnappyBlock {
    static func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        let (count, start) = try length(input)
        guard count <= output.count else {
            throw CompressionError(
                .invalid, "snappy data of \(count) bytes where \(output.count) are expected")
        }
        let elements = UnsafeRawBufferPointer(rebasing: input[start...])
        guard let from = elements.baseAddress, let to = output.baseAddress,
            igloo_snappy_decode(from, elements.count, to, count)
        else {
            if count == 0 && elements.isEmpty { return 0 }
            throw CompressionError(.invalid, "malformed snappy data")
        }
        return count
    }

    /// The number of bytes, in groups of seven bits, and where what follows begins.
    private static func length(
        _ input: UnsafeRawBufferPointer
    ) throws(CompressionError) -> (count: Int, start: Int) {
        var count = 0
        for index in 0..<min(5, input.count) {
            count |= Int(input[index] & 0x7F) << (7 * index)
            if input[index] & 0x80 == 0 && count <= Int(UInt32.max) { return (count, index + 1) }
        }
        throw CompressionError(.invalid, "malformed snappy data: it has no length")
    }
}
