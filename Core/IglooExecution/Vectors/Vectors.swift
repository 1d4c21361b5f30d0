// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// What operators do with several columns at once.
enum Vectors {
    /// The rows at `rows` of every column.
    static func gather(
        _ columns: [ArrayData], _ rows: ArraySlice<UInt32>
    ) throws(IglooError) -> [ArrayData] {
        var result: [ArrayData] = []
        result.reserveCapacity(columns.count)
        for column in columns { result.append(try gather(column, rows)) }
        return result
    }

    /// The columns of batches put end to end.
    static func concatenated(
        _ batches: [Batch], _ types: [DataType]
    ) throws(IglooError) -> [ArrayData] {
        if batches.isEmpty { return try types.map { (type) throws(IglooError) in nulls(type, count: 0) } }
        return try joined(batches.map(\.columns))
    }

    /// Lists of columns put end to end, column by column.
    static func joined(_ parts: [[ArrayData]]) throws(IglooError) -> [ArrayData] {
        guard let first = parts.first else { return [] }
        var result: [ArrayData] = []
        for index in first.indices {
            var column = parts.map { $0[index] }
            // Dictionaries differ from batch to batch.
            if column.contains(where: { $0.dictionary != nil }) {
                column = try column.map { (part) throws(IglooError) in try flattened(part) }
            }
            result.append(try concatenate(column))
        }
        return result
    }
}

extension Vectors {
    /// An array of values apart. Not for many rows.
    static func array(_ values: [Scalar], _ type: DataType) throws(IglooError) -> ArrayData {
        let builder = ArrayBuilder(type)
        do throws(ArrowError) {
            for value in values { try builder.append(value) }
            return builder.finish()
        } catch {
            throw IglooError(error)
        }
    }
}
