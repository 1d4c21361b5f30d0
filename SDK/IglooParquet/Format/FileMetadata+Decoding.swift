// SPDX-License-Identifier: MIT

extension FileMetadata {
    init(_ reader: inout ThriftReader) throws(ThriftError) {
        var metadata = FileMetadata()
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 2:
                try reader.forEachElement(kind) { reader, _ throws(ThriftError) in
                    metadata.schema.append(try SchemaElement(&reader))
                }
            case 3: metadata.rowCount = try reader.int64(kind)
            case 4:
                try reader.forEachElement(kind) { reader, _ throws(ThriftError) in
                    metadata.rowGroups.append(try RowGroupMetadata(&reader))
                }
            case 5:
                try reader.forEachElement(kind) { reader, _ throws(ThriftError) in
                    metadata.keyValues.append(try Self.keyValue(&reader))
                }
            case 6: metadata.createdBy = try reader.string(kind)
            case 7:
                try reader.forEachElement(kind) { reader, _ throws(ThriftError) in
                    metadata.hasTypeOrder.append(try Self.columnOrder(&reader))
                }
            default: return false
            }
            return true
        }
        self = metadata
    }

    private static func keyValue(
        _ reader: inout ThriftReader
    ) throws(ThriftError) -> (key: String, value: String?) {
        var pair: (key: String, value: String?) = ("", nil)
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1: pair.key = try reader.string(kind)
            case 2: pair.value = try reader.string(kind)
            default: return false
            }
            return true
        }
        return pair
    }

    /// Field 1 is the order of the type; 2 the total order of IEEE 754, which bounds values too.
    private static func columnOrder(_ reader: inout ThriftReader) throws(ThriftError) -> Bool {
        var isTypeOrder = false
        try reader.forEachField { _, id, _ throws(ThriftError) in
            isTypeOrder = id == 1 || id == 2
            return false
        }
        return isTypeOrder
    }
}

extension RowGroupMetadata {
    init(_ reader: inout ThriftReader) throws(ThriftError) {
        var group = RowGroupMetadata()
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1:
                try reader.forEachElement(kind) { reader, _ throws(ThriftError) in
                    group.columns.append(try ColumnChunkMetadata(&reader))
                }
            case 3: group.rowCount = try reader.int64(kind)
            default: return false
            }
            return true
        }
        self = group
    }
}

extension ColumnChunkMetadata {
    init(_ reader: inout ThriftReader) throws(ThriftError) {
        var chunk = ColumnChunkMetadata()
        var offsets: (offsetIndex: Int64?, columnIndex: Int64?)
        var counts: (offsetIndex: Int32?, columnIndex: Int32?)
        var hasMetadata = false
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1: chunk.filePath = try reader.string(kind)
            case 3:
                try chunk.readMetadata(&reader, kind)
                hasMetadata = true
            case 4: offsets.offsetIndex = try reader.int64(kind)
            case 5: counts.offsetIndex = try reader.int32(kind)
            case 6: offsets.columnIndex = try reader.int64(kind)
            case 7: counts.columnIndex = try reader.int32(kind)
            case 8:
                chunk.isEncrypted = true
                return false
            default: return false
            }
            return true
        }
        guard hasMetadata || chunk.isEncrypted else {
            throw .malformed("a column has no metadata")
        }
        if let offset = offsets.offsetIndex, let count = counts.offsetIndex, count > 0 {
            chunk.offsetIndex = Place(offset: offset, byteCount: count)
        }
        if let offset = offsets.columnIndex, let count = counts.columnIndex, count > 0 {
            chunk.columnIndex = Place(offset: offset, byteCount: count)
        }
        self = chunk
    }

    private mutating func readMetadata(
        _ reader: inout ThriftReader, _ kind: ThriftReader.Kind
    ) throws(ThriftError) {
        guard kind == .structure else { throw .malformed("a column's metadata is \(kind)") }
        var chunk = self
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1: chunk.type = try Self.physicalType(try reader.int32(kind))
            case 2:
                try reader.forEachElement(kind) { reader, kind throws(ThriftError) in
                    // An encoding of tomorrow matters only when a page uses it.
                    if let encoding = Encoding(rawValue: try reader.int32(kind)) {
                        chunk.encodings.append(encoding)
                    }
                }
            case 4:
                let raw = try reader.int32(kind)
                guard let codec = Codec(rawValue: raw) else {
                    throw .malformed("codec \(raw) is unknown")
                }
                chunk.codec = codec
            case 5: chunk.valueCount = try reader.int64(kind)
            case 6: chunk.uncompressedByteCount = try reader.int64(kind)
            case 7: chunk.compressedByteCount = try reader.int64(kind)
            case 9: chunk.dataPageOffset = try reader.int64(kind)
            case 11: chunk.dictionaryPageOffset = try reader.int64(kind)
            case 12: chunk.statistics = try ChunkStatistics(&reader, kind)
            case 13: chunk.dataPageEncodings = try Self.dataPageEncodings(&reader, kind)
            case 14: chunk.bloomFilterOffset = try reader.int64(kind)
            // Old writers had a list of offsets there.
            case 15 where kind == .int32:
                chunk.bloomFilterByteCount = try reader.int32(kind)
            default: return false
            }
            return true
        }
        self = chunk
    }

    static func physicalType(_ raw: Int32) throws(ThriftError) -> PhysicalType {
        guard let type = PhysicalType(rawValue: raw) else {
            throw .malformed("physical type \(raw) is unknown")
        }
        return type
    }

    private static func dataPageEncodings(
        _ reader: inout ThriftReader, _ kind: ThriftReader.Kind
    ) throws(ThriftError) -> [Encoding] {
        var encodings: [Encoding] = []
        try reader.forEachElement(kind) { reader, _ throws(ThriftError) in
            var page: (type: Int32, encoding: Int32, count: Int32) = (-1, -1, 0)
            try reader.forEachField { reader, id, kind throws(ThriftError) in
                switch id {
                case 1: page.type = try reader.int32(kind)
                case 2: page.encoding = try reader.int32(kind)
                case 3: page.count = try reader.int32(kind)
                default: return false
                }
                return true
            }
            // Pages of data, of version 1 and 2. An unknown encoding is no dictionary.
            if (page.type == 0 || page.type == 3) && page.count > 0 {
                encodings.append(Encoding(rawValue: page.encoding) ?? .plain)
            }
        }
        return encodings
    }
}

extension ChunkStatistics {
    init(_ reader: inout ThriftReader, _ kind: ThriftReader.Kind) throws(ThriftError) {
        guard kind == .structure else { throw .malformed("statistics are \(kind)") }
        var statistics = ChunkStatistics()
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1: statistics.legacyMaximum = try reader.array(kind)
            case 2: statistics.legacyMinimum = try reader.array(kind)
            case 3: statistics.nullCount = try reader.int64(kind)
            case 4: statistics.distinctCount = try reader.int64(kind)
            case 5: statistics.maximum = try reader.array(kind)
            case 6: statistics.minimum = try reader.array(kind)
            case 7: statistics.isMaximumExact = try reader.bool(kind)
            case 8: statistics.isMinimumExact = try reader.bool(kind)
            default: return false
            }
            return true
        }
        self = statistics
    }
}
