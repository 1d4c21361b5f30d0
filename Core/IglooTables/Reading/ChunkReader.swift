// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The rows of one chunk that are not deleted, some thousands at a time.
///
/// - Threads: as `BatchReader`.
final class ChunkReader: BatchReader, @unchecked Sendable {
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    let schema: Schema
    private let chunk: Chunk
    private let deleted: RowSet
    private let columns: [Int]
    private var start = 0
    private static let rowCountMax = 4_096

    init(_ chunk: Chunk, _ deleted: RowSet, columns: [Int], _ schema: Schema) {
        self.chunk = chunk
        self.deleted = deleted
        self.columns = columns
        self.schema = schema
    }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        try context.checkCancelled()
        while start < chunk.rowCount {
            let count = min(Self.rowCountMax, chunk.rowCount - start)
            let first = chunk.firstRow + Int64(start)
            let rows = first..<first + Int64(count)
            defer { start += count }
            if deleted.isSurelyClear(of: rows) { return batch(start, count, rows) }
            let gone = deleted.rows(in: rows)
            if gone.count == count { continue }
            let whole = batch(start, count, rows)
            if gone.isEmpty { return whole }
            do throws(ArrowError) {
                return try whole.take(TableData.places(of: rows, without: gone))
            } catch {
                throw IglooError(error)
            }
        }
        return nil
    }

    private func batch(_ start: Int, _ count: Int, _ rows: Range<Int64>) -> RecordBatch {
        let arrays = columns.map { column in
            column < chunk.columns.count
                ? chunk.columns[column].slice(start, count: count) : Self.numbers(rows)
        }
        return RecordBatch(schema: schema, columns: arrays, rowCount: count)
    }

    private static func numbers(_ rows: Range<Int64>) -> ArrayData {
        var builder = BufferBuilder(byteCapacity: rows.count * 8)
        for row in rows { builder.append(row) }
        return ArrayData(type: .int64, count: rows.count, nullCount: 0, buffers: [builder.finish()])
    }
}
