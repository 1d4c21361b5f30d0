// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFormats

/// What `PARTITION_BY` makes: a file for each combination of values, in folders `column=value`. All
/// files appear once all are whole.
struct PartitionedOutput {
    /// Files that are open at the same time.
    private static let partitionCountMax = 500

    private struct Partition {
        var file: OutputFile
        var writer: any ResultWriter
    }

    private let folder: String
    private let ending: String
    /// The places of the columns that the folders name, and of those in the files.
    private let keys: [Int]
    private let kept: [Int]
    private let schema: Schema
    private let text: (ArrayData) throws(IglooError) -> ArrayData
    private let make: (OutputChannel) -> any ResultWriter
    private var partitions: [[String?]: Partition] = [:]

    /// - Parameter text: a column as it is written.
    /// - Throws: 42703 for a column that the rows do not have.
    init(
        _ folder: String, ending: String, by names: [String], keepsColumns: Bool, _ schema: Schema,
        text: @escaping (ArrayData) throws(IglooError) -> ArrayData,
        make: @escaping (OutputChannel) -> any ResultWriter
    ) throws(IglooError) {
        self.folder = folder
        self.ending = ending
        self.schema = schema
        self.text = text
        self.make = make
        var keys: [Int] = []
        for name in names {
            guard
                let place = schema.fields.firstIndex(where: {
                    $0.name.lowercased() == name.lowercased()
                })
            else {
                throw IglooError(
                    .notFound, "column \"\(name)\" of PARTITION_BY does not exist",
                    hint: NearestName.among(schema.fields.map(\.name), to: name).map {
                        "did you mean \"\($0)\"?"
                    }, sqlState: .undefinedColumn)
            }
            keys.append(place)
        }
        self.keys = keys
        kept = schema.fields.indices.filter { keepsColumns || !keys.contains($0) }
        guard !kept.isEmpty else {
            throw IglooError(
                .invalidArgument, "no column is left to write to the files",
                hint: "WRITE_PARTITION_COLUMNS true writes all of them",
                sqlState: .invalidParameterValue)
        }
    }

    mutating func write(_ batch: RecordBatch) throws(IglooError) {
        var texts: [ArrayData] = []
        for key in keys { texts.append(try text(batch.columns[key])) }
        var rows: [[String?]: [Int]] = [:]
        for row in 0..<batch.rowCount {
            let values = texts.map { column -> String? in
                guard case .text(let value) = column.scalar(at: row) else { return nil }
                return value
            }
            rows[values, default: []].append(row)
        }
        let plain = batch.projected(kept)
        for (values, places) in rows {
            var partition = if let open = partitions[values] { open } else { try open(values) }
            try partition.writer.write(try Self.rows(places, of: plain))
            partitions[values] = partition
        }
    }

    private static func rows(
        _ places: [Int], of batch: RecordBatch
    ) throws(IglooError) -> RecordBatch {
        if places.count == batch.rowCount { return batch }
        do throws(ArrowError) {
            return try batch.take(places)
        } catch {
            throw IglooError(error)
        }
    }

    private func open(_ values: [String?]) throws(IglooError) -> Partition {
        guard partitions.count < Self.partitionCountMax else {
            throw IglooError(
                .resourceExhausted,
                "PARTITION_BY makes more than \(Self.partitionCountMax) files",
                hint: "choose columns with fewer values, or write the parts one after the other",
                sqlState: .insufficientResources)
        }
        var path = folder
        for (key, value) in zip(keys, values) {
            let value = value.map { Self.escaped($0) } ?? "__HIVE_DEFAULT_PARTITION__"
            path += "/\(Self.escaped(schema.fields[key].name))=\(value)"
        }
        try OutputFile.makeFolders(path)
        let file = try OutputFile("\(path)/data_0.\(ending)")
        var writer = make(file.channel)
        try writer.begin(schema.projected(kept))
        return Partition(file: file, writer: writer)
    }

    /// With `%` and two digits for bytes that a folder's name cannot have or that mean something.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || "-_.~ :+,@".utf8.contains(byte)
            if isPlain {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return result
    }

    mutating func end() throws(IglooError) {
        for values in partitions.keys { try partitions[values]?.writer.end() }
        for partition in partitions.values { try partition.file.finish() }
    }
}
