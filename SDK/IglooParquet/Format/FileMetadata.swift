// SPDX-License-Identifier: MIT

/// A Parquet file's footer.
public struct FileMetadata: Sendable {
    var schema: [SchemaElement] = []
    public internal(set) var rowCount: Int64 = 0
    public internal(set) var rowGroups: [RowGroupMetadata] = []
    /// The application's own notes.
    public internal(set) var keyValues: [(key: String, value: String?)] = []
    public internal(set) var createdBy: String?
    /// One a leaf: whether its statistics are in the order of its type.
    var hasTypeOrder: [Bool] = []
}

/// An element of the flattened schema tree, parents first.
struct SchemaElement: Sendable {
    var type: PhysicalType?
    var typeLength: Int32 = 0
    var repetition = Repetition.required
    var name = ""
    var childCount: Int32 = 0
    var convertedType: ConvertedType?
    var scale: Int32 = 0
    var precision: Int32 = 0
    var logicalType: LogicalType?

    var isGroup: Bool { type == nil }
}

public struct RowGroupMetadata: Sendable {
    /// One a leaf of the schema, in its order.
    public internal(set) var columns: [ColumnChunkMetadata] = []
    public internal(set) var rowCount: Int64 = 0
}

/// Where a column of a row group stands, and what is known of it.
public struct ColumnChunkMetadata: Sendable {
    public internal(set) var type = PhysicalType.int32
    var encodings: [Encoding] = []
    /// Encodings of data pages, where the writer counted them.
    var dataPageEncodings: [Encoding]?
    var codec = Codec.uncompressed
    /// Entries, nulls included: more or fewer than rows for repeated columns.
    public internal(set) var valueCount: Int64 = 0
    public internal(set) var uncompressedByteCount: Int64 = 0
    public internal(set) var compressedByteCount: Int64 = 0
    var dataPageOffset: Int64 = 0
    var dictionaryPageOffset: Int64?
    public internal(set) var statistics: ChunkStatistics?
    var bloomFilterOffset: Int64?
    /// Of its header and its bits; older writers do not say.
    var bloomFilterByteCount: Int32?
    var offsetIndex: Place?
    var columnIndex: Place?
    var isEncrypted = false
    /// The file that holds the chunk, where it is another one.
    var filePath: String?

    struct Place: Sendable {
        var offset: Int64
        var byteCount: Int32
    }

    /// Whether all data pages hold indexes into the dictionary, as far as the writer says.
    var isWhollyDictionaryEncoded: Bool {
        if let dataPageEncodings {
            return !dataPageEncodings.isEmpty && dataPageEncodings.allSatisfy(\.isDictionary)
        }
        return encodings.contains(where: \.isDictionary)
            && encodings.allSatisfy { $0.isDictionary || $0 == .runLength || $0 == .bitPacked }
    }
}

/// Statistics of a chunk or page, as written: values in plain encoding.
public struct ChunkStatistics: Sendable {
    var legacyMinimum: [UInt8]?
    var legacyMaximum: [UInt8]?
    var minimum: [UInt8]?
    var maximum: [UInt8]?
    public internal(set) var nullCount: Int64?
    public internal(set) var distinctCount: Int64?
    var isMinimumExact: Bool?
    var isMaximumExact: Bool?
}
