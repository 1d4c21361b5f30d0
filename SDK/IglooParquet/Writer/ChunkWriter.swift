// SPDX-License-Identifier: MIT

import IglooArrow
import IglooCompression
import IglooContracts

/// Writes one column of a row group: pages, compressed, kept in memory until the group is whole.
///
/// - Threads: one at a time.
final class ChunkWriter {
    private let leaf: WriterLeaf
    private let options: ParquetWriterOptions
    private let compressor: BlockCompressor?
    private var values: any ValueBuffer
    private var definitions: [UInt8] = []
    private var repetitions: [UInt8] = []
    /// Data pages with their headers, one after the other.
    private var bytes: [UInt8] = []
    private var pages: [Page] = []
    private var rowCount = 0
    private var entryCount = 0
    private var uncompressedByteCount = 0
    private var encodings: [Encoding] = []

    private struct Page {
        /// Counted from the first data page.
        var offset: Int
        var byteCount: Int
        var firstRow: Int
        var nullCount: Int
        var valueCount: Int
        var bounds: ValueBounds?
        var encoding: Encoding
    }

    /// What the file's footer and index say of the chunk.
    struct Written {
        var metadata: ColumnChunkMetadata
        var offsetIndex: [UInt8]
        var columnIndex: [UInt8]?
    }

    private var pageRowCount = 0

    init(_ leaf: WriterLeaf, _ options: ParquetWriterOptions, _ compressor: BlockCompressor?) {
        self.leaf = leaf
        self.options = options
        self.compressor = compressor
        values = leaf.storage.makeBuffer(dictionaryByteCountMax: options.dictionaryByteCount)
    }

    /// Bytes kept in memory.
    var byteCount: Int {
        bytes.count + values.byteCount + definitions.count + repetitions.count
            + values.dictionary.bytes.count
    }

    /// Adds the entries of whole rows.
    func append(
        _ array: ArrayData, _ entries: ShreddedEntries, rowCount rows: Int
    ) throws(IglooError) {
        do throws(ArrowError) {
            try values.append(array, entries.indexes)
        } catch {
            throw IglooError(
                .outOfRange, "column '\(leaf.path.joined(separator: "."))': \(error.message)",
                hint: "cast it to text, or leave it out")
        }
        definitions += entries.definitions
        if leaf.repetitionMax > 0 { repetitions += entries.repetitions }
        pageRowCount += rows
        if values.byteCount >= options.pageByteCount || pageRowCount >= options.pageRowCount {
            try endPage()
        }
    }

    // MARK: - Pages

    private func endPage() throws(IglooError) {
        if pageRowCount == 0 { return }
        let entryCount = definitions.count
        var body: [UInt8] = []
        if leaf.repetitionMax > 0 { Self.appendLevels(repetitions, leaf.repetitionMax, to: &body) }
        if leaf.definitionMax > 0 { Self.appendLevels(definitions, leaf.definitionMax, to: &body) }
        let nullCount = definitions.reduce(0) { $0 + (Int($1) < leaf.definitionMax ? 1 : 0) }
        let (encoded, encoding, bounds) = values.takePage()
        body += encoded
        let offset = bytes.count
        try appendPage(body, to: &bytes) { writer in
            writer.field(5) { header in
                header.field(1, Int32(entryCount))
                header.field(2, encoding.rawValue)
                header.field(3, Encoding.runLength.rawValue)
                header.field(4, Encoding.runLength.rawValue)
            }
        }
        pages.append(
            Page(
                offset: offset, byteCount: bytes.count - offset, firstRow: rowCount,
                nullCount: nullCount, valueCount: entryCount - nullCount, bounds: bounds,
                encoding: encoding))
        if !encodings.contains(encoding) { encodings.append(encoding) }
        self.entryCount += entryCount
        rowCount += pageRowCount
        pageRowCount = 0
        definitions.removeAll(keepingCapacity: true)
        repetitions.removeAll(keepingCapacity: true)
    }

    private static func appendLevels(_ levels: [UInt8], _ maximum: Int, to body: inout [UInt8]) {
        var bytes: [UInt8] = []
        levels.withUnsafeBufferPointer {
            RunEncoder.encode($0, bitWidth: RunEncoder.bitWidth(maximum), into: &bytes)
        }
        body.append(littleEndian: UInt32(bytes.count))
        body += bytes
    }

    /// A header, then the body, compressed.
    private func appendPage(
        _ body: [UInt8], isDictionary: Bool = false, to target: inout [UInt8],
        _ describe: (inout ThriftWriter) -> Void
    ) throws(IglooError) {
        guard body.count <= Int(Int32.max) else {
            throw IglooError(
                .outOfRange,
                "column '\(leaf.path.joined(separator: "."))' has a page of \(body.count) bytes, "
                    + "more than Parquet can hold")
        }
        let compressed = try compressed(body)
        var header = ThriftWriter()
        header.structure { header in
            header.field(1, Int32(isDictionary ? 2 : 0))
            header.field(2, Int32(body.count))
            header.field(3, Int32(compressed.count))
            describe(&header)
        }
        uncompressedByteCount += header.bytes.count + body.count
        target += header.bytes
        target += compressed
    }

