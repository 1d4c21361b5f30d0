// SPDX-License-Identifier: MIT
import IglooArrow

/// Makes arrays of a message's body. They share its memory where it is neither compressed nor
/// misaligned.
struct BatchDecoder {
    private let header: BatchHeader
    private let body: Buffer
    private let byteOffset: Int
    private let unionsHaveValidity: Bool
    private let dictionaries: DictionaryMemo
    private var nodeIndex = 0
    private var placeIndex = 0
    private var dataBufferCountIndex = 0
    /// Bytes of the body that were decompressed: none of them twice.
    private var compressedByteCount = 0

    /// Counts that no memory stands behind are believed so far: rows of a batch that has none but
    /// such columns, and elements of such arrays within others.
    private static let unprovenRowCountMax = Int(Int32.max)
    private static let unprovenElementCountMax = 1 << 24

    /// - Parameter byteOffset: where the body stands in the stream or file.
    init(
        _ header: BatchHeader, message: Message, body: Buffer, byteOffset: Int,
        dictionaries: DictionaryMemo
    ) {
        self.header = header
        self.body = body
        self.byteOffset = byteOffset
        self.dictionaries = dictionaries
        unionsHaveValidity = message.unionsHaveValidity
    }

    /// The columns of a record batch, those that `options` asks for.
    static func batch(
        _ decoder: consuming BatchDecoder, _ schema: IPCSchema, options: IPCReadOptions
    ) throws(ArrowError) -> RecordBatch {
        var decoder = decoder
        try decoder.checkRowCount(schema, options)
        var columns: [ArrayData?] = []
        for (index, field) in schema.fields.enumerated() {
            if options.columns?.contains(index) ?? true {
                columns.append(
                    try decoder.column(
                        field, "column \"\(field.field.name)\"", level: options.validation))
            } else {
                try decoder.skip(field)
                columns.append(nil)
            }
        }
        let full = schema.schema
        guard let chosen = options.columns else {
            return RecordBatch(
                schema: full, columns: columns.compactMap { $0 }, rowCount: decoder.header.rowCount)
        }
        return RecordBatch(
            schema: full.projected(chosen), columns: chosen.compactMap { columns[$0] },
            rowCount: decoder.header.rowCount)
    }

    private func checkRowCount(
        _ schema: IPCSchema, _ options: IPCReadOptions
    ) throws(ArrowError) {
        let isProven = schema.fields.indices.contains {
            !schema.fields[$0].field.type.isStorageFree && options.columns?.contains($0) ?? true
        }
        guard isProven || header.rowCount <= Self.unprovenRowCountMax else {
            throw ArrowError(
                .unsupported, "a batch of \(header.rowCount) rows without data",
                byteOffset: byteOffset)
        }
    }

    /// One array of as many elements as the batch has rows.
    mutating func column(
        _ field: IPCField, _ name: String, level: ValidationLevel
    ) throws(ArrowError) -> ArrayData {
        do throws(ArrowError) {
            let array = try decode(field)
            guard array.count == header.rowCount else {
                throw ArrowError(
                    .invalid, "\(array.count) elements in a batch of \(header.rowCount) rows")
            }
            try array.validate(level, dictionaries: false)
            return array
        } catch {
            throw error.inside(name).located(at: byteOffset)
        }
    }

    private mutating func decode(_ field: IPCField) throws(ArrowError) -> ArrayData {
        let type = field.field.type
        let node = try nextNode()
        let validity = try nextValidity(type, node)
        var buffers: [Buffer] = []
        for index in type.bufferShapes.indices {
            buffers.append(try nextBuffer().aligned(to: type.alignment(ofBuffer: index)))
        }
        if type.isView {
            for _ in 0..<(try nextDataBufferCount()) { buffers.append(try nextBuffer()) }
        }
        var dictionary: ArrayData?
        var children: [ArrayData] = []
        if let id = field.dictionaryId, let values = field.dictionaryValues {
            dictionary = try dictionaries.values(
                id, values, isNeeded: node.nullCount < node.count)
        } else {
            for child in field.children {
                let array = try decode(child)
                guard
                    !array.type.isStorageFree
                        || array.count <= max(Self.unprovenElementCountMax, header.rowCount)
                else {
                    throw ArrowError(
                        .unsupported, "\(array.count) elements of \(array.type) within \(type)")
                }
                children.append(array)
            }
        }
        buffers = NullSlots.cleared(
            buffers, type: type, count: node.count, offset: 0, validity: validity,
            dictionaryCount: dictionary?.count ?? 0)
        let nullCount = type == .null ? node.count : type.hasValidity ? node.nullCount : 0
        return ArrayData(
            type: type, count: node.count, nullCount: nullCount, validity: validity,
            buffers: buffers, children: children, dictionary: dictionary)
    }

    /// Passes over an array without looking at its buffers.
    private mutating func skip(_ field: IPCField) throws(ArrowError) {
        let type = field.field.type
        _ = try nextNode()
        placeIndex += type.bufferShapes.count + (bringsValidity(type) ? 1 : 0)
        if type.isView { placeIndex += try nextDataBufferCount() }
        if field.dictionaryId == nil {
            for child in field.children { try skip(child) }
        }
    }

    private func bringsValidity(_ type: DataType) -> Bool {
        if case .union = type { return unionsHaveValidity }
        return type.hasValidity
    }

    private mutating func nextValidity(
        _ type: DataType, _ node: BatchHeader.Node
    ) throws(ArrowError) -> Buffer? {
        guard bringsValidity(type) else { return nil }
        if node.nullCount == 0 {
            placeIndex += 1
            return nil
        }
        guard type.hasValidity else {
            throw ArrowError(
                .unsupported, "a union with a validity bitmap, as of metadata version V4")
        }
        let validity = try nextBuffer()
        return validity.byteCount == 0 ? nil : validity
    }

    private mutating func nextNode() throws(ArrowError) -> BatchHeader.Node {
        guard nodeIndex < header.nodes.count else {
            throw ArrowError(
                .invalid, "the batch describes \(header.nodes.count) arrays, the schema has more")
        }
        defer { nodeIndex += 1 }
        return header.nodes[nodeIndex]
    }

    private mutating func nextDataBufferCount() throws(ArrowError) -> Int {
        guard dataBufferCountIndex < header.dataBufferCounts.count else {
            throw ArrowError(.invalid, "the number of data buffers of an array of views is missing")
        }
        defer { dataBufferCountIndex += 1 }
        return header.dataBufferCounts[dataBufferCountIndex]
    }

    private mutating func nextBuffer() throws(ArrowError) -> Buffer {
        guard placeIndex < header.places.count else {
            throw ArrowError(
                .invalid, "the batch has \(header.places.count) buffers, the schema needs more")
        }
        let place = header.places[placeIndex]
        placeIndex += 1
        guard place.offset <= body.byteCount, place.byteCount <= body.byteCount - place.offset
        else {
            throw ArrowError(
                .invalid,
                "a buffer of \(place.byteCount) bytes at \(place.offset) of a body of "
                    + "\(body.byteCount) bytes")
        }
        if place.byteCount == 0 { return .empty }
        let bytes = body.slice(place.offset..<place.offset + place.byteCount)
        guard let compression = header.compression else { return bytes }
        compressedByteCount += place.byteCount
        guard compressedByteCount <= body.byteCount else {
            throw ArrowError(.invalid, "compressed buffers overlap")
        }
        do throws(ArrowError) {
            return try BodyCompression.decompress(bytes, compression)
        } catch {
            throw error.located(at: byteOffset + place.offset)
        }
    }
}
