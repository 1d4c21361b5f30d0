// SPDX-License-Identifier: MIT
import IglooArrow
import IglooArrowIPC
import IglooArrowTesting
import Testing

@Suite struct RoundTripTests {
    static let compressions: [IPCCompression?] = [nil, .lz4Frame, .zstd]

    @Test(arguments: ArrowSamples.types, compressions)
    func everyTypeComesBack(_ type: DataType, _ compression: IPCCompression?) throws {
        var generator = SeededGenerator(seed: 11)
        let array = try ArrowSamples.array(type, count: 80, using: &generator)
        let schema = Schema(
            [Field("ä", type, metadata: ["k": "v"])], metadata: ["": "", "key": "value"])
        // Slices of one array: one dictionary throughout.
        let batches = [(0, 80), (13, 41), (7, 0), (79, 1)].map {
            RecordBatch(
                schema: schema, columns: [array.slice($0.0, count: $0.1)], rowCount: $0.1)
        }
        for form in IPCForm.allCases {
            let bytes = try form.encode(batches, options: IPCWriteOptions(compression: compression))
            let (readSchema, back) = try form.decode(bytes)
            #expect(readSchema == schema)
            #expect(back.count == batches.count)
            for (batch, original) in zip(back, batches) {
                #expect(batch.columns[0].firstDifference(from: original.columns[0]) == nil)
            }
        }
    }

