// SPDX-License-Identifier: MIT
import CIgloo
import IglooArrow
import IglooArrowTesting
import Synchronization
import Testing

@Suite struct CDataInterfaceTests {
    @Test(arguments: ArrowSamples.types)
    func arraysAndFieldsRoundTrip(_ type: DataType) throws {
        var generator = SeededGenerator(seed: 5)
        let field = Field("ä column", type, metadata: ["key": "value", "": "ü"])
        var schema = ArrowSchema()
        field.export(to: &schema)
        #expect(try Field(importing: &schema) == field)
        #expect(schema.release == nil)
        for (start, count) in [(0, 50), (7, 30), (50, 0)] {
            let array = try ArrowSamples.array(type, count: 50, using: &generator)
                .slice(start, count: count)
            var exported = ArrowArray()
            array.export(to: &exported)
            let back = try ArrayData(importing: &exported, type: type, validation: .full)
            #expect(exported.release == nil)
            #expect(back.isEqual(to: array))
        }
    }

    @Test func batchesAndSchemasRoundTrip() throws {
        var generator = SeededGenerator(seed: 6)
        let batch = try ArrowSamples.batch(rowCount: 20, using: &generator).slice(2, count: 15)
        var schema = ArrowSchema()
        batch.schema.export(to: &schema)
        var device = ArrowDeviceArray()
        batch.export(to: &device)
        let back = try RecordBatch(
            importing: &device, schema: try Schema(importing: &schema), validation: .full)
        #expect(back.isEqual(to: batch))
        try back.validate(.full)
    }

    @Test func aBatchWithoutColumnsKeepsItsRows() throws {
        let batch = RecordBatch(schema: Schema([]), columns: [], rowCount: 7)
        var exported = ArrowArray()
        batch.export(to: &exported)
        #expect(try RecordBatch(importing: &exported, schema: Schema([])).rowCount == 7)
    }

    /// An array of int64 whose memory counts how often it is given back.
    private static func counted(_ releases: Releases) -> ArrayData {
        let memory = UnsafeMutablePointer<Int64>.allocate(capacity: 4)
        memory.initialize(repeating: 5, count: 4)
        nonisolated(unsafe) let address = memory
        let buffer = Buffer(unowned: memory, byteCount: 32) {
            address.deallocate()
            releases.count.add(1, ordering: .relaxed)
        }
        return ArrayData(type: .int64, count: 4, buffers: [buffer])
    }

    private final class Releases: Sendable {
        let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
    }

    @Test func memoryLivesUntilTheLastBufferIsGone() throws {
        let releases = Releases()
        let type = DataType.structure([Field("a", .int64), Field("b", .int64)])
        var exported = ArrowArray()
        do {
            ArrayData(
                type: type, count: 4, children: [Self.counted(releases), Self.counted(releases)]
            ).export(to: &exported)
        }
        #expect(releases.value == 0)
        var column: ArrayData?
        do {
            let array = try ArrayData(importing: &exported, type: type)
            column = array.children[0]
        }
        // One column keeps the whole foreign array, which is released as one.
        #expect(releases.value == 0)
        #expect(column?.scalar(at: 3) == .int(5))
        column = nil
        #expect(releases.value == 2)
    }

