// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
import IglooCompression
import IglooParquet

/// How a Parquet file is written.
public struct ParquetForm: Sendable {
    public enum Compression: String, CaseIterable, Sendable {
        case none, snappy, gzip, zstd, lz4
    }

    public var compression = Compression.snappy
    /// Of gzip and zstd, in their own scale; `nil` = the library's choice.
    public var compressionLevel: Int32?
    /// Rows of a row group, unless its bytes end it before; `nil` = the writer's choice.
    public var rowGroupRowCount: Int?

    public init() {}

    var options: ParquetWriterOptions {
        var options = ParquetWriterOptions()
        options.compression =
            switch compression {
            case .none: nil
            case .snappy: .snappy
            case .gzip: .gzip
            case .zstd: .zstd
            case .lz4: .lz4Raw
            }
        options.compressionLevel = compressionLevel
        if let rowGroupRowCount { options.rowGroupRowCount = rowGroupRowCount }
        return options
    }
}

/// A Parquet file: one result, and nothing else.
public struct ParquetResultWriter: ResultWriter {
    let channel: OutputChannel
    private let options: ParquetWriterOptions
    private var writer: ParquetWriter?
    private var schema = Schema([])

    public init(
        channel: OutputChannel, form: ParquetForm = ParquetForm()
    ) {
        self.channel = channel
        options = form.options
    }

    public mutating func begin(_ schema: Schema) throws(IglooError) {
        guard channel.isUntouched else {
            throw IglooError(
                .invalidArgument,
                "a Parquet file holds one result, and something was written to \(channel.name) before",
                hint: "\\o FILE begins another file")
        }
        self.schema = Self.withUniqueNames(schema)
        let channel = channel
        writer = try unsafe ParquetWriter(self.schema, options) { (bytes) throws(IglooError) in
            unsafe channel.append(raw: bytes)
            try channel.flushIfFull()
        }
    }

    public mutating func write(_ batch: RecordBatch) throws(IglooError) { try writer?.write(batch) }

    public mutating func end() throws(IglooError) { try writer?.finish() }

    /// Readers find columns by name: the second `sum` becomes `sum_1`.
    public static func withUniqueNames(_ schema: Schema) -> Schema {
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
