// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooParquet

/// A Parquet file: one result, and nothing else.
struct ParquetResultWriter: ResultWriter {
    let channel: OutputChannel
    private var writer: ParquetWriter?
    private var schema = Schema([])

    init(channel: OutputChannel) { self.channel = channel }

    mutating func begin(_ schema: Schema) throws(IglooError) {
        guard channel.isUntouched else {
            throw IglooError(
                .invalidArgument,
                "a Parquet file holds one result, and something was written to \(channel.name) before",
                hint: "\\o FILE begins another file")
        }
        self.schema = Self.withUniqueNames(schema)
        let channel = channel
        writer = try unsafe ParquetWriter(self.schema) { (bytes) throws(IglooError) in
            unsafe channel.append(raw: bytes)
            try channel.flushIfFull()
        }
    }

    mutating func write(_ batch: RecordBatch) throws(IglooError) { try writer?.write(batch) }

    mutating func end() throws(IglooError) { try writer?.finish() }

    /// Readers find columns by name: the second `sum` becomes `sum_1`.
    static func withUniqueNames(_ schema: Schema) -> Schema {
        var taken = Set(schema.fields.map(\.name))
        var seen: Set<String> = []
        return Schema(
            schema.fields.map { field in
                var field = field
                let name = field.name
                var number = 1
                while !seen.insert(field.name).inserted {
                    repeat {
                        field.name = "\(name)_\(number)"
                        number += 1
                    } while taken.contains(field.name)
                    taken.insert(field.name)
                }
                return field
            })
    }
}
