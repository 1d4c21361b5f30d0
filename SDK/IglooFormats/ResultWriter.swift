// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// Turns a result's batches into bytes of one format.
public protocol ResultWriter {
    /// Called once the first batch is there, or the end without one: an error that comes before
    /// leaves the output empty.
    mutating func begin(_ schema: Schema) throws(IglooError)
    mutating func write(_ batch: RecordBatch) throws(IglooError)
    mutating func end() throws(IglooError)
}

/// What all formats of text need: a session's rendering of values.
public struct TextRows: Sendable {
    /// A column as text, of type `utf8View`.
    public typealias Rendering = @Sendable (ArrayData) throws(IglooError) -> ArrayData

    private let rendering: Rendering

    public init(_ rendering: @escaping Rendering) { self.rendering = rendering }

    /// Each cell of a batch as text, column by column.
    public func columns(_ batch: RecordBatch) throws(IglooError) -> [TextColumn] {
        var columns: [TextColumn] = []
        columns.reserveCapacity(batch.columns.count)
        for column in batch.columns { columns.append(try self.column(column)) }
        return columns
    }

    public func column(_ array: ArrayData) throws(IglooError) -> TextColumn {
        TextColumn(try rendering(array), isMade: !array.type.storage.isText)
    }
}
