// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooArrowTesting
import IglooCompression
import IglooContracts
import IglooFiles
import IglooParquet
import Testing

/// What is written reads the same, here and by pyarrow.
@Suite struct WriterTests {
    private func written(
        _ schema: Schema, _ batches: [RecordBatch],
        _ options: ParquetWriterOptions = ParquetWriterOptions()
    ) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let writer = try ParquetWriter(schema, options) { bytes.append(contentsOf: $0) }
        for batch in batches { try writer.write(batch) }
        try writer.finish()
        #expect(writer.byteCount == Int64(bytes.count))
        return bytes
    }

    /// Options under which rows fall into many groups, pages and kinds of pages.
    private static let manners: [ParquetWriterOptions] = {
        var small = ParquetWriterOptions()
        small.pageRowCount = 7
        small.rowGroupRowCount = 31
        small.compression = .zstd
        small.boundByteCount = 3
        var plain = ParquetWriterOptions()
        plain.dictionaryByteCount = 0
        plain.compression = nil
        plain.pageByteCount = 100
        var tiny = ParquetWriterOptions()
        tiny.dictionaryByteCount = 64
        tiny.pageRowCount = 16
        tiny.compression = .gzip
        var raw = ParquetWriterOptions()
        raw.compression = .lz4Raw
        raw.rowGroupByteCount = 500
        return [ParquetWriterOptions(), small, plain, tiny, raw]
    }()

    /// Through own reader, and through pyarrow's where it is there.
    private func check(
        _ file: ParquetFile, _ expected: [String], _ options: ParquetWriterOptions
    ) throws {
        let bytes = try written(file.schema, try readAll(file), options)
        let again = try Places.open(bytes)
        #expect(Rendering.rows(try readAll(again)) == expected)
        #expect(again.schema.fields.map(\.name) == file.schema.fields.map(\.name))
        guard Places.python != nil else { return }
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-writer-\(UUID().uuidString).parquet")
        defer { try? FileManager.default.removeItem(at: path) }
        try Data(bytes).write(to: path)
        #expect(try Places.reference(path.path) == expected)
    }

    @Test(arguments: Places.files)
    func filesOfEveryKindComeBack(name: String) throws {
        let file = try Places.open(name)
        let expected = try Places.expected(name)
        for (number, options) in Self.manners.enumerated() where (name.utf8.count + number) % 2 == 0
        {
            try check(file, expected, options)
        }
    }

    @Test(
        .enabled(if: Places.shared != nil, "no shared test data: set IGLOO_SHARED to its folder"),
        .enabled(if: Places.python != nil, "no Python with pyarrow: set IGLOO_PYTHON"),
        arguments: CorpusTests.good.filter {
            !CorpusTests.tooLarge.contains(($0 as NSString).lastPathComponent)
        })
    func othersFilesComeBack(path: String) throws {
        var options = ParquetOptions()
        options.checksPages = !path.contains("corrupt")
        let file = try ParquetFile(try FileReader(path: path), options)
        if file.schema.fields.isEmpty { return }
        try check(file, Rendering.rows(try readAll(file)), Self.manners[path.utf8.count % 5])
    }

    @Test(arguments: ArrowSamples.flatTypes + ArrowSamples.nestedTypes)
    func everyTypeOfArrowIsWrittenOrRefused(type: DataType) throws {
        var generator = SeededGenerator(seed: 11)
        let schema = Schema([Field("c", type)])
        for count in [0, 1, 500] {
            let array = try ArrowSamples.array(type, count: count, using: &generator)
            let batch = RecordBatch(schema: schema, columns: [array], rowCount: count)
            let bytes: [UInt8]
            do {
                bytes = try written(schema, [batch], Self.manners[count % 5])
            } catch let error as IglooError {
                // Intervals may be negative, seconds too many.
                #expect([.unsupported, .outOfRange].contains(error.code), "\(error)")
                #expect(error.message.contains("column 'c"), "\(error)")
                #expect(error.hint?.isEmpty == false)
                return
            }
            let batches = try readAll(try Places.open(bytes))
            #expect(batches.reduce(0) { $0 + $1.rowCount } == count)
            if Self.isScaled(type) { continue }
            var row = 0
            for batch in batches {
                for index in 0..<batch.rowCount {
                    #expect(batch.columns[0].scalar(at: index) == array.scalar(at: row))
                    row += 1
                }
            }
        }
    }

    /// Types whose values are stored in another unit, or lose it.
    private static func isScaled(_ type: DataType) -> Bool {
        switch type {
        case .time32(.second), .timestamp(.second, _), .duration, .interval, .date64: true
        default: false
        }
    }

    @Test func nullsOfRequiredColumnsAreErrors() throws {
        let schema = Schema([Field("c", .int32, isNullable: false)])
        var builder = PrimitiveBuilder<Int32>(.int32, zero: 0)
        builder.append(1)
        builder.appendNull()
        let batch = RecordBatch(schema: schema, columns: [builder.finish()], rowCount: 2)
        let error = #expect(throws: IglooError.self) { try written(schema, [batch]) }
        #expect(error?.message.contains("'c'") == true)
    }

    /// Statistics and indexes: what they rule out is not in the file.
    @Test func boundsHoldWhatThePagesHold() throws {
        let schema = Schema([Field("n", .int64), Field("t", .utf8View), Field("f", .float64)])
        var generator = SeededGenerator(seed: 5)
        var numbers = PrimitiveBuilder<Int64>(.int64, zero: 0)
        var texts = BinaryViewBuilder(.utf8View)
        var floats = PrimitiveBuilder<Double>(.float64, zero: 0)
        for row in 0..<5_000 {
            numbers.append(Int64(row) * 3 - 4_000)
            texts.append(String(repeating: "ä\u{7F}z", count: row % 40) + "\(row / 50)")
            floats.append([0.0, -0.0, .nan, Double(row)].randomElement(using: &generator) ?? 0)
        }
        let batch = RecordBatch(
            schema: schema, columns: [numbers.finish(), texts.finish(), floats.finish()],
            rowCount: 5_000)
        let columns = batch.columns
        for options in Self.manners {
            let file = try Places.open(try written(schema, [batch], options))
            for value in [-4_003, -4_000, -1, 0, 2, 10_997, 11_000] as [Int64] {
                #expect(
                    try count(file, 0, .int(value))
                        == (0..<5_000).filter {
                            columns[0].scalar(at: $0) == .int(value)
                        }.count)
            }
            for row in [0, 39, 777, 4_999] {
                let text = columns[1].scalar(at: row)
                #expect(
                    try count(file, 1, text)
                        == (0..<5_000).filter {
                            columns[1].scalar(at: $0) == text
                        }.count)
            }
            let zeros = (0..<5_000).filter { columns[2].values(as: Double.self)[$0] == 0 }.count
            #expect(try count(file, 2, .float(0)) == zeros)
        }
    }

    /// How many rows a filter finds, with the help of statistics and indexes.
    private func count(_ file: ParquetFile, _ column: Int, _ value: Scalar) throws -> Int {
        let type = file.schema.fields[column].type
        let condition = PushdownExpression.call(
            .equal, [.column(column, type), .literal(value, type)], .bool)
        let filter = try #require(RowFilter(condition, file.schema))
        let reader = try ParquetReader(file, filter: filter)
        var count = 0
        while let batch = try reader.next(CallContext()) { count += batch.rowCount }
        return count
    }

    @Test func whatIsOnlyReadIsRefused() throws {
        var options = ParquetWriterOptions()
        options.compression = .brotli
        let error = #expect(throws: IglooError.self) {
            _ = try ParquetWriter(Schema([Field("a", .int32)]), options) { _ in }
        }
        #expect(error?.code == .invalidArgument)
    }
}
