// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import IglooEngine

/// Where the tests find what they read.
enum Places {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Corpora of others beside the repository (`IGLOO_SHARED`, else `../shared`), if they are there.
    static let corpora: String? = {
        let shared =
            ProcessInfo.processInfo.environment["IGLOO_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? root.deletingLastPathComponent().appendingPathComponent("shared")
        let path = shared.appendingPathComponent("corpora").path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    /// The plugins stand beside the program that runs the tests.
    static let plugins: String = {
        let program =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: program).deletingLastPathComponent().path
        return FileManager.default.fileExists(atPath: beside + "/libigloo-csv.so")
            ? beside : root.appendingPathComponent(".build/debug").path
    }()

    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    static func makeSession() throws(IglooError) -> Session {
        try Engine(EngineConfiguration(pluginDirectories: [plugins])).makeSession()
    }
}
