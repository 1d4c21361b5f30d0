// SPDX-License-Identifier: MIT

public import Foundation
public import IglooContracts
public import IglooEngine

/// Where the tests find what they read.
public enum Places {
    public static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Corpora of others beside the repository (`IGLOO_SHARED`, else `../shared`), if they are there.
    public static let corpora: String? = {
        let shared =
            ProcessInfo.processInfo.environment["IGLOO_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? root.deletingLastPathComponent().appendingPathComponent("shared")
        let path = shared.appendingPathComponent("corpora").path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    /// The plugins stand beside the program that runs the tests.
    public static let plugins: String = {
        let program =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: program).deletingLastPathComponent().path
        return FileManager.default.fileExists(atPath: beside + "/libigloo-csv.so")
            ? beside : root.appendingPathComponent(".build/debug").path
    }()

    public static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    public static func makeEngine() throws(IglooError) -> Engine {
        try Engine(EngineConfiguration(pluginDirectories: [plugins]))
    }

    public static func makeSession() throws(IglooError) -> Session {
        try makeEngine().makeSession()
    }
}
