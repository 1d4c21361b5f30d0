// SPDX-License-Identifier: MIT

/// Rows of a schema: one array a column, all of the same count.
public struct RecordBatch: Sendable {
    public let schema: Schema
    public let columns: [ArrayData]
    /// Kept apart from the columns, since a batch may have rows and no column.
    public let rowCount: Int

    public init(schema: Schema, columns: [ArrayData], rowCount: Int) {
        precondition(columns.count == schema.fields.count, "one array a field")
        assert(columns.allSatisfy { $0.count == rowCount }, "columns of differing counts")
        self.schema = schema
        self.columns = columns
        self.rowCount = rowCount
    }

    /// The rows from `start` on, sharing this batch's memory.
    public func slice(_ start: Int, count: Int) -> RecordBatch {
        RecordBatch(
            schema: schema, columns: columns.map { $0.slice(start, count: count) }, rowCount: count)
    }

    /// The columns at `indexes`, in that order.
    public func projected(_ indexes: [Int]) -> RecordBatch {
        RecordBatch(
            schema: schema.projected(indexes), columns: indexes.map { columns[$0] },
            rowCount: rowCount)
    }
}
