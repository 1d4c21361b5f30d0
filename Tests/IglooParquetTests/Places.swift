// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooFiles
import IglooParquet

/// Where the tests' files are.
enum Places {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    /// What `generate.py` there has written.
    static let folder = root.appendingPathComponent("Tests/Data/Parquet")

    static var files: [String] { names(folder) }

    static func path(_ name: String) -> String {
        folder.appendingPathComponent("\(name).parquet").path
    }

    static func names(_ folder: URL) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return all.filter { $0.hasSuffix(".parquet") }.map { String($0.dropLast(8)) }.sorted()
    }

    static func open(_ name: String, _ options: ParquetOptions = .init()) throws -> ParquetFile {
        try ParquetFile(try FileReader(path: path(name)), options)
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    static func open(_ bytes: [UInt8], _ options: ParquetOptions = .init()) throws -> ParquetFile {
        try ParquetFile(MemoryByteSource(Buffer(copying: bytes)), options)
    }

    /// The shared test data beside the repository, where there is some.
    static var shared: URL? {
        let path =
            ProcessInfo.processInfo.environment["IGLOO_SHARED"]
            ?? root.deletingLastPathComponent().appendingPathComponent("shared").path
        return FileManager.default.fileExists(atPath: path) ? URL(fileURLWithPath: path) : nil
    }

    /// A Python with pyarrow.
    static var python: String? {
        let path =
            ProcessInfo.processInfo.environment["IGLOO_PYTHON"]
            ?? root.appendingPathComponent(".venv/bin/python3").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// What `reference.py` prints for a file.
    static func reference(_ path: String) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python!)
        process.arguments = [folder.appendingPathComponent("reference.py").path, path]
        process.environment = ["PYTHONDONTWRITEBYTECODE": "1"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        var lines = String(decoding: data, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// The rows that `generate.py` left for a file.
    static func expected(_ name: String) throws -> [String] {
        let candidates = [
            name, String(name.split(separator: "_")[0]),
            name.split(separator: "_").dropFirst().first.map(String.init) ?? name,
        ]
        for candidate in candidates {
            let url = folder.appendingPathComponent(candidate + ".txt")
            guard let reader = try? FileReader(path: url.path) else { continue }
            // Foundation leaks when it reads an empty file.
            var bytes = [UInt8](repeating: 0, count: Int(reader.byteCount))
            _ = try bytes.withUnsafeMutableBytes { try reader.read(at: 0, into: $0) }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
        throw CocoaError(.fileNoSuchFile)
    }
}
