// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Testing

@testable import IglooPlugins

/// Whose call it is, until when, and what it may hold comes across with every call of every kind; so
/// do errors, logs and metrics, the other way.
@Suite(.serialized) struct CallContextTests {
    private let folder: TemporaryFolder
    private let memory = CountedMemory()
    private let context: CallContext
    private let schema = Schema([])

    private static let trace = TraceContext(
        header: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")

    init() throws {
        folder = try TemporaryFolder()
        _ = try PluginFixtures.compile(into: folder, name: "igloo-calls.so", source: "calls.c")
        var context = CallContext(
            deadlineNanoseconds: 1 << 60, queryId: "q7", user: "ada", memory: memory)
        context.trace = try #require(Self.trace)
        self.context = context
    }

    private func registry(_ text: String = "") throws -> PluginRegistry {
        PluginRegistry(
            manifest: try Manifest.parse("manifest = 1\n" + text, path: "\(folder.path)/m.toml"),
            directories: [folder.path])
    }

    private func batch() -> RecordBatch { RecordBatch(schema: schema, columns: [], rowCount: 1) }

    /// Runs `body` and tells which calls the plugin saw, all of them with the whole context.
    private func calls(_ body: () throws -> Void) throws -> [String] {
        let lines = Locked<[String]>([])
        PluginLog.send { line in
            if line.target == "calls/test" { lines.withLock { $0.append(line.message) } }
        }
        defer { PluginLog.send { _ in } }
        try body()
        let wanted =
            " query=q7 user=ada deadline=\(1 << 60) "
            + "trace=4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"
        return lines.withLock { $0 }.map { line in
            line.hasSuffix(wanted) ? String(line.dropLast(wanted.count)) : "?\(line)"
        }
    }

    private func refused(_ call: String, _ body: () throws -> some Any) throws {
        let error = try failure(body)
        #expect(error.code == .unsupported && error.message == call && error.origin == "calls")
        #expect(
            error.sqlState.rawValue == "0A0AA" && error.hint == "look elsewhere"
                && error.isRetryable, "\(error)")
    }

    private func expectNothingHeld(_ most: Int = 1_000) {
        #expect(memory.state.withLock { $0.held } == 0)
        #expect(memory.state.withLock { $0.most } >= most)
    }

