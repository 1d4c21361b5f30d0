// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// What operators do with several columns at once.
enum Vectors {
    static func gather(
        _ column: ArrayData, _ rows: ArraySlice<UInt32>
    ) throws(IglooError) -> ArrayData {
        let result = rows.withUnsafeBufferPointer { buffer in
            Result { () throws(IglooError) in
                guard let base = buffer.baseAddress else { return column.slice(0, count: 0) }
                return try IglooExecution.gather(column, indexes: base, count: buffer.count)
            }
        }
        return try result.get()
    }

    static func concatenate(_ arrays: [ArrayData]) throws(IglooError) -> ArrayData {
        try IglooExecution.concatenate(arrays)
    }

    static func flattened(_ array: ArrayData) throws(IglooError) -> ArrayData {
        try IglooExecution.flattened(array)
    }

    static func selectedIndexes(of mask: ArrayData) -> [UInt32] {
        IglooExecution.selectedIndexes(of: mask)
    }

    static func nulls(_ type: DataType, count: Int) throws(IglooError) -> ArrayData {
        try ArrayData.nulls(type, count: count)
    }

    /// A column of NULLs of each type.
    static func nulls(_ types: [DataType], count: Int) throws(IglooError) -> [ArrayData] {
        try types.mapThrowing { (type) throws(IglooError) in try nulls(type, count: count) }
    }

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
        if batches.isEmpty { return try nulls(types, count: 0) }
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
                column = try column.mapThrowing { (part) throws(IglooError) in try flattened(part) }
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