    @Test(arguments: IPCForm.allCases)
    func tablesComeBack(_ form: IPCForm) throws {
        var generator = SeededGenerator(seed: 12)
        let batch = try ArrowSamples.batch(rowCount: 33, using: &generator)
        let bytes = try form.encode([batch, batch.slice(3, count: 8)])
        let (_, back) = try form.decode(bytes)
        #expect(back[0].isEqual(to: batch))
        #expect(back[1].isEqual(to: batch.slice(3, count: 8)))
        // Chosen columns, in the order chosen.
        let chosen = [41, 0, 60, 17]
        let (schema, some) = try form.decode(bytes, options: IPCReadOptions(columns: chosen))
        #expect(schema == batch.schema.projected(chosen))
        #expect(some[1].isEqual(to: batch.slice(3, count: 8).projected(chosen)))
        #expect(throws: ArrowError.self) {
            try form.decode(bytes, options: IPCReadOptions(columns: [1000]))
        }
    }

    @Test(arguments: IPCForm.allCases)
    func nothingComesBack(_ form: IPCForm) throws {
        let empty = Schema([], metadata: ["a": "b"])
        #expect(try form.decode(try form.encode([], schema: empty)).schema == empty)
        let rows = RecordBatch(schema: empty, columns: [], rowCount: 5)
        #expect(try form.decode(try form.encode([rows])).batches[0].rowCount == 5)
    }

    private static let dictionaryType = DataType.dictionary(
        index: .int8, value: .utf8, isOrdered: false)

    private static func dictionaryBatch(_ values: [String?]) throws -> RecordBatch {
        let builder = ArrayBuilder(dictionaryType)
        for value in values { try builder.append(value.map { .text($0) } ?? .null) }
        return RecordBatch(
            schema: Schema([Field("d", dictionaryType)]), columns: [builder.finish()],
            rowCount: values.count)
    }

    @Test(arguments: IPCForm.allCases, [true, false])
    func dictionariesGrowAndChange(_ form: IPCForm, _ deltas: Bool) throws {
        let batches = [
            try Self.dictionaryBatch(["a", "b", nil, "a"]),
            try Self.dictionaryBatch(["a", "b", "c"]),
            try Self.dictionaryBatch(["c", "d", nil]),
            try Self.dictionaryBatch([]),
            try Self.dictionaryBatch(["a"]),
        ]
        let bytes = try form.encode(
            batches, options: IPCWriteOptions(sendsDictionaryDeltas: deltas))
        let back = try form.decode(bytes).batches
        for (batch, original) in zip(back, batches) { #expect(batch.isEqual(to: original)) }
    }

    @Test func aFileRefusesADictionaryTooLarge() throws {
        let batches = try (0..<2).map { half in
            try Self.dictionaryBatch((0..<100).map { "\(half)/\($0)" })
        }
        #expect(throws: ArrowError.self) { try IPCForm.file.encode(batches) }
        #expect(try IPCForm.stream.decode(IPCForm.stream.encode(batches)).batches.count == 2)
    }

    @Test func otherTypesAreRefused() throws {
        var generator = SeededGenerator(seed: 13)
        let batch = try ArrowSamples.batch([.int8], rowCount: 3, using: &generator)
        #expect(throws: ArrowError.self) {
            try IPCForm.stream.encode([batch], schema: Schema([Field("c0", .int16)]))
        }
        let twice = DataType.dictionary(index: .int8, value: Self.dictionaryType, isOrdered: false)
        #expect(throws: ArrowError.self) {
            try IPCForm.stream.encode([], schema: Schema([Field("d", twice)]))
        }
    }

    @Test func uncompressedBatchesShareTheFile() throws {
        var generator = SeededGenerator(seed: 14)
        let batch = try ArrowSamples.batch(
            [.int64, .decimal128(precision: 38, scale: 2), .utf8View], rowCount: 50, nullShare: 0,
            using: &generator)
        let file = Buffer(copying: try IPCForm.file.encode([batch]))
        let back = try IPCFileReader(file).batch(at: 0)
        let range =
            UInt(bitPattern: file.baseAddress)..<UInt(bitPattern: file.baseAddress + file.byteCount)
        for buffer in back.columns.flatMap(\.buffers) where buffer.byteCount > 0 {
            #expect(range.contains(UInt(bitPattern: buffer.baseAddress)))
            #expect(UInt(bitPattern: buffer.baseAddress) % 64 == 0)
        }
    }

    @Test func aPipeIsReadPieceByPiece() throws {
        var generator = SeededGenerator(seed: 15)
        let batch = try ArrowSamples.batch(rowCount: 500, using: &generator)
        let bytes = try IPCForm.stream.encode([batch, batch])
        var position = 0
        let source = IPCReadingSource {
            (memory: UnsafeMutableRawBufferPointer) throws(ArrowError) in
            let count = min(memory.count, bytes.count - position, 1 + position % 1000)
            memory.copyBytes(from: bytes[position..<position + count])
            position += count
            return count
        }
        let reader = try IPCStreamReader(source)
        #expect(try reader.next()?.isEqual(to: batch) == true)
        #expect(try reader.next()?.isEqual(to: batch) == true)
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
    }

    @Test func slicesDoNotDragTheWholeAlong() throws {
        var generator = SeededGenerator(seed: 16)
        let batch = try ArrowSamples.batch(rowCount: 3000, using: &generator)
        let whole = try IPCForm.stream.encode([batch]).count
        let part = try IPCForm.stream.encode([batch.slice(1000, count: 3)]).count
        #expect(part < whole / 10)
    }

    /// Elements without memory could be any number, and cost whoever looks at them.
    @Test func countsWithoutDataAreRefused() throws {
        let rows = RecordBatch(
            schema: Schema([Field("n", .null)]),
            columns: [ArrayData(type: .null, count: 1 << 40, nullCount: 1 << 40)],
            rowCount: 1 << 40)
        let type = DataType.list(Field("item", .null))
        let nulls = ArrayData(type: .null, count: 1 << 30, nullCount: 1 << 30)
        let list = ArrayData(
            type: type, count: 1, buffers: [Buffer(copying: [0, 1 << 30] as [Int32])],
            children: [nulls])
        let lists = RecordBatch(schema: Schema([Field("l", type)]), columns: [list], rowCount: 1)
        for (form, batch) in IPCForm.allCases.flatMap({ [($0, rows), ($0, lists)] }) {
            let bytes = try form.encode([batch])
            #expect(throws: ArrowError.self) { try form.decode(bytes) }
        }
    }

    @Test func aFileSpeaksOfItself() throws {
        let metadata: Metadata = ["made by": "igloo", "": "ü"]
        let bytes = try IPCForm.file.encode(
            [], schema: Schema([]), options: IPCWriteOptions(fileMetadata: metadata))
        #expect(try IPCFileReader(Buffer(copying: bytes)).metadata == metadata)
    }

    /// The endianness is one of the stream's two-byte numbers that are zero.
    @Test func bigEndianDataIsRefused() throws {
        let bytes = try IPCForm.stream.encode([], schema: Schema([Field("i", .int32)]))
        var refusals: [ArrowError] = []
        for place in 0..<bytes.count where bytes[place] == 0 {
            var other = bytes
            other[place] = 1
            do throws(ArrowError) {
                _ = try IPCForm.stream.decode(other)
            } catch {
                if error.message.contains("big-endian") { refusals.append(error) }
            }
        }
        #expect(!refusals.isEmpty)
        #expect(refusals.allSatisfy { $0.kind == .unsupported && $0.byteOffset != nil })
    }
}
