// SPDX-License-Identifier: MIT
public import IglooArrow

/// Writes Arrow's IPC file format, metadata version 5.
///
/// Batches whose dictionaries differ are brought to one dictionary, which grows as they come.
///
/// - Threads: one at a time.
/// - Source: Arrow columnar format, "IPC File Format".
public final class IPCFileWriter {
    private let batches: BatchWriter
    private let metadata: Metadata
    private var isFinished = false

    /// Writes the schema.
    ///
    /// - Throws: `ArrowError.unsupported` for dictionaries of dictionaries; what `sink` throws.
    public init(
        _ schema: Schema, options: IPCWriteOptions = IPCWriteOptions(), sink: @escaping IPCSink
    ) throws(ArrowError) {
        let output = MessageWriter(sink)
        try output.write(IPCFileReader.magic + [0, 0])
        metadata = options.fileMetadata
        batches = try BatchWriter(
            schema, options: options, output: output, allowsReplacement: false)
    }

    /// Writes a batch, and before it what is new in its dictionaries.
    ///
    /// - Throws: `ArrowError.invalid` for a batch of other types; `.unsupported` for a second
    ///   dictionary of nested values; `.exhausted` when indexes do not reach all values of the
    ///   joined dictionary; what `sink` throws.
    public func write(_ batch: RecordBatch) throws(ArrowError) {
        precondition(!isFinished, "the file is finished")
        try batches.write(batch)
    }

    /// Writes the footer.
    ///
    /// - Throws: what `sink` throws.
    public func finish() throws(ArrowError) {
        precondition(!isFinished, "the file is finished")
        isFinished = true
        try batches.output.writeEnd()
        let footer = FlatBufferBuilder.encode([
            0: .int16(MetadataVersion.v5), 1: .table(batches.schema.flatTable),
            2: .structs(batches.dictionaryBlocks.flatMap(\.words), wordsPerStruct: 3),
            3: .structs(batches.batchBlocks.flatMap(\.words), wordsPerStruct: 3),
            4: .tables(metadata.flatTables),
        ])
        try batches.output.write(footer)
        try batches.output.write(Int32(footer.count))
        try batches.output.write(IPCFileReader.magic)
    }
}

extension FileBlock {
    /// A struct `Block`: its int32 is followed by four bytes of padding.
    fileprivate var words: [Int64] { [Int64(offset), Int64(headByteCount), Int64(bodyByteCount)] }
}
