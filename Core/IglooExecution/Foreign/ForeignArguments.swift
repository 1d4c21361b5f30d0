// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Columns of the engine as a plugin's function takes them.
struct ForeignArguments {
    private let schema: Schema
    /// The function sees no NULL.
    let isStrict: Bool

    init(_ call: ForeignCall) {
        schema = Schema(call.passed.enumerated().map { Field("\($0)", $1) })
        isStrict = call.isStrict
    }

    /// Flat columns of the engine's types, all of `rowCount` rows.
    func batch(_ columns: [ArrayData], rowCount: Int) throws(IglooError) -> RecordBatch {
        var converted: [ArrayData] = []
        converted.reserveCapacity(columns.count)
        for (column, field) in zip(columns, schema.fields) {
            converted.append(try PlainLayout.converted(column, to: field.type))
        }
        return RecordBatch(schema: schema, columns: converted, rowCount: rowCount)
    }

    /// The rows without a NULL among the arguments; `nil` when that is all of them, or does not
    /// matter.
    func wantedRows(_ columns: [ArrayData], rowCount: Int) -> [UInt32]? {
        guard isStrict, columns.contains(where: { $0.nullCount > 0 }) else { return nil }
        var rows: [UInt32] = []
        rows.reserveCapacity(rowCount)
        for row in 0..<rowCount where !columns.contains(where: { $0.isNull(row) }) {
            rows.append(UInt32(row))
        }
        return rows
    }
}

/// The engine's layouts as those that every reader of Arrow knows.
enum PlainLayout {
    static func converted(_ array: ArrayData, to type: DataType) throws(IglooError) -> ArrayData {
        if array.type == type { return array }
        switch (array.type, type) {
        case (.utf8View, .utf8), (.binaryView, .binary): return try bytes(array, type)
        case (.decimal64, .decimal128): return wide(array, type)
        default:
            throw IglooError(
                .internalError, "a column of \(array.type) cannot be passed as \(type)")
        }
    }

    private static func bytes(
        _ array: ArrayData, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let reader = ViewReader(Vector(array))
        var offsets = BufferBuilder(byteCapacity: 4 * (array.count + 1))
        var data = BufferBuilder()
        var end: Int32 = 0
        offsets.append(end)
        for row in 0..<array.count {
            if !array.isNull(row) {
                let value = reader[row]
                let (sum, isTooFar) = end.addingReportingOverflow(
                    Int32(truncatingIfNeeded: value.count))
                if isTooFar {
                    throw IglooError(
                        .resourceExhausted,
                        "the texts of a batch have more than 2 GiB, which \(type) does not hold")
                }
                data.append(value)
                end = sum
            }
            offsets.append(end)
        }
        return ArrayData(
            type: type, count: array.count, nullCount: array.nullCount,
            validity: Bits.validity(of: array), buffers: [offsets.finish(), data.finish()])
    }

    private static func wide(_ array: ArrayData, _ type: DataType) -> ArrayData {
        let from = array.values(as: Int64.self)
        var builder = BufferBuilder(byteCapacity: array.count * 16)
        let to = builder.pointer(as: Int128.self)
        var i = 0
        while i < array.count {
            to[i] = Int128(from[i])
            i &+= 1
        }
        builder.setByteCount(array.count * 16)
        return ArrayData(
            type: type, count: array.count, nullCount: array.nullCount,
            validity: Bits.validity(of: array), buffers: [builder.finish()])
    }
}
