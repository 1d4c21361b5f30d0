// SPDX-License-Identifier: MIT
public import IglooArrow

/// Reads Arrow's IPC file format, whose batches can be had in any order.
///
/// Over a mapped file batches share the mapping, unless they are compressed or misaligned.
///
/// - Threads: immutable: batches may be read on several threads at once.
/// - Source: Arrow columnar format, "IPC File Format"; metadata versions 4 and 5.
public struct IPCFileReader: Sendable {
    /// What such a file begins and ends with.
    public static let magic: [UInt8] = Array("ARROW1".utf8)

    /// What the batches are, after the choice of columns.
    public let schema: Schema
    /// What the file's footer says about the file as a whole.
    public let metadata: Metadata
    private let fullSchema: IPCSchema
    private let options: IPCReadOptions
    private let file: Buffer
    private let blocks: [FileBlock]
    private let dictionaries: DictionaryMemo

    /// Reads the footer and the dictionaries.
    ///
    /// - Throws: `ArrowError` with the position in the file.
    public init(
        _ file: Buffer, options: IPCReadOptions = IPCReadOptions()
    ) throws(ArrowError) {
        let footer = try FileFooter(file)
        let full = footer.schema.schema
        try options.check(full)
        var dictionaries = try DictionaryMemo(footer.schema, byteOffset: footer.byteOffset)
        for block in footer.dictionaries {
            let (message, body, byteOffset) = try block.read(from: file)
            guard case .dictionaryBatch(let id, let header, let isDelta) = message.header else {
                throw ArrowError(
                    .invalid, "the footer calls this message a dictionary",
                    byteOffset: message.byteOffset)
            }
            try dictionaries.add(
                id, header, isDelta: isDelta, message: message, body: body, byteOffset: byteOffset,
                options: options, allowsReplacement: false)
        }
        schema = options.columns.map { full.projected($0) } ?? full
        metadata = footer.metadata
        fullSchema = footer.schema
        self.options = options
        self.file = file
        self.dictionaries = dictionaries
        blocks = footer.batches
    }

    public var batchCount: Int { blocks.count }

    /// The rows of batch `index`, without reading its data.
    ///
    /// - Throws: `ArrowError` with the position in the file.
    public func rowCount(ofBatch index: Int) throws(ArrowError) -> Int {
        try header(index).header.rowCount
    }

    /// The batch of number `index`.
    ///
    /// - Throws: `ArrowError` with the position in the file.
    public func batch(at index: Int) throws(ArrowError) -> RecordBatch {
        let (header, message, body, byteOffset) = try header(index)
        let decoder = BatchDecoder(
            header, message: message, body: body, byteOffset: byteOffset,
            dictionaries: dictionaries)
        return try BatchDecoder.batch(decoder, fullSchema, options: options)
    }

    private func header(
        _ index: Int
    ) throws(ArrowError) -> (header: BatchHeader, message: Message, body: Buffer, byteOffset: Int) {
        precondition(blocks.indices.contains(index), "batch \(index) of \(blocks.count)")
        let (message, body, byteOffset) = try blocks[index].read(from: file)
        guard case .recordBatch(let header) = message.header else {
            throw ArrowError(
                .invalid, "the footer calls this message a record batch",
                byteOffset: message.byteOffset)
        }
        return (header, message, body, byteOffset)
    }
}