    @Test func functions() throws {
        let seen = try calls {
            let library = try registry().functionLibrary(named: "calls", context)
            guard case .scalar(let scalar) = try library.bind(0, [], context),
                case .aggregate(let aggregate) = try library.bind(1, [], context),
                case .table(let table) = try library.bind(2, [], context)
            else {
                Issue.record("bound as something else")
                return
            }
            try refused("scalar") { try scalar.evaluate(batch(), context) }
            try refused("table") { try table.open(batch(), context) }
            let state = try aggregate.makeState(context)
            #expect(memory.state.withLock { $0.held } == 1_000)
            try refused("agg_update") {
                try state.update(batch(), groups: [0], groupCount: 1, context)
            }
            try refused("agg_emit") { try state.results(context) }
            // What a state reserves stays its own until its end.
            #expect(memory.state.withLock { $0.held } == 3_000)
        }
        #expect(
            seen == [
                "create", "bind", "bind", "bind", "scalar", "table", "agg_new", "agg_update",
                "agg_emit",
            ])
        expectNothingHeld(3_000)
    }

    @Test func operators() throws {
        let seen = try calls {
            let step = try registry().operatorFactory(named: "calls", context)
                .bind([], inputs: [schema], context)
            try refused("push") { try step.push(batch(), input: 0, context) }
            try refused("push") { try step.push(nil, input: 0, context) }
            try refused("next") { try step.next(context) }
            try refused("spill") { try step.spill(byteCount: 1, context) }
            #expect(memory.state.withLock { $0.held } == 5_000)
        }
        #expect(seen == ["create", "bind", "push", "push", "next", "spill"])
        expectNothingHeld(5_000)
    }

    @Test func metadataStores() throws {
        let seen = try calls {
            let store = try #require(
                try registry("[metadata]\nstore = \"calls\"").openMetadataStore(context))
            try refused("range") {
                try store.range(.all, revision: nil, limit: nil, allowsStale: true, context)
            }
            try refused("txn") { try store.commit(KeyValueTransaction(then: []), context) }
            try refused("lease") { try store.grantLease(timeToLiveNanoseconds: 1, context) }
            try refused("lease") { try store.renewLease(1, context) }
            try refused("revoke") { try store.revokeLease(1, context) }
            let watch = try store.watch(.all, from: nil, context)
            try refused("events") { try watch.next(context) }
            #expect(memory.state.withLock { $0.held } == 2_000)
        }
        #expect(
            seen == [
                "create", "range", "txn", "lease", "lease", "revoke", "watch", "events",
            ])
        expectNothingHeld(2_000)
    }

    @Test func caches() throws {
        let seen = try calls {
            let cache = try #require(
                try registry("[cache.c]\nuse = \"calls\"").openCache("c", context))
            let key = try #require(CacheKey([UInt8](repeating: 1, count: 32)))
            try refused("get") { try cache.get(key, context) }
            try refused("remove") { try cache.remove(.key(key), context) }
            let sink = try cache.put(key, schema: schema, CacheProperties(), context)
            try refused("write") { try sink.write(batch(), context) }
            try refused("finish") { try sink.finish(context) }
            #expect(memory.state.withLock { $0.held } == 3_000)
        }
        #expect(seen == ["create", "get", "remove", "put", "write", "finish"])
        expectNothingHeld(3_000)
    }

    @Test func transports() throws {
        let seen = try calls {
            let transport = try #require(
                try registry("[transport.t]\nuse = \"calls\"").openTransport("t", context))
            try refused("accept") { try transport.listen("x", context).accept(context) }
            let connection = try transport.connect("x", context)
            try refused("take") { try connection.takeStream(context) }
            let stream = try connection.openStream(hello: [], context)
            try refused("send") { try stream.send([], isLast: true, context) }
            try refused("recv") { try stream.receive(context) }
        }
        #expect(
            seen == ["create", "listen", "accept", "connect", "take", "open", "send", "recv"])
        expectNothingHeld()
    }

    @Test func secrets() throws {
        let seen = try calls {
            let provider = try registry().secretProviderKind(ofPlugin: "calls")
                .create(OptionValues(), context)
            try refused("fetch") { try provider.fetch("x", context) }
        }
        #expect(seen == ["create", "fetch"])
        expectNothingHeld()
    }

    /// A front end's own calls bring theirs to the engine.
    @Test func frontEnds() throws {
        let engine = SeeingEngine()
        let seen = try calls {
            let registry = try registry("[frontend.f]\nuse = \"calls\"")
            let service = try #require(registry.manifest?.frontEnds.first)
            let frontEnd = try registry.openFrontEnd(service, context)
            let error = try failure { try frontEnd.start(engine, context) }
            #expect(
                error.code == .unauthenticated && error.message == "nobody"
                    && error.hint == "show a card", "\(error)")
            try refused("drain") { try frontEnd.drain(context) }
        }
        #expect(seen == ["create", "start", "drain"])
        let own = try #require(engine.seen.withLock { $0 })
        #expect(own.queryId == "q7" && own.user == "ada" && own.trace == Self.trace)
        #expect(own.deadlineNanoseconds == 1 << 60)
        context.cancellation.cancel()
        #expect(own.cancellation.isCancelled)
        expectNothingHeld()
    }

    @Test func metricsAreKept() throws {
        func metric(_ name: String) -> PluginMetrics.Metric? {
            PluginMetrics.all.first { $0.plugin == "calls" && $0.name == name }
        }
        let before = metric("calls")?.value ?? 0
        _ = try registry().operatorFactory(named: "calls", context)
        #expect(metric("calls")?.value == before + 1)
        #expect(metric("calls")?.isSum == true)
        #expect(metric("last")?.value == 6 && metric("last")?.isSum == false)
        #expect(PluginMetrics.all.filter { $0.plugin == "calls" }.count == 2)
    }

    @Test func tracesAreRead() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(TraceContext(header: good)?.spanId == 0x00f0_67aa_0ba9_02b7)
        #expect(TraceContext(header: "cc" + good.dropFirst(2) + "-more") != nil)
        for bad in [
            "", "00", "ff" + good.dropFirst(2), good + "-more", good.uppercased(),
            "00-" + String(repeating: "0", count: 32) + "-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            #expect(TraceContext(header: String(bad)) == nil, "\(bad)")
        }
    }

    private final class CountedMemory: MemoryAccount {
        let state = Locked((held: 0, most: 0))

        func reserve(_ byteCount: Int) throws(IglooError) {
            state.withLock { state in
                state.held += byteCount
                state.most = max(state.most, state.held)
            }
        }
    }

    private final class SeeingEngine: QueryEngine {
        let seen = Locked<CallContext?>(nil)

        func openSession(
            credentials: [UInt8], settings: [String: String], _ context: CallContext
        ) throws(IglooError) -> any QuerySession {
            seen.withLock { $0 = context }
            throw IglooError(.unauthenticated, "nobody", hint: "show a card")
        }

        func cancel(queryId: String) throws(IglooError) {}

        func status() throws(IglooError) -> EngineStatus {
            EngineStatus(uptimeNanoseconds: 0, sessionCount: 0, runningCount: 0, endedCount: 0)
        }
    }
}
