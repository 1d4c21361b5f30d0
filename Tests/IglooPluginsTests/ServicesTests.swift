// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Testing

@testable import IglooPlugins

/// Answers of services that cannot be right are errors at the border.
@Suite struct ServicesTests {
    private let folder: TemporaryFolder
    private let context = CallContext()

    init() throws {
        folder = try TemporaryFolder()
        _ = try PluginFixtures.compile(
            into: folder, name: "igloo-services.so", source: "services.c")
    }

    private func registry(_ text: String) throws -> PluginRegistry {
        PluginRegistry(
            manifest: try Manifest.parse("manifest = 1\n" + text, path: "\(folder.path)/m.toml"),
            directories: [folder.path])
    }

    private func store(_ fault: String = "") throws -> any MetadataStore {
        try #require(
            try registry("[metadata]\nstore = \"wrong\"\nfault = \"\(fault)\"")
                .openMetadataStore(context))
    }

    private func broken(_ body: () throws -> some Any, _ text: String) throws {
        let error = try failure(body)
        #expect(
            error.code == .internalError && error.message.contains(text)
                && error.origin == "services", "\(error)")
    }

    @Test func storesAreChecked() throws {
        func range(_ fault: String, _ keys: KeyRange = .all, limit: Int? = nil) throws
            -> KeyValuePage
        {
            try store(fault).range(
                keys, revision: nil, limit: limit, allowsStale: false, context)
        }
        #expect(try range("").items.map(\.key) == [[97], [98]])
        #expect(try range("no pointer").items.isEmpty)
        try broken({ try range("unsorted") }, "out of order")
        try broken({ try range("", .prefix([97])) }, "out of range")
        try broken({ try range("", limit: 1) }, "more keys")
        try broken({ try range("odd status") }, "status 77")
        try broken(
            { try store().commit(KeyValueTransaction(then: [.get(.key([97]))]), context) },
            "nobody asked for")
        try broken(
            { try store("no lease").grantLease(timeToLiveNanoseconds: 1, context) }, "lease 0")
        #expect(try store().renewLease(1, context) == 0)
        #expect(try failure { try store().revokeLease(1, context) }.code == .notFound)
    }

    @Test func watchesAreChecked() throws {
        func next(_ fault: String, _ keys: KeyRange = .all) throws -> KeyValuePage {
            try store(fault).watch(keys, from: nil, context).next(context)
        }
        #expect(try next("").items.count == 2)
        try broken({ try next("holes") }, "functions are missing")
        try broken({ try next("empty") }, "no event")
        try broken({ try next("unsorted") }, "out of order")
        try broken({ try next("from the future") }, "out of order")
        try broken({ try next("", .prefix([97])) }, "out of range")
    }

    @Test func cachesAreChecked() throws {
        func cache(_ fault: String = "") throws -> any Cache {
            try #require(
                try registry("[cache.c]\nuse = \"wrong\"\nfault = \"\(fault)\"")
                    .openCache("c", context))
        }
        let key = try #require(CacheKey([UInt8](repeating: 1, count: 32)))
        #expect(try cache().get(key, context) == nil)
        try broken({ try cache("hollow reader").get(key, context) }, "functions are missing")
        try broken(
            { try cache().put(key, schema: Schema([]), CacheProperties(), context) },
            "functions are missing")
        #expect(try cache().remove(.tag([1]), context) == 0)
        let usage = CacheUsage(byteCount: 5, byteCountMax: nil, entryCount: 1)
        #expect(try cache().usage() == usage)
        try broken({ try cache("negative").usage() }, "-1 bytes")
        let name = try failure { try registry("[cache.C]\nuse = \"wrong\"") }
        #expect(name.message.contains("cannot be called \"C\""), "\(name)")
    }

    @Test func transportsAreChecked() throws {
        func transport(_ fault: String = "") throws -> any Transport {
            try #require(
                try registry("[transport.t]\nuse = \"wrong\"\nfault = \"\(fault)\"")
                    .openTransport("t", context))
        }
        func receive(_ fault: String) throws -> Int? {
            try transport(fault).connect("x", context).openStream(hello: [], context)
                .receive(context)?.byteCount
        }
        #expect(try receive("") == 0)
        try broken({ try receive("no address") }, "at no address")
        try broken({ try receive("no memory") }, "at no address")
        try broken({ try transport("nowhere").listen("x", context) }, "not there")
        let listener = try transport().listen("x", context)
        try broken({ try listener.accept(context) }, "connection that is not there")
        let connection = try transport().connect("x", context)
        try broken({ try connection.takeStream(context) }, "stream that is not there")
        let stream = try connection.openStream(hello: [], context)
        #expect(
            try failure { try stream.receiveBatch(Schema([]), context) }.code == .unsupported)
    }

    @Test func frontEndsAreChecked() throws {
        func start(_ fault: String) throws -> [String: String] {
            let registry = try registry("[frontend.f]\nuse = \"wrong\"\nfault = \"\(fault)\"")
            let service = try #require(registry.manifest?.frontEnds.first)
            return try registry.openFrontEnd(service, context).start(NoEngine(), context)
        }
        #expect(try start("") == ["http": "127.0.0.1:80", "x": "y"])
        #expect(try start("wrong calls").count == 2)
        try broken({ try start("junk") }, "told its addresses")
        for junk in ["", "{", "[]", "{\"a\"}", "{\"a\":1}", "{\"a\":\"b\",}", "{\"a\":\"\\\"\"}"] {
            #expect(BoundAddresses.parse(junk) == nil, "\(junk)")
        }
        #expect(BoundAddresses.parse("{}") == [:])
    }

    /// Has nothing to give.
    private struct NoEngine: QueryEngine {
        func openSession(
            credentials: [UInt8], settings: [String: String], _ context: CallContext
        ) throws(IglooError) -> any QuerySession { throw IglooError(.unauthenticated, "nobody") }

        func cancel(queryId: String) throws(IglooError) {
            throw IglooError(.notFound, "no statement")
        }

        func status() throws(IglooError) -> EngineStatus {
            EngineStatus(uptimeNanoseconds: 0, sessionCount: 0, runningCount: 0, endedCount: 0)
        }
    }

    @Test func theManifestIsChecked() throws {
        let misspelt = try registry("[metadata]\nstore = \"wrong\"\nfalut = \"x\"")
        let problem = try #require(misspelt.problems().first)
        #expect(problem.message.contains("m.toml:4:9"), "\(problem)")
        #expect(problem.hint?.contains("fault") == true, "\(problem)")
        let missing = try registry("[metadata]\nstore = \"nothing\"").problems()
        #expect(missing.first?.message.contains("no plugin offers kv:nothing") == true)
        #expect(missing.first?.message.contains("m.toml:2:2: [metadata]:") == true, "\(missing)")
        let unsaid = try failure { try registry("[metadata]\nfault = \"x\"") }
        #expect(unsaid.hint?.contains("store = ") == true, "\(unsaid)")
        let explained = try registry("[metadata]\nstore = \"wrong\"\nfault = \"x\"")
            .explainService("metadata")
        #expect(explained?.kind == "kv wrong" && explained?.options.first?.value == "x")
        #expect(try registry("").openMetadataStore(context) == nil)
        #expect(try registry("").explainService("metadata") == nil)
    }
}
