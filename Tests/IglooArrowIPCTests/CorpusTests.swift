// SPDX-License-Identifier: MIT
import Foundation
import IglooArrow
import IglooArrowIPC
import Testing

/// Every file that other implementations wrote for one another.
@Suite struct CorpusTests {
    static let folder: URL = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let shared =
            ProcessInfo.processInfo.environment["IGLOO_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? root.deletingLastPathComponent().appendingPathComponent("shared")
        return shared.appendingPathComponent("corpora/arrow-testing/arrow-ipc-stream/integration")
    }()

    static let isPresent = FileManager.default.fileExists(atPath: folder.path)

    static let absence: Comment =
        "the Arrow corpus is absent: set IGLOO_SHARED to the folder that holds corpora/"

    static func path(_ name: String, _ form: IPCForm) -> URL {
        folder.appendingPathComponent(name + (form == .stream ? ".stream" : ".arrow_file"))
    }

    /// Each case as its path without the ending.
    static let cases: [String] = {
        let paths = FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? []
        let stems = paths.compactMap { $0 as? String }
            .filter { $0.hasSuffix(".stream") || $0.hasSuffix(".arrow_file") }
            .map { ($0 as NSString).deletingPathExtension }
        return Set(stems).sorted()
    }()

    @Test(.enabled(if: isPresent, absence), arguments: cases)
    func allFormsHoldTheSame(_ name: String) throws {
        let stream = try Self.read(name, .stream)
        let file = try Self.read(name, .file)
        #expect(stream.schema == file.schema)
        #expect(stream.batches.count == file.batches.count)
        for (left, right) in zip(stream.batches, file.batches) { #expect(left.isEqual(to: right)) }
        let path = Self.folder.appendingPathComponent(name + ".json.gz")
        if FileManager.default.fileExists(atPath: path.path) {
            try Self.compare(stream, try IntegrationJSON(try Self.gunzip(path)))
        }
        // What we write of it reads the same.
        for form in IPCForm.allCases {
            let bytes = try form.encode(stream.batches, schema: stream.schema)
            let back = try form.decode(bytes)
            #expect(back.schema == stream.schema)
            for (left, right) in zip(back.batches, stream.batches) {
                #expect(left.isEqual(to: right))
            }
        }
    }

    private static func compare(
        _ read: (schema: Schema, batches: [RecordBatch]), _ expected: IntegrationJSON
    ) throws {
        #expect(Self.sorted(read.schema) == Self.sorted(expected.schema))
        try #require(read.batches.count == expected.batches.count)
        for (batch, columns) in zip(read.batches, expected.batches) {
            for (column, values) in zip(batch.columns, columns) {
                try #require(column.count == values.count)
                for (index, value) in values.enumerated() {
                    if column.scalar(at: index) != value {
                        Issue.record(
                            "\(column.type) \(index): \(column.scalar(at: index)), not \(value)")
                        return
                    }
                }
            }
        }
    }

    /// The order of metadata is left to the writer.
    private static func sorted(_ schema: Schema) -> Schema {
        func sorted(_ metadata: Metadata) -> Metadata {
            Metadata(metadata.pairs.sorted { ($0.key, $0.value) < ($1.key, $1.value) })
        }
        var schema = schema
        schema.metadata = sorted(schema.metadata)
        for index in schema.fields.indices {
            schema.fields[index].metadata = sorted(schema.fields[index].metadata)
        }
        return schema
    }

    private static func read(
        _ name: String, _ form: IPCForm
    ) throws -> (schema: Schema, batches: [RecordBatch]) {
        try form.decode(Array(try Data(contentsOf: path(name, form))))
    }

    private static func gunzip(_ path: URL) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", path.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return data
    }
}
