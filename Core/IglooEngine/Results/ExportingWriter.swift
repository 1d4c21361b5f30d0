// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
import IglooExecution
public import IglooFormats
import IglooPlan

/// Writes a result in a binary format, where the engine's own types are Arrow's extension types.
public struct ExportingWriter: ResultWriter {
    private var inner: any ResultWriter

    public init(_ inner: any ResultWriter) { self.inner = inner }

    public mutating func begin(_ schema: Schema) throws(IglooError) {
        try inner.begin(Schema(schema.fields.map { EngineType.exported($0) }))
    }

    public mutating func write(_ batch: RecordBatch) throws(IglooError) {
        try inner.write(try LogicalExport.batch(batch))
    }

    public mutating func end() throws(IglooError) { try inner.end() }
}
