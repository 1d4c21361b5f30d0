// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import IglooPlugins
import SQLiteMetadataStore
import Testing

/// Which side of the border a store is tested from.
enum Border: CaseIterable {
    case linked, loaded
}

/// A folder with a store's file, removed with the test.
final class StoreFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Opens the store's file once more.
    func open(
        _ border: Border, _ name: String = "store.db", history: Int64 = 10_000
    ) throws -> any MetadataStore {
        switch border {
        case .linked:
            return try sqliteMetadataStore.create(
                OptionValues([
                    "path": .string("\(path)/\(name)"), "history": .integer(history),
                    "durability": .string("normal"), "busy_timeout": .integer(10_000_000_000),
                    "poll_interval": .integer(20_000_000),
                ]), CallContext())
        case .loaded:
            let manifest = try Manifest.parse(
                """
                manifest = 1
                [metadata]
                store = "sqlite"
                path = "\(name)"
                history = \(history)
                durability = "normal"
                poll_interval = "20ms"
                """, path: "\(path)/igloo.toml")
            let registry = PluginRegistry(manifest: manifest, directories: [Self.plugins])
            return try #require(try registry.openMetadataStore(CallContext()))
        }
    }

    /// Where the plugins are that were built beside the tests.
    static var plugins: String {
        let executable =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: executable).deletingLastPathComponent().path
        if FileManager.default.fileExists(atPath: "\(beside)/libigloo-sqlite-metadata.so") {
            return beside
        }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path + "/.build/debug"
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension MetadataStore {
    @discardableResult
    func put(_ key: String, _ value: String, lease: Int64 = 0) throws -> Int64 {
        try commit(
            KeyValueTransaction(then: [.put(key: bytes(key), value: bytes(value), lease: lease)]),
            CallContext()
        ).revision
    }

    func get(_ key: String) throws -> KeyValueItem? {
        try range(
            .key(bytes(key)), revision: nil, limit: nil, allowsStale: false, CallContext()
        ).items.first
    }

    /// Keys and values as text: `a=1 b=2`.
    func text(_ keys: KeyRange = .all, at revision: Int64? = nil) throws -> String {
        try range(keys, revision: revision, limit: nil, allowsStale: false, CallContext())
            .items.map {
                "\(String(decoding: $0.key, as: UTF8.self))=\(String(decoding: $0.value, as: UTF8.self))"
            }
            .joined(separator: " ")
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
