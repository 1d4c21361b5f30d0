// SPDX-License-Identifier: MIT

import Foundation

/// Runs the shell's program as users do: with arguments, a script, a pipe.
struct ShellProcess {
    struct Outcome {
        var status: Int32
        var wasKilled: Bool
        var output: Data
        var errors: String
        var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// The program stands beside the one that runs the tests.
    static let program: String = {
        let tests =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: tests).deletingLastPathComponent().path + "/igloo"
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent(".build/debug/igloo").path
    }()

    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-shell-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    /// A clean one, but for what a sanitizer is told.
    var environment: [String: String] {
        let told = ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }
        return [
            "HOME": folder.path, "PATH": "/usr/bin:/bin", "TERM": "xterm",
            "LC_ALL": "C.UTF-8", "IGLOO_THREADS": "2",
        ].merging(told) { $1 }
    }

    func make(_ arguments: [String], _ more: [String: String] = [:]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = environment.merging(more) { $1 }
        return process
    }

    /// Runs to the end.
    func run(
        _ arguments: [String], input: Data = Data(), _ more: [String: String] = [:]
    ) throws -> Outcome {
        let process = make(arguments, more)
        let output = folder.appendingPathComponent("out")
        let errors = folder.appendingPathComponent("err")
        for file in [output, errors] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let source = folder.appendingPathComponent("in")
        try input.write(to: source)
        process.standardInput = try FileHandle(forReadingFrom: source)
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus,
            wasKilled: process.terminationReason == .uncaughtSignal,
            output: try Data(contentsOf: output),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
}
