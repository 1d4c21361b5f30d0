// SPDX-License-Identifier: MIT

import Foundation

/// Runs the kit as authors do, and reads its report.
public enum KitRun {
    public struct Report: Decodable {
        public struct Check: Decodable {
            public var name: String
            public var outcome: String
            public var detail: String
        }
        public var passed: Bool
        public var checks: [Check]

        public var failures: [String] {
            checks.filter { !["pass", "skip", "waived"].contains($0.outcome) }
                .map { "\($0.outcome) \($0.name): \($0.detail)" }
        }

        public func outcome(of name: String) -> String? {
            checks.first { $0.name == name }?.outcome
        }
    }

    public static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Programs and plugins stand beside the program that runs the tests.
    public static let products: String = {
        let tests =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: tests).deletingLastPathComponent().path
        if FileManager.default.isExecutableFile(atPath: beside + "/igloo") { return beside }
        return "\(root)/.build/debug"
    }()

    public static func run(
        _ plugin: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (status: Int32, report: Report) {
        let json = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-report-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: json) }
        let (status, output) = try start(
            ["\(products)/igloo", "plugin", "test", plugin, "--json", json.path] + arguments,
            environment)
        guard let data = try? Data(contentsOf: json) else {
            throw BrokenContract("the kit wrote no report: \(output)")
        }
        return (status, try JSONDecoder().decode(Report.self, from: data))
    }

    /// Runs a program of the system to its end.
    public static func start(
        _ arguments: [String], _ environment: [String: String] = [:], folder: String? = nil
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(["IGLOO_PYTHON": python]) { $1 }.merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// The one with pyarrow: told, made by `make test`, or the system's.
    private static var python: String {
        if let told = ProcessInfo.processInfo.environment["IGLOO_PYTHON"] { return told }
        let own = "\(root)/.venv/bin/python3"
        return FileManager.default.isExecutableFile(atPath: own) ? own : "python3"
    }
}
