// SPDX-License-Identifier: MIT

import IglooCompression
import IglooContracts

/// Reads the pages of a column chunk in their order, or jumps by the offset index.
///
/// - Threads: one at a time.
final class PageReader {
    /// Headers hold statistics, whose values may be long.
    private static let headerByteCountMax = 16 << 20

    private let codec: Codec
    private let checksPages: Bool
    private let decompressor: BlockDecompressor
    private var window: ChunkWindow
    /// The offset of the first page.
    private let start: Int64

    init(
        _ source: any ByteSource, _ chunk: ColumnChunkMetadata, checksPages: Bool,
        windowByteCount: Int, _ decompressor: BlockDecompressor
    ) throws(IglooError) {
        codec = chunk.codec
        self.checksPages = checksPages
        self.decompressor = decompressor
        var start = chunk.dataPageOffset
        // Some writers say 0 where there is no dictionary.
        if let dictionary = chunk.dictionaryPageOffset, dictionary > 0, dictionary < start {
            start = dictionary
        }
        guard start >= 4, start < source.byteCount, chunk.compressedByteCount >= 0,
            chunk.compressedByteCount <= source.byteCount - start
        else {
            throw malformed(
                "its \(chunk.compressedByteCount) bytes at \(start) are not within the file")
        }
        self.start = start
        // Old writers forgot to count the dictionary page's header.
        let end = min(start + chunk.compressedByteCount + 100, source.byteCount)
        window = ChunkWindow(source, from: start, to: end, stepByteCount: windowByteCount)
    }

    /// The header of the next page; the window then stands at its bytes.
    func nextHeader() throws(IglooError) -> PageHeader {
        var wanted = 256
        while true {
            let bytes = try window.bytes(wanted)
            var thrift = ThriftReader(bytes)
            do throws(ThriftError) {
                let header = try PageHeader(&thrift)
                guard
                    Int64(thrift.position + header.compressedByteCount)
                        <= window.remainingByteCount
                else { throw .malformed("it is longer than its chunk") }
                window.advance(thrift.position)
                return header
            } catch {
                let offset = window.offset
                switch error {
                case .malformed(let why):
                    throw malformed("malformed page header at byte \(offset): \(why)")
                case .cutShort:
                    guard Int64(bytes.count) < window.remainingByteCount,
                        bytes.count < Self.headerByteCountMax
                    else { throw malformed("the page header at byte \(offset) is cut short") }
                    wanted = max(bytes.count, wanted) * 4
                }
            }
        }
    }

    func skipPage(_ header: PageHeader) { window.advance(header.compressedByteCount) }

    /// Goes to the page that begins at `offset`.
    func jump(to offset: Int64) { window.move(to: offset) }

    var offset: Int64 { window.offset }

    /// Reads and decompresses the page behind `header`.
    func loadPage(_ header: PageHeader) throws(IglooError) -> PageMemory {
        let all = try window.bytes(header.compressedByteCount)
        let bytes = UnsafeRawBufferPointer(rebasing: all[..<header.compressedByteCount])
        if checksPages, let checksum = header.checksum {
            let found = Checksum.crc32(bytes)
            guard found == checksum else {
                throw malformed(
                    "the page at byte \(window.offset) has checksum \(found), not \(checksum)")
            }
        }
        let page =
            header.kind == .dataV2 ? try loadV2(header, bytes) : try decompressed(bytes, header)
        window.advance(header.compressedByteCount)
        return page
    }

    private func decompressed(
        _ bytes: UnsafeRawBufferPointer, _ header: PageHeader
    ) throws(IglooError) -> PageMemory {
        let memory = try PooledMemory(byteCapacity: header.uncompressedByteCount)
        try decompress(bytes, into: memory.base, header.uncompressedByteCount)
        return PageMemory(memory, byteCount: header.uncompressedByteCount)
    }

    /// The levels of version 2 are not compressed.
    private func loadV2(
        _ header: PageHeader, _ bytes: UnsafeRawBufferPointer
    ) throws(IglooError) -> PageMemory {
        let levels = header.repetitionByteCount + header.definitionByteCount
        guard levels <= bytes.count, levels <= header.uncompressedByteCount else {
            throw malformed("a page has \(levels) bytes of levels in \(bytes.count) bytes")
        }
        var count = header.uncompressedByteCount
        let memory = try PooledMemory(byteCapacity: count)
        if levels > 0 { memory.base.copyMemory(from: bytes.baseAddress!, byteCount: levels) }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[levels...])
        if rest.count == 0 {
            // Nothing was compressed to nothing.
            count = levels
        } else if header.isCompressed {
            try decompress(rest, into: memory.base + levels, count - levels)
        } else {
            guard rest.count == count - levels else { throw wrongCount(rest.count, count - levels) }
            (memory.base + levels).copyMemory(from: rest.baseAddress!, byteCount: rest.count)
        }
        return PageMemory(memory, byteCount: count)
    }

    private func decompress(
        _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer, _ count: Int
    ) throws(IglooError) {
        if codec == .uncompressed {
            guard bytes.count == count else { throw wrongCount(bytes.count, count) }
            if count > 0 { target.copyMemory(from: bytes.baseAddress!, byteCount: count) }
            return
        }
        guard let compression = codec.compression else {
            throw IglooError(.unsupported, "compression LZO is not supported")
        }
        let written: Int
        do throws(CompressionError) {
            written = try decompressor.decompress(
                bytes, into: UnsafeMutableRawBufferPointer(start: target, count: count),
                compression)
        } catch {
            throw malformed("the page at byte \(window.offset): \(error.message)")
        }
        guard written == count else { throw wrongCount(written, count) }
    }

    private func wrongCount(_ found: Int, _ expected: Int) -> IglooError {
        malformed("the page at byte \(window.offset) has \(found) bytes, not \(expected)")
    }
}
