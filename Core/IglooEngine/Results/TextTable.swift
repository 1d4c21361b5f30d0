// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Small results that the engine makes itself: columns of text.
enum TextTable {
    static func stream(
        _ columns: [String], _ rows: [[String]], _ context: CallContext
    ) -> ResultStream {
        let schema = Schema(columns.map { Field($0, .utf8View) })
        var arrays: [ArrayData] = []
        for index in columns.indices {
            var builder = BinaryViewBuilder(.utf8View)
            for row in rows { builder.append(row[index]) }
            arrays.append(builder.finish())
        }
        let batch = RecordBatch(schema: schema, columns: arrays, rowCount: rows.count)
        return ResultStream(
            reader: ArrayBatchReader(schema: schema, batches: [batch]), context: context
        ) { QueryProgress(rowCount: Int64(rows.count), fraction: 1) }
    }
}
