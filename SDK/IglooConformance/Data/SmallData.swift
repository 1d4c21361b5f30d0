// SPDX-License-Identifier: MIT

import IglooArrow

extension DataSet {
    /// Columns and no rows.
    static let empty = DataSet(
        "empty", rowCount: 0,
        [(Field("id", .int64), []), (Field("t", .utf8), []), (Field("d", .float64), [])])

    /// Names of columns that must be quoted, escaped or left as they are.
    static let names = DataSet(
        "names", rowCount: 2,
        [
            "id", "Upper", "upper", "select", "with space", "ä日本", "a\"b", "a'b", "a.b", "a,b",
            "1st",
            "*", "a%b",
        ].enumerated().map { index, name in
            (Field(name, .int32), [.int(Int64(index)), .int(Int64(100 + index))])
        })

    /// A table that the configuration's `alter` command gives another column.
    static let stale = DataSet("stale", rowCount: 2, [(Field("id", .int32), [.int(1), .int(2)])])

    /// All that have few rows.
    static let small: [DataSet] = [core, hostile, nested, empty, names, stale]
}

/// The large table: its values follow from the number of the row.
enum BigData {
    static let name = "big"
    static let schema = Schema([
        Field("id", .int64), Field("k", .int32), Field("x", .float64), Field("t", .utf8),
    ])

    static func row(_ index: Int) -> Row {
        [
            .int(Int64(index)), .int(Int64(index % 1_000)), .float(Double(index) / 4),
            .text("row \(index % 5_000)"),
        ]
    }

    private static let batchRowCount = 1 << 16

    static func batch(_ start: Int, count: Int) throws(ArrowError) -> RecordBatch {
        let builders = schema.fields.map { ArrayBuilder($0.type) }
        for index in start..<(start + count) {
            for (builder, value) in zip(builders, row(index)) { try builder.append(value) }
        }
        return RecordBatch(schema: schema, columns: builders.map { $0.finish() }, rowCount: count)
    }

    static func writeBatches(_ rowCount: Int, _ write: IPCFile.Write) throws(ArrowError) {
        var start = 0
        while start < rowCount {
            let count = min(batchRowCount, rowCount - start)
            try write(try batch(start, count: count))
            start += count
        }
    }
}