    private func compressed(_ body: [UInt8]) throws(IglooError) -> [UInt8] {
        guard let compressor else { return body }
        let capacity = compressor.byteCountMax(for: body.count)
        var failure: CompressionError?
        let result = [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            body.withUnsafeBytes { input in
                do throws(CompressionError) {
                    count = try compressor.compress(
                        input, into: UnsafeMutableRawBufferPointer(output))
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw IglooError(.internalError, "cannot compress a page: \(failure)") }
        return result
    }

    // MARK: - The chunk

    /// Ends the chunk and hands its bytes over; `offset` is where they will stand in the file.
    func finish(
        at offset: Int64, _ write: (UnsafeRawBufferPointer) throws(IglooError) -> Void
    ) throws(IglooError) -> Written {
        try endPage()
        var metadata = ColumnChunkMetadata()
        metadata.type = leaf.storage.element.type ?? .int32
        metadata.codec = Codec(compressor?.compression)
        metadata.valueCount = Int64(entryCount)
        metadata.encodings = [.runLength] + encodings
        var dictionary: [UInt8] = []
        if values.dictionary.count > 0 {
            metadata.dictionaryPageOffset = offset
            if !metadata.encodings.contains(.plain) { metadata.encodings.append(.plain) }
            try appendPage(values.dictionary.bytes, isDictionary: true, to: &dictionary) { writer in
                writer.field(7) { header in
                    header.field(1, Int32(values.dictionary.count))
                    header.field(2, Encoding.plain.rawValue)
                }
            }
        }
        metadata.dataPageOffset = offset + Int64(dictionary.count)
        metadata.compressedByteCount = Int64(dictionary.count + bytes.count)
        metadata.uncompressedByteCount = Int64(uncompressedByteCount)
        metadata.dataPageEncodings = pages.map(\.encoding)
        metadata.statistics = statistics()
        try Self.write(dictionary, write)
        try Self.write(bytes, write)
        return Written(
            metadata: metadata, offsetIndex: offsetIndex(from: metadata.dataPageOffset),
            columnIndex: columnIndex())
    }

    private static func write(
        _ bytes: [UInt8], _ write: (UnsafeRawBufferPointer) throws(IglooError) -> Void
    ) throws(IglooError) {
        let outcome = bytes.withUnsafeBytes { bytes in
            Result { () throws(IglooError) in try write(bytes) }
        }
        try outcome.get()
    }

    /// Bounds as they are kept: those of texts and binary data may be cut.
    private func kept(_ bounds: ValueBounds?) -> ValueBounds? {
        guard leaf.storage.order == .bytes else { return bounds }
        return bounds?.cut(
            to: options.boundByteCount, isText: leaf.storage.element.logicalType == .string)
    }

    private func statistics() -> ChunkStatistics {
        var statistics = ChunkStatistics()
        statistics.nullCount = Int64(pages.reduce(0) { $0 + $1.nullCount })
        var bounds: ValueBounds?
        for page in pages {
            guard let next = page.bounds else { continue }
            if bounds == nil { bounds = next } else { bounds?.widen(next, leaf.storage) }
        }
        if let bounds = kept(bounds) {
            statistics.minimum = bounds.minimum
            statistics.maximum = bounds.maximum
            statistics.isMinimumExact = bounds.isMinimumExact
            statistics.isMaximumExact = bounds.isMaximumExact
        }
        return statistics
    }

    private func offsetIndex(from start: Int64) -> [UInt8] {
        var writer = ThriftWriter()
        writer.structure { writer in
            writer.field(1, list: pages, of: .structure) { writer, page in
                writer.structure { place in
                    place.field(1, start + Int64(page.offset))
                    place.field(2, Int32(page.byteCount))
                    place.field(3, Int64(page.firstRow))
                }
            }
        }
        return writer.bytes
    }

    /// `nil` where a page with values has no bounds: such an index may not be written.
    private func columnIndex() -> [UInt8]? {
        var bounds: [ValueBounds?] = []
        for page in pages {
            let cut = kept(page.bounds)
            if cut == nil && page.valueCount > 0 { return nil }
            bounds.append(cut)
        }
        var writer = ThriftWriter()
        writer.structure { writer in
            writer.field(1, list: bounds, of: .yes) { $0.bool($1 == nil) }
            writer.field(2, list: bounds, of: .binary) { $0.binary($1?.minimum ?? []) }
            writer.field(3, list: bounds, of: .binary) { $0.binary($1?.maximum ?? []) }
            writer.field(4, boundaryOrder(bounds.compactMap { $0 }))
            writer.field(5, list: pages, of: .int64) { $0.zigzag(Int64($1.nullCount)) }
        }
        return writer.bytes
    }

    /// 0 unordered, 1 ascending, 2 descending.
    private func boundaryOrder(_ bounds: [ValueBounds]) -> Int32 {
        var (isAscending, isDescending) = (true, true)
        for (left, right) in zip(bounds, bounds.dropFirst()) {
            for (low, high) in [(left.minimum, right.minimum), (left.maximum, right.maximum)] {
                if ValueBounds.isLess(high, low, leaf.storage) { isAscending = false }
                if ValueBounds.isLess(low, high, leaf.storage) { isDescending = false }
            }
        }
        return isAscending ? 1 : isDescending ? 2 : 0
    }
}

extension Codec {
    init(_ compression: Compression?) {
        self =
            switch compression {
            case .snappy: .snappy
            case .gzip: .gzip
            case .brotli: .brotli
            case .lz4Hadoop: .lz4
            case .zstd: .zstd
            case .lz4Raw: .lz4Raw
            default: .uncompressed
            }
    }
}
