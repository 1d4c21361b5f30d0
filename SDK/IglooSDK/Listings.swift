// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The fixed tables that `list` answers with.
enum Listings {
    static func schemas(_ names: [String]) -> RecordBatch {
        RecordBatch(
            schema: Schema([Field("name", .utf8View, isNullable: false)]),
            columns: [texts(names)], rowCount: names.count)
    }

    static func tables(_ tables: [TableListing], schema: String) -> RecordBatch {
        var counts = PrimitiveBuilder<Int64>(.int64, zero: 0)
        for table in tables {
            if let count = table.estimatedRowCount {
                counts.append(count)
            } else {
                counts.appendNull()
            }
        }
        return RecordBatch(
            schema: Schema([
                Field("schema", .utf8View, isNullable: false),
                Field("name", .utf8View, isNullable: false),
                Field("kind", .utf8View, isNullable: false),
                Field("comment", .utf8View), Field("est_rows", .int64),
            ]),
            columns: [
                texts(tables.map { _ in schema }), texts(tables.map(\.name)),
                texts(tables.map(\.kind.rawValue)), texts(tables.map(\.comment)),
                counts.finish(),
            ], rowCount: tables.count)
    }

    private static func texts(_ values: [String?]) -> ArrayData {
        var builder = BinaryViewBuilder()
        for value in values {
            if let value { builder.append(value) } else { builder.appendNull() }
        }
        return builder.finish()
    }
}
