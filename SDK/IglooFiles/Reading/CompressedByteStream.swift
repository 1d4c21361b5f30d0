// SPDX-License-Identifier: MIT

import IglooCompression
import IglooContracts

/// What a compressed file holds.
///
/// - Threads: one at a time.
final class CompressedByteStream: ByteStream, @unchecked Sendable {
    // SAFETY: one thread at a time, by the protocol's contract.
    private static let inputByteCount = 256 << 10

    private let reader: FileReader
    private let compression: FileCompression
    private let decompressor: any StreamDecompressor
    private let input = TextChunk(byteCapacity: CompressedByteStream.inputByteCount)
    /// The part of `input` not yet decompressed.
    private var start = 0
    private var end = 0
    private var position: Int64 = 0
    private var isAtEnd = false

    init(_ reader: FileReader, _ compression: FileCompression) throws(IglooError) {
        self.reader = reader
        self.compression = compression
        do throws(CompressionError) {
            decompressor =
                compression == .zstd
                ? try ZstdStreamDecompressor() : try GzipStreamDecompressor()
        } catch {
            throw IglooError(.resourceExhausted, error.message)
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(IglooError) -> Int {
        var done = 0
        while done < buffer.count && !isAtEnd {
            if start == end { try readInput() }
            let output = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let progress = try decompress(into: output)
            start += progress.consumed
            done += progress.produced
            let isUsedUp = start == end && position == reader.byteCount
            if isUsedUp && progress.produced < output.count {
                isAtEnd = true
                try finish()
            } else if progress.consumed == 0 && progress.produced == 0 && start < end {
                throw failure(CompressionError(.invalid, "the data does not go on"))
            }
        }
        return done
    }

    private func readInput() throws(IglooError) {
        start = 0
        end = try reader.read(
            at: position,
            into: UnsafeMutableRawBufferPointer(start: input.bytes, count: input.byteCapacity))
        position += Int64(end)
    }

    private func decompress(
        into output: UnsafeMutableRawBufferPointer
    ) throws(IglooError) -> StreamProgress {
        do throws(CompressionError) {
            return try decompressor.decompress(
                UnsafeRawBufferPointer(start: input.bytes + start, count: end - start),
                into: output)
        } catch {
            throw failure(error)
        }
    }

    private func finish() throws(IglooError) {
        do throws(CompressionError) { try decompressor.finish() } catch { throw failure(error) }
    }

    private func failure(_ error: CompressionError) -> IglooError {
        if error.kind == .exhausted { return IglooError(.resourceExhausted, error.message) }
        return IglooError(
            .invalidData,
            "'\(reader.path)' cannot be decompressed (\(compression)), near byte"
                + " \(position - Int64(end - start)) of \(reader.byteCount): \(error.message)",
            hint: "the file may not have been copied as a whole")
    }

    func checkUnchanged() throws(IglooError) { try reader.checkUnchanged() }
}
