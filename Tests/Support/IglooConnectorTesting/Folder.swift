// SPDX-License-Identifier: MIT

import Foundation

/// A folder for one test, gone with it.
public final class Folder {
    public let path: String

    public init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.resolvingSymlinksInPath().path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    public func write(_ name: String, _ content: String = "a\n1\n") throws -> String {
        try write(name, Array(content.utf8))
    }

    @discardableResult
    public func write(_ name: String, _ content: [UInt8]) throws -> String {
        let place = try makeRoom(name)
        try Data(content).write(to: URL(fileURLWithPath: place))
        return place
    }

    /// Copies a file here.
    @discardableResult
    public func copy(_ source: String, as name: String) throws -> String {
        let place = try makeRoom(name)
        try FileManager.default.copyItem(atPath: source, toPath: place)
        return place
    }

    private func makeRoom(_ name: String) throws -> String {
        let place = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (place as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        return place
    }
}
