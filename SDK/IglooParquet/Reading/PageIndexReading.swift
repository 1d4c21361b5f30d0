// SPDX-License-Identifier: MIT

import IglooContracts

/// Reads what stands beside the pages: offset index, column index, Bloom filters.
///
/// They only save work: one that cannot be read is as good as none.
struct PageIndexReading {
    private static let byteCountMax = 64 << 20

    let file: ParquetFile

    func offsetIndex(_ chunk: ColumnChunkMetadata, rowCount: Int64) -> OffsetIndex? {
        let index = parse(chunk.offsetIndex) { reader throws(ThriftError) in
            try OffsetIndex(&reader)
        }
        guard let index, index.isSound(rowCount: rowCount, fileByteCount: file.source.byteCount)
        else { return nil }
        return index
    }

    func columnIndex(_ chunk: ColumnChunkMetadata) -> ColumnIndex? {
        parse(chunk.columnIndex) { reader throws(ThriftError) in try ColumnIndex(&reader) }
    }

    private func parse<Value>(
        _ place: ColumnChunkMetadata.Place?,
        _ body: (inout ThriftReader) throws(ThriftError) -> Value
    ) -> Value? {
        guard let place, place.byteCount <= Self.byteCountMax,
            let bytes = bytes(at: place.offset, Int(place.byteCount))
        else { return nil }
        return bytes.withUnsafeBytes { raw in
            var reader = ThriftReader(raw)
            return try? body(&reader)
        }
    }

    private func bytes(at offset: Int64, _ count: Int) -> [UInt8]? {
        guard offset >= 4, count > 0, offset < file.source.byteCount,
            Int64(count) <= file.source.byteCount - offset
        else { return nil }
        return try? file.source.bytes(at: offset, count)
    }

    func bloomFilter(_ chunk: ColumnChunkMetadata) -> BloomFilter? {
        guard let offset = chunk.bloomFilterOffset, offset >= 4, offset < file.source.byteCount,
            let head = bytes(at: offset, Int(min(64, file.source.byteCount - offset)))
        else { return nil }
        let place: (header: Int, count: Int)? = head.withUnsafeBytes { raw in
            var reader = ThriftReader(raw)
            guard let count = try? BloomFilter.byteCount(&reader) else { return nil }
            return (reader.position, count)
        }
        guard let place else { return nil }
        // What is cut short would tell of values that are not there.
        if let stated = chunk.bloomFilterByteCount, Int(stated) != place.header + place.count {
            return nil
        }
        return bytes(at: offset + Int64(place.header), place.count).flatMap(BloomFilter.init)
    }
}
