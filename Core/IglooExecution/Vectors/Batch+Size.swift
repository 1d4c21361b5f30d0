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

extension ArrayData {
    /// What the elements take by themselves: of buffers that are shared, their part. Dictionaries,
    /// which many arrays share, are left out.
    fileprivate var ownByteCount: Int {
        switch type {
        case .utf8View, .binaryView: return 16 * count + longByteCount
        case .list, .map:
            guard count > 0 else { return 0 }
            let offsets = values(as: Int32.self)
            let (first, last) = (Int(offsets[0]), Int(offsets[count]))
            guard 0 <= first, first <= last, last <= children[0].count else { return 4 * count }
            return 4 * count + children[0].slice(first, count: last - first).ownByteCount
        case .structure:
            return children.reduce(0) { $0 + $1.slice(offset, count: count).ownByteCount }
        default: return (type.fixedByteWidth ?? 1) * count
        }
    }

    /// The bytes of values that stand outside of their views.
    private var longByteCount: Int {
        let views = values(as: BinaryView.self)
        let hasNulls = nullCount > 0
        var sum = 0
        var index = 0
        while index < count {
            let byteCount = views[index].count
            // What stands under a null may be anything.
            if byteCount > BinaryView.inlineByteCountMax && !(hasNulls && isNull(index)) {
                sum &+= byteCount
            }
            index &+= 1
        }
        return sum
    }
}

extension Batch {
    /// What the rows take, about: shared buffers are counted by the share of the rows.
    var byteCount: Int { columns.reduce(rowCount) { $0 + $1.ownByteCount } }

    /// The same rows without the texts of others, of which a page or a row group may be full.
    func compacted() throws(IglooError) -> Batch {
        var compact: [ArrayData] = []
        compact.reserveCapacity(columns.count)
        for column in columns {
            guard column.type == .utf8View || column.type == .binaryView else {
                compact.append(column)
                continue
            }
            compact.append(try arrow { () throws(ArrowError) in try column.compacted() })
        }
        return Batch(columns: compact, rowCount: rowCount)
    }

    /// Small batches put together, as far as `rowCountMax` allows, so that loops over them have
    /// something to do.
    static func merged(_ batches: [Batch]) throws(IglooError) -> [Batch] {
        var result: [Batch] = []
        var group: [Batch] = []
        var count = 0
        for batch in batches {
            if count + batch.rowCount > rowCountMax && count > 0 {
                result.append(try concatenated(group))
                group = []
                count = 0
            }
            group.append(batch)
            count += batch.rowCount
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
