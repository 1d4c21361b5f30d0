// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import Testing

@testable import IglooPlugins

/// A folder that is removed with the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: "\(path)/\(name)", withDestinationPath: target)
    }
}

enum PluginFixtures {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// The plugin in Swift that is built beside the tests.
    static var memoryPlugin: String {
        let executable =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = Folders.folder(of: executable) + "/libmemory-test-plugin.so"
        if Folders.isFile(beside) { return beside }
        return "\(root)/.build/debug/libmemory-test-plugin.so"
    }

    /// Tries plugins out in the program that is built beside the tests.
    static func probe(_ cache: TemporaryFolder) -> PluginProbe {
        PluginProbe(
            program: Folders.folder(of: memoryPlugin) + "/ProbeHost",
            quarantine: Quarantine(folder: cache.path + "/verdicts"))
    }

    static func memoryRegistry() throws -> PluginRegistry {
        let manifest = try Manifest.parse(
            "manifest = 1\n[[plugin]]\nid = \"memory\"\npath = \"\(memoryPlugin)\"",
            path: "/test.toml")
        return PluginRegistry(manifest: manifest)
    }

    static func memoryConnector(_ options: [GivenOption] = []) throws -> any Connector {
        let registry = try memoryRegistry()
        return try registry.makeConnector(
            try registry.connector(named: "memory"), options: options, CallContext())
    }

    enum Linking {
        case proper, lazily, exportingAll
    }

    /// Compiles the plugin in C into `folder`, with one of its faults if named.
    static func compile(
        into folder: TemporaryFolder, fault: String? = nil, linking: Linking = .proper,
        name: String = "igloo-numbers.so", source: String = "numbers.c"
    ) throws -> String {
        let path = "\(folder.path)/\(name)"
        var arguments = [
            "cc", "-std=c11", "-O1", "-fPIC", "-shared", "-I\(root)/SDK/CIgloo/include",
            "\(root)/Tests/Plugins/C/\(source)", "-o", path,
        ]
        if let fault {
            arguments += ["-DFAULT_\(fault)", "-w"]
        } else {
            arguments += ["-Wall", "-Wextra", "-Werror", "-pedantic"]
        }
        if linking != .exportingAll {
            arguments.append("-Wl,--version-script=\(root)/SDK/CIgloo/igloo.map")
        }
        arguments.append(linking == .lazily ? "-Wl,-z,lazy" : "-Wl,-z,now")
        let result = try run(arguments)
        try #require(result.status == 0, "\(result.output)")
        return path
    }

    /// Runs a program of the system.
    static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}

/// The error that `body` throws; a failed test when it throws none.
func failure(
    _ body: () throws -> some Any, sourceLocation: SourceLocation = #_sourceLocation
) throws -> IglooError {
    do {
        _ = try body()
    } catch let error as IglooError {
        return error
    }
    Issue.record("no error was thrown", sourceLocation: sourceLocation)
    throw CancellationError()
}
