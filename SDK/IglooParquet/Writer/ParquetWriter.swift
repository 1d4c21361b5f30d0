// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
import IglooCompression

/// Writes batches as a Parquet file, front to back: the target need not be seekable.
///
/// Columns are dictionary-encoded where that pays, else plain; every chunk has statistics, an
/// offset index and, where its type has an order, a column index. Memory holds one row group,
/// encoded and compressed.
///
/// | Arrow | Parquet |
/// |---|---|
/// | integers, floats, booleans, dates, texts, binary data | the same |
/// | decimals | int32 up to 9 digits, int64 up to 18, else fixed-length byte arrays |
/// | times and timestamps in seconds | in milliseconds |
/// | intervals | INTERVAL: not negative, whole milliseconds, else an error |
/// | durations | int64, their unit is lost |
/// | lists of any kind, maps, structures | LIST, MAP, groups |
/// | dictionaries and runs | what they stand for |
/// | unions, structures without fields | refused |
///
/// - Source: parquet-format 2.11.
/// - Threads: one at a time.
public final class ParquetWriter {
    public typealias Sink = (UnsafeRawBufferPointer) throws(IglooError) -> Void

    /// Rows that are taken apart at once.
    private static let sliceRowCount = 8_192

    private let schema: WriterSchema
    private let fields: [Field]
    private let options: ParquetWriterOptions
    private let compressor: BlockCompressor?
    private let sink: Sink
    private var chunks: [ChunkWriter] = []
    private var metadata = FileMetadata()
    private var indexes: [[ChunkWriter.Written]] = []
    private var groupRowCount = 0
    /// Bytes written so far.
    public private(set) var byteCount: Int64 = 0

    /// - Parameter sink: called with the file's bytes in order; keeps no pointer.
    /// - Throws: `unsupported` for types that Parquet has no form for, `invalidArgument` for a
    ///   compression that is only read; what the sink throws.
    public init(
        _ schema: Schema, _ options: ParquetWriterOptions = ParquetWriterOptions(),
        sink: @escaping Sink
    ) throws(IglooError) {
        if let compression = options.compression,
            ![.snappy, .gzip, .zstd, .lz4Raw].contains(compression)
        {
            throw IglooError(
                .invalidArgument, "Parquet files are not written with \(compression) compression",
                hint: "snappy, gzip, zstd and lz4 are")
        }
        guard !schema.fields.isEmpty else {
            throw IglooError(.unsupported, "a Parquet file needs at least one column")
        }
        self.schema = try WriterSchema(schema)
        fields = schema.fields
        self.options = options
        self.sink = sink
        compressor = options.compression.map {
            BlockCompressor($0, level: options.compressionLevel)
        }
        metadata.schema = self.schema.elements
        metadata.createdBy = options.createdBy
        metadata.keyValues = options.keyValues.map { ($0.key, $0.value) }
        try write(Array("PAR1".utf8))
    }

    /// Adds rows, whose columns are of the schema's types.
    ///
    /// - Throws: `outOfRange` for values that the stored type does not hold; what the sink throws.
    ///   The file cannot be continued then.
    public func write(_ batch: RecordBatch) throws(IglooError) {
        guard batch.columns.map(\.type) == fields.map(\.type) else {
            throw IglooError(.invalidArgument, "a batch has other columns than the Parquet file")
        }
        var start = 0
        while start < batch.rowCount {
            let room = max(1, options.rowGroupRowCount - groupRowCount)
            let count = min(Self.sliceRowCount, room, batch.rowCount - start)
            try append(batch.columns.map { $0.slice(start, count: count) }, rowCount: count)
            start += count
        }
    }

    /// Writes what is left, and the footer.
    public func finish() throws(IglooError) {
        try endRowGroup()
        try writeIndexes()
        let footer = metadata.encoded(paths: schema.leaves.map(\.path))
        guard footer.count <= Int(Int32.max) else {
            throw IglooError(.outOfRange, "the Parquet file's footer has \(footer.count) bytes")
        }
        var tail = footer
        tail.append(littleEndian: UInt32(footer.count))
        tail += Array("PAR1".utf8)
        try write(tail)
    }

    // MARK: - Row groups

    private func append(_ columns: [ArrayData], rowCount: Int) throws(IglooError) {
        if chunks.isEmpty {
            chunks = schema.leaves.map { ChunkWriter($0, options, compressor) }
        }
        for (index, array) in columns.enumerated() {
            var failure: IglooError?
            let chunks = chunks
            let shredder = Shredder { (leaf, array, entries) throws(ArrowError) in
                do throws(IglooError) {
                    try chunks[leaf].append(array, entries, rowCount: rowCount)
                } catch {
                    failure = failure ?? error
                }
            }
            do throws(ArrowError) {
                try shredder.shred(
                    schema.roots[index], array, ShreddedEntries(rowCount: rowCount))
            } catch {
                throw IglooError(.invalidData, "column '\(fields[index].name)': \(error.message)")
            }
            if let failure { throw failure }
        }
        groupRowCount += rowCount
        let byteCount = chunks.reduce(0) { $0 + $1.byteCount }
        if groupRowCount >= options.rowGroupRowCount || byteCount >= options.rowGroupByteCount {
            try endRowGroup()
        }
    }

    private func endRowGroup() throws(IglooError) {
        guard groupRowCount > 0 else { return }
        var group = RowGroupMetadata()
        group.rowCount = Int64(groupRowCount)
        var written: [ChunkWriter.Written] = []
        for chunk in chunks {
            let part = try chunk.finish(at: byteCount) { (bytes) throws(IglooError) in
                try self.write(bytes)
            }
            group.columns.append(part.metadata)
            written.append(part)
        }
        metadata.rowGroups.append(group)
        metadata.rowCount += Int64(groupRowCount)
        indexes.append(written)
        chunks = []
        groupRowCount = 0
    }

    /// All column indexes, then all offset indexes, as others write them.
    private func writeIndexes() throws(IglooError) {
        for (group, written) in indexes.enumerated() {
            for (column, part) in written.enumerated() {
                guard let index = part.columnIndex else { continue }
                metadata.rowGroups[group].columns[column].columnIndex = .init(
                    offset: byteCount, byteCount: Int32(clamping: index.count))
                try write(index)
            }
        }
        for (group, written) in indexes.enumerated() {
            for (column, part) in written.enumerated() {
                metadata.rowGroups[group].columns[column].offsetIndex = .init(
                    offset: byteCount, byteCount: Int32(clamping: part.offsetIndex.count))
                try write(part.offsetIndex)
            }
        }
    }

    private func write(_ bytes: [UInt8]) throws(IglooError) {
        let outcome = bytes.withUnsafeBytes { bytes in
            Result { () throws(IglooError) in try write(bytes) }
        }
        try outcome.get()
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(IglooError) {
        try sink(bytes)
        byteCount += Int64(bytes.count)
    }
}
