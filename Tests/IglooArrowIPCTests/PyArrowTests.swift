// SPDX-License-Identifier: MIT
import Foundation
import IglooArrow
import IglooArrowIPC
import IglooArrowTesting
import Testing

/// What pyarrow writes we read, and the other way round.
@Suite struct PyArrowTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A Python that has pyarrow: `IGLOO_PYTHON`, else that of the repository's `.venv`.
    static let python: String? = {
        let candidate =
            ProcessInfo.processInfo.environment["IGLOO_PYTHON"]
            ?? root.appendingPathComponent(".venv/bin/python3").path
        guard FileManager.default.isExecutableFile(atPath: candidate),
            let result = try? run(candidate, ["-c", "import pyarrow"]), result.status == 0
        else { return nil }
        return candidate
    }()

    static let absence: Comment =
        "no Python with pyarrow: set IGLOO_PYTHON, or make .venv at the repository's root"

    private static func run(
        _ executable: String, _ arguments: [String]
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    private static func peer(_ command: String, _ folder: URL) throws {
        let script = root.appendingPathComponent("Tests/Support/Python/arrow_peer.py").path
        let result = try run(try #require(python), [script, command, folder.path])
        #expect(result.status == 0, "\(result.output)")
    }

    private static func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test(.enabled(if: python != nil, absence))
    func whatPyArrowWritesComesBack() throws {
        try Self.withFolder { folder in
            try Self.peer("generate", folder)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names.count >= 12)
            for name in names {
                let path = folder.appendingPathComponent(name)
                let form: IPCForm = name.hasSuffix(".stream") ? .stream : .file
                let (schema, batches) = try form.decode(Array(try Data(contentsOf: path)))
                #expect(batches.count > 0)
                let back = try form.encode(batches, schema: schema)
                try Data(back).write(to: path.appendingPathExtension("back"))
            }
            try Self.peer("compare", folder)
        }
    }

    @Test(.enabled(if: python != nil, absence))
    func whatWeWriteComesBackFromPyArrow() throws {
        try Self.withFolder { folder in
            var generator = SeededGenerator(seed: 17)
            let batch = try ArrowSamples.batch(rowCount: 60, using: &generator)
            let batches = [batch, batch.slice(11, count: 23)]
            for form in IPCForm.allCases {
                for compression in RoundTripTests.compressions {
                    let bytes = try form.encode(
                        batches, options: IPCWriteOptions(compression: compression))
                    let name = "\(form)_\(compression.map { "\($0)" } ?? "plain").in"
                    try Data(bytes).write(to: folder.appendingPathComponent(name))
                }
            }
            try Self.peer("rewrite", folder)
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
            where name.hasSuffix(".out") {
                let form: IPCForm = name.hasPrefix("stream") ? .stream : .file
                let path = folder.appendingPathComponent(name)
                let (schema, back) = try form.decode(Array(try Data(contentsOf: path)))
                #expect(schema == batch.schema)
                try #require(back.count == 2)
                for (read, original) in zip(back, batches) {
                    for (column, expected) in zip(read.columns, original.columns) {
                        #expect(
                            column.firstDifference(from: expected) == nil,
                            "\(name): \(expected.type)")
                    }
                }
            }
        }
    }
}
