// SPDX-License-Identifier: MIT

import CZlib

/// zlib's decoder of gzip members and zlib streams, told apart by their first bytes.
final class InflateContext {
    /// zlib counts in 32 bits.
    private static let pieceByteCountMax = 1 << 30

    // zlib's state points back at the stream: it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(
            stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            stream.deallocate()
            throw CompressionError(.exhausted, "gzip got no memory")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func reset() { inflateReset(stream) }

    /// One step: up to the end of the input, the output or the member.
    ///
    /// - Returns: whether the member ended.
    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer,
        _ progress: inout StreamProgress
    ) throws(CompressionError) -> Bool {
        let inputCount = min(input.count - progress.consumed, Self.pieceByteCountMax)
        let outputCount = min(output.count - progress.produced, Self.pieceByteCountMax)
        var spare: UInt8 = 0
        let status = withUnsafeMutablePointer(to: &spare) { spare in
            let from = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
            let to = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.next_in =
                from.map { UnsafeMutablePointer(mutating: $0 + progress.consumed) } ?? spare
            stream.pointee.avail_in = UInt32(inputCount)
            stream.pointee.next_out = to.map { $0 + progress.produced } ?? spare
            stream.pointee.avail_out = UInt32(outputCount)
            return inflate(stream, Z_NO_FLUSH)
        }
        progress.consumed += inputCount - Int(stream.pointee.avail_in)
        progress.produced += outputCount - Int(stream.pointee.avail_out)
        switch status {
        case Z_STREAM_END: return true
        case Z_OK, Z_BUF_ERROR: return false
        case Z_MEM_ERROR: throw CompressionError(.exhausted, "gzip got no memory")
        default:
            let why = stream.pointee.msg.map { String(cString: $0) } ?? "error \(status)"
            throw CompressionError(.invalid, "malformed gzip data: \(why)")
        }
    }

    /// Decompresses a whole block of one or more members.
    func decompressAll(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        reset()
        var progress = StreamProgress(consumed: 0, produced: 0)
        while true {
            let before = progress
            if try step(input, output, &progress) {
                if progress.consumed == input.count { return progress.produced }
                reset()
            } else if progress == before {
                let why =
                    progress.consumed == input.count
                    ? "it is cut short" : "it holds more than the expected \(output.count) bytes"
                throw CompressionError(.invalid, "malformed gzip data: \(why)")
            }
        }
    }
}
