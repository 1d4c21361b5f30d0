// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Runs `igloo` with commands, in a folder and with a home of its own.
final class CommandProcess {
    struct Outcome: CustomStringConvertible {
        var status: Int32
        var output: String
        var errors: String

        var description: String { "status \(status)\n\(output)\n\(errors)" }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// The program and the plugins stand beside the one that runs the tests.
    static let folder: String = {
        let tests =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: tests).deletingLastPathComponent().path
        return FileManager.default.isExecutableFile(atPath: beside + "/igloo")
            ? beside : "\(root)/.build/debug"
    }()

    let path: String
    var environment: [String: String]

    init() throws {
        path = NSTemporaryDirectory() + "igloo-commands-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755])
        environment = ProcessInfo.processInfo.environment
        environment["HOME"] = environment["HOME"] ?? path
        environment["XDG_CACHE_HOME"] = path + "/cache"
        environment["SWIFT_BACKTRACE"] = "enable=no"
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"), options: .atomic)
    }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
    }

    func isThere(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(path)/\(name)")
    }

    /// Runs `igloo`.
    func igloo(_ arguments: String..., input: String = "") throws -> Outcome {
        try run(["\(Self.folder)/igloo"] + arguments, input: input)
    }

    /// Runs a program; its output goes through files, which never fill up.
    func run(_ arguments: [String], input: String = "") throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: path)
        process.environment = environment
        let names = ["in", "out", "err"].map { URL(fileURLWithPath: "\(path)/.\($0)") }
        for (name, text) in zip(names, [input, "", ""]) { try Data(text.utf8).write(to: name) }
        process.standardInput = try FileHandle(forReadingFrom: names[0])
        process.standardOutput = try FileHandle(forWritingTo: names[1])
        process.standardError = try FileHandle(forWritingTo: names[2])
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus,
            output: try String(contentsOf: names[1], encoding: .utf8),
            errors: try String(contentsOf: names[2], encoding: .utf8))
    }

    /// Compiles the test plugin in C, with one of its faults if named.
    func compile(fault: String? = nil, name: String = "igloo-numbers.so", _ more: [String] = [])
        throws
    {
        var arguments = [
            "cc", "-std=c11", "-O1", "-fPIC", "-shared", "-w",
            "-I\(Self.root)/SDK/CIgloo/include", "\(Self.root)/Tests/Plugins/C/numbers.c",
            "-o", "\(path)/\(name)",
        ]
        if let fault { arguments.append("-DFAULT_\(fault)") }
        if more.isEmpty {
            arguments += [
                "-Wl,--version-script=\(Self.root)/SDK/CIgloo/igloo.map",
                "-Wl,-z,now,-z,nodelete,-z,defs",
            ]
        }
        let outcome = try run(arguments + more)
        try #require(outcome.status == 0, "\(outcome)")
    }
}