    @Test func theLastOfManyThreadsReleases() async throws {
        for _ in 0..<50 {
            let releases = Releases()
            var exported = ArrowArray()
            Self.counted(releases).export(to: &exported)
            let imported = try ArrayData(importing: &exported, type: .int64)
            await withTaskGroup(of: Void.self) { group in
                for start in 0..<4 {
                    let slice = imported.slice(start, count: 1)
                    group.addTask { #expect(slice.scalar(at: 0) == .int(5)) }
                }
            }
            #expect(releases.value == 0)
            withExtendedLifetime(imported) {}
        }
        // Arrays that are gone have given their memory back.
        let releases = Releases()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var exported = ArrowArray()
                    Self.counted(releases).export(to: &exported)
                    _ = try? ArrayData(importing: &exported, type: .int64).slice(1, count: 2)
                }
            }
        }
        #expect(releases.value == 8)
    }

    @Test func aStreamWithoutSchemaIsReleased() {
        var released = false
        withUnsafeMutablePointer(to: &released) { flag in
            var stream = ArrowArrayStream()
            stream.private_data = UnsafeMutableRawPointer(flag)
            stream.get_schema = { _, _ in 5 }
            stream.get_last_error = { _ in nil }
            stream.release = {
                $0?.pointee.private_data.assumingMemoryBound(to: Bool.self).pointee = true
                $0?.pointee.release = nil
            }
            #expect(throws: ArrowError.self) { _ = try ForeignStream(moving: &stream) }
            #expect(stream.release == nil)
        }
        #expect(released)
    }

    @Test func aConsumerMayMoveAChildOut() throws {
        let releases = Releases()
        var exported = ArrowArray()
        ArrayData(
            type: .structure([Field("a", .int64), Field("b", .int64)]), count: 4,
            children: [Self.counted(releases), Self.counted(releases)]
        ).export(to: &exported)
        var child = exported.children[0]!.pointee
        exported.children[0]!.pointee.release = nil
        exported.release(&exported)
        #expect(exported.release == nil)
        #expect(releases.value == 1)
        child.release(&child)
        #expect(releases.value == 2)
    }

    @Test func aFailedImportReleases() throws {
        let releases = Releases()
        var exported = ArrowArray()
        Self.counted(releases).export(to: &exported)
        #expect(throws: ArrowError.self) { try ArrayData(importing: &exported, type: .utf8) }
        #expect(exported.release == nil)
        #expect(releases.value == 1)
        #expect(throws: ArrowError.self) { try ArrayData(importing: &exported, type: .int64) }
    }

    /// What a careless producer might hand over, and the word by which the error tells.
    @Test(arguments: [
        "length", "null_count", "offset", "n_buffers", "no buffers", "missing buffer",
        "n_children", "child", "offsets", "view",
    ])
    func liesAreRefused(_ lie: String) throws {
        var generator = SeededGenerator(seed: 7)
        let type: DataType =
            switch lie {
            case "n_children", "child": .list(Field("item", .int32))
            case "view": .utf8View
            default: .utf8
            }
        let array = try ArrowSamples.array(type, count: 30, nullShare: 0, using: &generator)
        var exported = ArrowArray()
        array.export(to: &exported)
        let release = exported.release!
        var honest = exported
        // A foreign release that knows nothing: the true one runs at the end.
        exported.release = { $0?.pointee.release = nil }
        var offsets: [Int32] = (0...30).map { -Int32($0) }
        offsets.withUnsafeMutableBytes { bytes in
            switch lie {
            case "length": exported.length = -1
            case "null_count": exported.null_count = 31
            case "offset": exported.offset = .max
            case "n_buffers": exported.n_buffers = 2
            case "no buffers": exported.buffers = nil
            case "missing buffer": exported.buffers[1] = nil
            case "n_children": exported.n_children = 0
            case "child": exported.children[0]!.pointee.length = 1
            case "offsets": exported.buffers[1] = UnsafeRawPointer(bytes.baseAddress)
            default: exported.n_buffers = 2
            }
            #expect(throws: ArrowError.self) { try ArrayData(importing: &exported, type: type) }
        }
        #expect(exported.release == nil)
        release(&honest)
    }

    @Test(arguments: [
        "", "x", "w:", "w:-1", "w:99999999999999999999", "d:", "d:1", "d:0,0", "d:39,0",
        "d:5,2,7", "d:10,0,32", "tsx:", "tz", "+", "+l", "+s:", "+w:3", "+ud:0,0", "+us:x", "+m",
        "+r", "ttx", "tD", "é",
    ])
    func unknownTypesAreRefused(_ format: String) {
        var schema = ArrowSchema()
        var characters = Array(format.utf8CString)
        characters.withUnsafeMutableBufferPointer {
            schema.format = UnsafePointer($0.baseAddress)
            schema.release = { $0?.pointee.release = nil }
            if format == "+s:" { schema.n_children = -1 }
            #expect(throws: ArrowError.self) { try Field(importing: &schema) }
        }
        #expect(schema.release == nil)
    }

    @Test func endlessTypesAreRefused() {
        var type = DataType.int8
        for _ in 0..<100 { type = .list(Field("item", type)) }
        var schema = ArrowSchema()
        Field("deep", type).export(to: &schema)
        #expect(throws: ArrowError.self) { try Field(importing: &schema) }
    }

    @Test func importsClearWhatStandsUnderNulls() throws {
        let validity = Buffer(copying: [0b101] as [UInt8])
        let values = ArrayData(type: .int32, count: 1, buffers: [Buffer(copying: [7] as [Int32])])
        let indexes = ArrayData(
            type: .dictionary(index: .int8, value: .int32, isOrdered: false), count: 3,
            nullCount: 1, validity: validity, buffers: [Buffer(copying: [0, -1, 0] as [Int8])],
            dictionary: values)
        let views = ArrayData(
            type: .utf8View, count: 3, nullCount: 1, validity: validity,
            buffers: [Buffer(copying: [0, 0, 99, 99, 0, 0] as [UInt64])])
        for array in [indexes, views] {
            var exported = ArrowArray()
            array.export(to: &exported)
            let back = try ArrayData(importing: &exported, type: array.type)
            #expect(back.isEqual(to: array))
            #expect(back.buffers[0].bytes.allSatisfy { $0 == 0 })
        }
    }

    private final class Batches: RecordBatchSource {
        let schema: Schema
        var rest: [RecordBatch]
        let failsAtEnd: Bool

        init(_ batches: [RecordBatch], failsAtEnd: Bool = false) {
            schema = batches[0].schema
            rest = batches
            self.failsAtEnd = failsAtEnd
        }

        func next() throws(ArrowError) -> RecordBatch? {
            if rest.isEmpty && failsAtEnd { throw ArrowError(.exhausted, "out of ice") }
            return rest.isEmpty ? nil : rest.removeFirst()
        }
    }

    @Test func streamsRoundTrip() throws {
        var generator = SeededGenerator(seed: 8)
        let batch = try ArrowSamples.batch(rowCount: 10, using: &generator)
        var exported = ArrowArrayStream()
        Batches([batch, batch.slice(3, count: 4)]).export(to: &exported)
        var stream = try ForeignStream(moving: &exported)
        #expect(exported.release == nil)
        #expect(try stream.schema() == batch.schema)
        #expect(try stream.nextBatch()?.isEqual(to: batch) == true)
        #expect(try stream.nextBatch()?.isEqual(to: batch.slice(3, count: 4)) == true)
        #expect(try stream.nextBatch() == nil)
        #expect(try stream.next() == nil)
    }

    @Test func aStreamTellsItsError() throws {
        var generator = SeededGenerator(seed: 9)
        let batch = try ArrowSamples.batch(rowCount: 1, using: &generator)
        var exported = ArrowArrayStream()
        Batches([batch], failsAtEnd: true).export(to: &exported)
        var stream = try ForeignStream(moving: &exported)
        #expect(try stream.nextBatch() != nil)
        do {
            _ = try stream.nextBatch()
            Issue.record("no error")
        } catch {
            #expect(error == ArrowError(.exhausted, "out of ice"))
        }
    }
}
