// SPDX-License-Identifier: MIT

import CLZ4

/// LZ4's bare blocks, alone or behind Hadoop's sizes.
enum LZ4Block {
    static func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        guard input.count <= Int(Int32.max) else {
            throw CompressionError(.invalid, "an lz4 block of \(input.count) bytes is too large")
        }
        if input.count == 0 && output.count == 0 { return 0 }
        let written = LZ4_decompress_safe(
            input.baseAddress!.assumingMemoryBound(to: CChar.self),
            output.baseAddress!.assumingMemoryBound(to: CChar.self),
            Int32(input.count), Int32(clamping: output.count))
        guard written >= 0 else {
            throw CompressionError(
                .invalid,
                "malformed lz4 data, or more than the expected \(output.count) bytes of it")
        }
        return Int(written)
    }

    static func beginsFrame(_ input: UnsafeRawBufferPointer) -> Bool {
        input.count >= 7 && input.loadUnaligned(as: UInt32.self).littleEndian == 0x184D_2204
    }

    /// What Hadoop's codec wrote, else what is a bare block after all.
    static func decompressHadoop(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        if let count = hadoopBlocks(input, output) { return count }
        return try decompress(input, into: output)
    }

    /// Blocks of `[byte count of the content] ([byte count] [lz4 block])...`.
    ///
    /// - Returns: `nil` when the bytes are anything else.
    private static func hadoopBlocks(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) -> Int? {
        var position = 0
        var written = 0
        while position < input.count {
            guard let content = size(input, &position), content <= output.count - written else {
                return nil
            }
            var rest = content
            while rest > 0 {
                guard let count = size(input, &position), count <= input.count - position else {
                    return nil
                }
                let source = UnsafeRawBufferPointer(rebasing: input[position..<position + count])
                let target = UnsafeMutableRawBufferPointer(
                    rebasing: output[written..<written + rest])
                guard let piece = try? decompress(source, into: target), piece > 0 else {
                    return nil
                }
                position += count
                written += piece
                rest -= piece
            }
        }
        return written
    }

    private static func size(_ input: UnsafeRawBufferPointer, _ position: inout Int) -> Int? {
        guard input.count - position >= 4 else { return nil }
        defer { position += 4 }
        return Int(
            UInt32(bigEndian: input.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
    }
}
