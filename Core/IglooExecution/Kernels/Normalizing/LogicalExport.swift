// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
import IglooPlan

/// Turns the engine's logical types into what they are beyond the border of a plugin, and in files.
public enum LogicalExport {
    /// The rows with Arrow's extension types, as `EngineType.exported` says.
    public static func batch(_ batch: RecordBatch) throws(IglooError) -> RecordBatch {
        try self.batch(batch, as: Schema(batch.schema.fields.map { EngineType.exported($0) }))
    }

    /// The rows with the columns' logical types as `schema` has them: text, or for a uuid 16 bytes.
    public static func batch(
        _ batch: RecordBatch, as schema: Schema
    ) throws(IglooError) -> RecordBatch {
        var columns: [ArrayData] = []
        for (column, field) in zip(batch.columns, schema.fields) {
            columns.append(try array(column, as: field.type))
        }
        return RecordBatch(schema: schema, columns: columns, rowCount: batch.rowCount)
    }

    private static func array(
        _ array: ArrayData, as type: DataType
    ) throws(IglooError) -> ArrayData {
        guard array.type.hasLogicalType else { return array }
        if case .logical = array.type {
            return type == .fixedSizeBinary(byteCount: 16) ? bytes(array) : try text(array)
        }
        var children: [ArrayData] = []
        for (child, field) in zip(array.children, type.childFields) {
            children.append(try self.array(child, as: field.type))
        }
        return ArrayData(
            type: type, count: array.count, offset: array.offset, nullCount: array.nullCount,
            validity: array.validity, buffers: array.buffers, children: children)
    }

    private static func text(_ array: ArrayData) throws(IglooError) -> ArrayData {
        let kernel = try Casts.rendering(array.type, EvaluationContext())
        return try kernel(KernelCall([Vector(array.stored)], count: array.count))
    }

    private static func bytes(_ array: ArrayData) -> ArrayData {
        let values = array.values(as: Int128.self)
        var builder = BufferBuilder(byteCapacity: array.count * 16)
        for row in 0..<array.count { builder.append(UUIDText.bits(values[row]).bigEndian) }
        return ArrayData(
            type: .fixedSizeBinary(byteCount: 16), count: array.count,
            nullCount: array.nullCount, validity: Bits.validity(of: array),
            buffers: [builder.finish()])
    }
}
