// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

extension ArrayData {
    /// The bytes of the buffers this array stands in. Slices count as much as the whole.
    var byteCount: Int {
        buffers.reduce(validity?.byteCount ?? 0) { $0 + $1.byteCount }
            + children.reduce(0) { $0 + $1.byteCount } + (dictionary?.byteCount ?? 0)
    }
}

extension RecordBatch {
    var byteCount: Int { columns.reduce(0) { $0 + $1.byteCount } }
}

extension Batch {
    /// What the rows take, about: shared buffers are counted by the share of the rows.
    var byteCount: Int {
        columns.reduce(rowCount) { sum, column in
            sum + (column.type.fixedByteWidth.map { $0 * rowCount } ?? 16 * rowCount)
        }
    }

    /// Small batches put together, so that loops over them have something to do.
    static func merged(_ batches: [Batch]) throws(IglooError) -> [Batch] {
        var result: [Batch] = []
        var group: [Batch] = []
        var count = 0
        for batch in batches {
            group.append(batch)
            count += batch.rowCount
            if count >= rowCountMax {
                result.append(try concatenated(group))
                group = []
                count = 0
            }
        }
        if count > 0 { result.append(try concatenated(group)) }
        return result
    }

    private static func concatenated(_ batches: [Batch]) throws(IglooError) -> Batch {
        if batches.count == 1 { return batches[0] }
        var columns: [ArrayData] = []
        for index in batches[0].columns.indices {
            columns.append(try Vectors.concatenate(batches.map { $0.columns[index] }))
        }
        return Batch(columns: columns, rowCount: batches.reduce(0) { $0 + $1.rowCount })
    }
}
