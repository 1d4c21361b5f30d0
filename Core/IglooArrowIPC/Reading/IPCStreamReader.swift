// SPDX-License-Identifier: MIT
public import IglooArrow

/// Reads Arrow's IPC streaming format: a schema, then dictionaries and record batches.
///
/// Memory stays within a small multiple of what the stream really holds, whatever its numbers say.
///
/// - Threads: one at a time.
/// - Source: Arrow columnar format, "IPC Streaming Format"; metadata versions 4 and 5.
public final class IPCStreamReader: RecordBatchSource {
    /// What the batches are, after the choice of columns.
    public let schema: Schema
    private let fullSchema: IPCSchema
    private let options: IPCReadOptions
    private let messages: MessageReader
    private var dictionaries: DictionaryMemo
    private var isFinished = false

    /// Reads the schema.
    ///
    /// - Throws: `ArrowError` with the position in the stream.
    public init(
        _ source: any IPCByteSource, options: IPCReadOptions = IPCReadOptions()
    ) throws(ArrowError) {
        self.options = options
        messages = MessageReader(source)
        guard let (message, _, _) = try messages.next() else {
            throw ArrowError(.invalid, "the Arrow stream holds no schema", byteOffset: 0)
        }
        guard case .schema(let schema) = message.header else {
            throw ArrowError(
                .invalid, "the Arrow stream does not begin with a schema",
                byteOffset: message.byteOffset)
        }
        fullSchema = schema
        let full = schema.schema
        try options.check(full)
        self.schema = options.columns.map { full.projected($0) } ?? full
        dictionaries = try DictionaryMemo(schema, byteOffset: message.byteOffset)
    }

    /// The next batch, `nil` at the end of the stream and ever after, also after an error.
    ///
    /// - Throws: `ArrowError` with the position in the stream.
    public func next() throws(ArrowError) -> RecordBatch? {
        if isFinished { return nil }
        do throws(ArrowError) {
            let batch = try read()
            isFinished = batch == nil
            return batch
        } catch {
            isFinished = true
            throw error
        }
    }

    private func read() throws(ArrowError) -> RecordBatch? {
        while let (message, body, byteOffset) = try messages.next() {
            switch message.header {
            case .schema:
                throw ArrowError(
                    .invalid, "the Arrow stream holds a second schema",
                    byteOffset: message.byteOffset)
            case .dictionaryBatch(let id, let header, let isDelta):
                try dictionaries.add(
                    id, header, isDelta: isDelta, message: message, body: body,
                    byteOffset: byteOffset, options: options, allowsReplacement: true)
            case .recordBatch(let header):
                let decoder = BatchDecoder(
                    header, message: message, body: body, byteOffset: byteOffset,
                    dictionaries: dictionaries)
                return try BatchDecoder.batch(decoder, fullSchema, options: options)
            }
        }
        return nil
    }
}
