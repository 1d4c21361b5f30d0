// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooEngine

/// Turns a result's batches into bytes of one format.
protocol ResultWriter {
    /// Called once the first batch is there, or the end without one: an error that comes before
    /// leaves the output empty.
    mutating func begin(_ schema: Schema) throws(IglooError)
    mutating func write(_ batch: RecordBatch) throws(IglooError)
    mutating func end() throws(IglooError)
}

/// What all formats of text need: the session's rendering of values.
struct TextRows {
    let session: Session

    /// Each cell of a batch as text, column by column.
    func columns(_ batch: RecordBatch) throws(IglooError) -> [TextColumn] {
        var columns: [TextColumn] = []
        columns.reserveCapacity(batch.columns.count)
        for column in batch.columns { columns.append(try self.column(column)) }
        return columns
    }

    func column(_ array: ArrayData) throws(IglooError) -> TextColumn {
        TextColumn(try session.text(of: array), isMade: !array.type.isText)
    }
}
