// SPDX-License-Identifier: MIT

import Foundation
import IglooEngineTesting

/// DuckDB in a Python that runs as long as this object lives.
final class DuckDBPeer {
    struct Answer: Decodable {
        var rows: [[String?]]?
        var error: String?
    }

    private struct Job: Encodable {
        var setup: [String]
        var queries: [String]
    }

    struct Failure: Error {
        var message: String
    }

    /// A Python that has DuckDB, if `IGLOO_PYTHON` names one.
    static let python: String? = {
        guard let path = ProcessInfo.processInfo.environment["IGLOO_PYTHON"] else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-c", "import duckdb"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? path : nil
    }()

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var pending = Data()

    init(python: String) throws {
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [
            Places.root.appendingPathComponent("Tests/Support/Python/duckdb_peer.py").path
        ]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// The answers to `queries` in a database that `setup` makes.
    func answers(setup: [String], queries: [String]) throws -> [Answer] {
        let job = try JSONEncoder().encode(Job(setup: setup, queries: queries))
        try input.fileHandleForWriting.write(contentsOf: job + Data([0x0A]))
        let answers = try JSONDecoder().decode([Answer].self, from: try line())
        guard answers.count == queries.count else {
            throw Failure(message: "\(answers.count) answers to \(queries.count) queries")
        }
        return answers
    }

    private func line() throws -> Data {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                defer { pending = Data(pending[(end + 1)...]) }
                return Data(pending[..<end])
            }
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Failure(message: "DuckDB's process has ended") }
            pending += data
        }
    }
}
