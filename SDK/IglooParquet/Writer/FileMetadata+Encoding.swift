// SPDX-License-Identifier: MIT

extension FileMetadata {
    /// The footer, in Thrift's compact protocol.
    ///
    /// - Parameter paths: of the leaves, in order.
    func encoded(paths: [[String]]) -> [UInt8] {
        var writer = ThriftWriter()
        writer.structure { file in
            file.field(1, Int32(2))
            file.field(2, list: schema, of: .structure) { $1.encode(to: &$0) }
            file.field(3, rowCount)
            file.field(4, list: rowGroups, of: .structure) { $1.encode(to: &$0, paths: paths) }
            if !keyValues.isEmpty {
                file.field(5, list: keyValues, of: .structure) { writer, pair in
                    writer.structure { element in
                        element.field(1, pair.key)
                        if let value = pair.value { element.field(2, value) }
                    }
                }
            }
            if let createdBy { file.field(6, createdBy) }
            // The order of the type, for each.
            file.field(7, list: paths, of: .structure) { writer, _ in
                writer.structure { $0.field(1) { _ in } }
            }
        }
        return writer.bytes
    }
}

extension RowGroupMetadata {
    fileprivate func encode(to writer: inout ThriftWriter, paths: [[String]]) {
        writer.structure { group in
            group.field(1, list: Array(zip(columns, paths)), of: .structure) { writer, column in
                column.0.encode(to: &writer, path: column.1)
            }
            group.field(2, columns.reduce(0) { $0 + $1.uncompressedByteCount })
            group.field(3, rowCount)
            if let first = columns.first {
                group.field(5, first.dictionaryPageOffset ?? first.dataPageOffset)
            }
            group.field(6, columns.reduce(0) { $0 + $1.compressedByteCount })
        }
    }
}

extension ColumnChunkMetadata {
    fileprivate func encode(to writer: inout ThriftWriter, path: [String]) {
        writer.structure { chunk in
            chunk.field(2, Int64(0))
            chunk.field(3) { metadata in
                metadata.field(1, type.rawValue)
                metadata.field(2, list: encodings, of: .int32) { $0.zigzag(Int64($1.rawValue)) }
                metadata.field(3, list: path, of: .binary) { $0.binary(Array($1.utf8)) }
                metadata.field(4, codec.rawValue)
                metadata.field(5, valueCount)
                metadata.field(6, uncompressedByteCount)
                metadata.field(7, compressedByteCount)
                metadata.field(9, dataPageOffset)
                if let dictionaryPageOffset { metadata.field(11, dictionaryPageOffset) }
                if let statistics { metadata.field(12) { statistics.encode(to: &$0) } }
                if let dataPageEncodings { Self.encode(dataPageEncodings, self, to: &metadata) }
            }
            if let offsetIndex {
                chunk.field(4, offsetIndex.offset)
                chunk.field(5, offsetIndex.byteCount)
            }
            if let columnIndex {
                chunk.field(6, columnIndex.offset)
                chunk.field(7, columnIndex.byteCount)
            }
        }
    }

    /// How many pages of which encoding there are.
    private static func encode(
        _ pages: [Encoding], _ chunk: ColumnChunkMetadata, to writer: inout ThriftWriter
    ) {
        var counts: [(kind: Int32, encoding: Encoding, count: Int32)] = []
        if chunk.dictionaryPageOffset != nil { counts.append((2, .plain, 1)) }
        for encoding in pages {
            if let known = counts.firstIndex(where: { $0.kind == 0 && $0.encoding == encoding }) {
                counts[known].count += 1
            } else {
                counts.append((0, encoding, 1))
            }
        }
        writer.field(13, list: counts, of: .structure) { writer, count in
            writer.structure { element in
                element.field(1, count.kind)
                element.field(2, count.encoding.rawValue)
                element.field(3, count.count)
            }
        }
    }
}

extension ChunkStatistics {
    fileprivate func encode(to writer: inout ThriftWriter) {
        if let nullCount { writer.field(3, nullCount) }
        if let maximum { writer.field(5, maximum) }
        if let minimum { writer.field(6, minimum) }
        if let isMaximumExact { writer.field(7, isMaximumExact) }
        if let isMinimumExact { writer.field(8, isMinimumExact) }
    }
}

extension SchemaElement {
    fileprivate func encode(to writer: inout ThriftWriter) {
        writer.structure { element in
            if let type { element.field(1, type.rawValue) }
            if type == .fixedLengthByteArray { element.field(2, typeLength) }
            element.field(3, repetition.rawValue)
            element.field(4, name)
            if isGroup { element.field(5, childCount) }
            if let convertedType { element.field(6, convertedType.rawValue) }
            if convertedType == .decimal {
                element.field(7, scale)
                element.field(8, precision)
            }
            if let logicalType { element.field(10) { logicalType.encode(to: &$0) } }
        }
    }
}

extension LogicalType {
    fileprivate func encode(to writer: inout ThriftWriter) {
        switch self {
        case .string: writer.field(1) { _ in }
        case .map: writer.field(2) { _ in }
        case .list: writer.field(3) { _ in }
        case .enumeration: writer.field(4) { _ in }
        case .decimal(let scale, let precision):
            writer.field(5) { type in
                type.field(1, scale)
                type.field(2, precision)
            }
        case .date: writer.field(6) { _ in }
        case .time(let unit): Self.encode(unit, isUTC: false, 7, to: &writer)
        case .timestamp(let unit, let isUTC): Self.encode(unit, isUTC: isUTC, 8, to: &writer)
        case .integer(let bitWidth, let isSigned):
            writer.field(10) { type in
                type.field(1, byte: bitWidth)
                type.field(2, isSigned)
            }
        case .null: writer.field(11) { _ in }
        case .json: writer.field(12) { _ in }
        case .bson: writer.field(13) { _ in }
        case .uuid: writer.field(14) { _ in }
        case .float16: writer.field(15) { _ in }
        case .other: break
        }
    }

    private static func encode(
        _ unit: Unit, isUTC: Bool, _ id: Int16, to writer: inout ThriftWriter
    ) {
        writer.field(id) { type in
            type.field(1, isUTC)
            type.field(2) { choice in
                switch unit {
                case .milliseconds: choice.field(1) { _ in }
                case .microseconds: choice.field(2) { _ in }
                case .nanoseconds: choice.field(3) { _ in }
                }
            }
        }
    }
}
