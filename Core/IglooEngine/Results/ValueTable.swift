// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Small results that the engine makes itself, row by row.
struct ValueTable: Sendable {
    let schema: Schema
    private var rows: [[Scalar]] = []

    /// - Parameter columns: names and types.
    init(_ columns: [(name: String, type: DataType)]) {
        schema = Schema(columns.map { Field($0.name, $0.type) })
    }

    mutating func append(_ row: [Scalar]) {
        precondition(row.count == schema.fields.count, "one value a column")
        rows.append(row)
    }

    func batch() throws(IglooError) -> RecordBatch {
        var arrays: [ArrayData] = []
        do throws(ArrowError) {
            for (index, field) in schema.fields.enumerated() {
                let builder = ArrayBuilder(field.type)
                for row in rows { try builder.append(row[index]) }
                arrays.append(builder.finish())
            }
        } catch {
            throw IglooError(error)
        }
        return RecordBatch(schema: schema, columns: arrays, rowCount: rows.count)
    }

    func stream(_ context: CallContext) throws(IglooError) -> ResultStream {
        let count = Int64(rows.count)
        return ResultStream(
            reader: ArrayBatchReader(schema: schema, batches: [try batch()]), context: context
        ) { QueryProgress(rowCount: count, fraction: 1) }
    }
}

extension Scalar {
    static func text(_ value: String?) -> Scalar { value.map { .text($0) } ?? .null }
    static func int(_ value: Int) -> Scalar { .int(Int64(value)) }
    static func yesNo(_ value: Bool) -> Scalar { .text(value ? "YES" : "NO") }
}
