// SPDX-License-Identifier: MIT

import Foundation
import IglooEngineTesting
import Testing

/// Plugins in C of Tests/Plugins/C, compiled when the first test wants them.
enum CompiledPlugin {
    /// - Returns: a folder with the plugin alone.
    static func folder(_ source: String, id: String) throws -> String {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-\(id)-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let root = Places.root.path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "cc", "-std=c11", "-O1", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror", "-pedantic",
            "-I\(root)/SDK/CIgloo/include", "\(root)/Tests/Plugins/C/\(source)", "-o",
            "\(folder)/igloo-\(id).so",
            "-Wl,--version-script=\(root)/SDK/CIgloo/igloo.map", "-Wl,-z,now", "-Wl,-z,nodelete",
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return folder
    }
}
