// SPDX-License-Identifier: MIT
public import IglooArrow

/// Writes Arrow's IPC streaming format, metadata version 5.
///
/// - Threads: one at a time.
/// - Source: Arrow columnar format, "IPC Streaming Format".
public final class IPCStreamWriter {
    private let batches: BatchWriter
    private var isFinished = false

    /// Writes the schema.
    ///
    /// - Throws: `ArrowError.unsupported` for dictionaries of dictionaries; what `sink` throws.
    public init(
        _ schema: Schema, options: IPCWriteOptions = IPCWriteOptions(), sink: @escaping IPCSink
    ) throws(ArrowError) {
        batches = try BatchWriter(
            schema, options: options, output: MessageWriter(sink), allowsReplacement: true)
    }

    /// Writes a batch, and before it the dictionaries that have changed.
    ///
    /// - Throws: `ArrowError.invalid` for a batch of other types; what `sink` throws.
    public func write(_ batch: RecordBatch) throws(ArrowError) {
        precondition(!isFinished, "the stream is finished")
        try batches.write(batch)
    }

    /// Writes the mark of the end.
    ///
    /// - Throws: what `sink` throws.
    public func finish() throws(ArrowError) {
        precondition(!isFinished, "the stream is finished")
        isFinished = true
        try batches.output.writeEnd()
    }
}
