// SPDX-License-Identifier: MIT

/// Decompresses a stream as its bytes come: several gzip members, zstd or lz4 frames in a row.
///
/// Call `decompress` with whatever input there is until it writes less than `output` can take:
/// only then is all of the input used. At the end of the input, `finish` says whether the stream
/// may end there.
///
/// - Threads: one at a time.
public protocol StreamDecompressor: AnyObject, Sendable {
    /// Reads from `input` and writes to `output` until one of them is used up.
    ///
    /// - Throws: when the data is malformed; the stream cannot be read on then.
    func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> StreamProgress

    /// Throws when the stream was cut short.
    func finish() throws(CompressionError)
}

/// How far one step of decompression came.
public struct StreamProgress: Hashable, Sendable {
    /// Bytes of the input that are done with.
    public var consumed: Int
    /// Bytes written to the output.
    public var produced: Int

    public init(consumed: Int, produced: Int) {
        self.consumed = consumed
        self.produced = produced
    }
}
