// SPDX-License-Identifier: MIT

import CSnappy

enum SnappyBlock {
    static func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        let (count, start) = try length(input)
        guard count <= output.count else {
            throw CompressionError(
                .invalid, "snappy data of \(count) bytes where \(output.count) are expected")
        }
        var decoder = SnappyDecoder(
            UnsafeRawBufferPointer(rebasing: input[start...]),
            into: UnsafeMutableRawBufferPointer(rebasing: output[..<count]))
        guard decoder.decode() else {
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
