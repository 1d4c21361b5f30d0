// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts
import IglooSDK
import Synchronization
import Testing

/// What a plugin in Swift answers to a host that does not keep to the rules.
@Suite(.serialized) struct ExportTests {
    /// A connector of one column, which tells the request it saw.
    private struct EchoConnector: Connector {
        func listSchemas(_ context: CallContext) throws(IglooError) -> [String] { ["a", "b"] }

        func listTables(
            schema: String, prefix: String, _ context: CallContext
        ) throws(IglooError) -> [TableListing] { [] }

        func openTable(
            schema: String, name: String, _ context: CallContext
        ) throws(IglooError) -> OpenedTable {
            OpenedTable(handle: [], schema: Schema([Field("x", .int32)]))
        }

        func plan(
            _ request: ScanRequest, _ context: CallContext
        ) throws(IglooError) -> ScanAnswer {
            // Forgets the conjuncts, as a careless author might.
            var answer = ScanAnswer(
                schema: Schema([Field("x", .int32)]), handle: [], conjunctCount: 0)
            answer.remoteText =
                "\(request.aggregates.count) \(request.sort.count) \(request.limit ?? -1)"
            return answer
        }

        func splits(
            handle: [UInt8], targetByteCount: Int, _ context: CallContext
        ) throws(IglooError) -> any SplitSource { ArraySplitSource([]) }

        func open(
            handle: [UInt8], split: [UInt8], _ context: CallContext
        ) throws(IglooError) -> any BatchReader {
            ArrayBatchReader(schema: Schema([]), batches: [])
        }

        func ping(_ context: CallContext) throws(IglooError) {
            context.notices.add(Notice("2 rows skipped"))
            context.notices.add(Notice("ä", hint: "look there"))
        }
    }

    private static let lines = Mutex<[String]>([])

    private static let kind = ConnectorKind(name: "echo", options: []) { _, _ in EchoConnector() }

    // SAFETY: never changed; plugins keep the address as long as the process lives.
    private nonisolated(unsafe) static let host: UnsafePointer<igloo_host> = {
        let host = UnsafeMutablePointer<igloo_host>.allocate(capacity: 1)
        host.initialize(
            to: igloo_host(
                epoch: IGLOO_EPOCH, minor: IGLOO_MINOR,
                log: { level, target, message in
                    let line = "\(level) \(String(target)): \(String(message))"
                    ExportTests.lines.withLock { $0.append(line) }
                }, reserve: nil, facet: nil))
        return UnsafePointer(host)
    }()

    private func plugin() throws -> igloo_plugin {
        let description = PluginDescription(id: "echo", version: "1", kinds: [Self.kind])
        var error = igloo_error()
        return try #require(PluginExport.enter(description, Self.host, &error)).pointee
    }

    private func instance() throws -> (igloo_connector, UnsafeMutableRawPointer, igloo_kind) {
        let plugin = try plugin()
        let kind = try #require(plugin.kinds)
        var instance: UnsafeMutableRawPointer?
        var error = igloo_error()
        #expect(kind.pointee.create(kind, nil, 0, nil, &instance, &error) == IGLOO_OK)
        let table = kind.pointee.vtable.assumingMemoryBound(to: igloo_connector.self).pointee
        return (table, try #require(instance), kind.pointee)
    }

    @Test func refusesWithoutNoteOrHost() throws {
        var error = igloo_error()
        #expect(PluginExport.enter(Self.host, &error, kinds: []) == nil)
        #expect(String(error.message).contains("note"))
        error.release?(&error)
        #expect(error.release == nil)
        let description = PluginDescription(id: "echo", version: "1", kinds: [])
        #expect(PluginExport.enter(description, nil, nil) == nil)
    }

    @Test func describesItselfTheSameEachTime() throws {
        let first = try plugin()
        #expect(String(first.id) == "echo" && first.n_kinds == 1)
        #expect(try plugin().kinds == first.kinds)
    }

    @Test func missingPlacesAreErrors() throws {
        let (table, instance, kind) = try instance()
        let nothing = igloo_str()
        var error = igloo_error()
        let statuses = [
            table.list(instance, nil, 1, nothing, nothing, nil, &error),
            table.list(instance, nil, 99, nothing, nothing, nil, nil),
            table.open_table(instance, nil, nothing, nothing, nil, nil, nil),
            table.plan(instance, nil, nil, nil, nil, nil),
            table.splits(instance, nil, igloo_bytes(), 0, nil, nil),
            table.open(instance, nil, igloo_bytes(), igloo_bytes(), nil, nil),
            table.ping(nil, nil, nil),
        ]
        for status in statuses { #expect(status < 0) }
        error.release?(&error)
        #expect(table.ping(instance, nil, nil) == IGLOO_OK)
        kind.destroy(instance)
    }

    private func plan(_ request: igloo_scan_request) throws -> (igloo_status, String) {
        let (table, instance, kind) = try instance()
        defer { kind.destroy(instance) }
        var request = request
        var schema = ArrowSchema()
        var answer = igloo_scan_answer()
        var error = igloo_error()
        let status = table.plan(instance, nil, &request, &schema, &answer, &error)
        let text = status == IGLOO_OK ? String(answer.remote_text) : String(error.message)
        answer.release?(&answer)
        schema.release?(&schema)
        error.release?(&error)
        return (status, text)
    }

    @Test func noticesAreWarningsUnderTheQuerysName() throws {
        let (table, instance, kind) = try instance()
        defer { kind.destroy(instance) }
        let arena = Arena()
        var context = igloo_ctx()
        context.query_id = arena.str("q-7")
        Self.lines.withLock { $0 = [] }
        #expect(table.ping(instance, &context, nil) == IGLOO_OK)
        #expect(table.ping(instance, nil, nil) == IGLOO_OK)
        withExtendedLifetime(arena) {}
        #expect(
            Self.lines.withLock { $0 } == [
                "2 echo/q-7: 2 rows skipped", "2 echo/q-7: ä\nHINT: look there",
                "2 echo: 2 rows skipped", "2 echo: ä\nHINT: look there",
            ])
    }

    @Test func malformedExpressionsAreInvalid() throws {
        let arena = Arena()
        var request = igloo_scan_request()
        request.limit = -1
        request.exprs = arena.bytes([1, 2, 3])
        #expect(try plan(request).0 == IGLOO_E_INVALID)
        request.exprs = igloo_bytes()
        request.conjuncts = UnsafePointer(arena.array([UInt32(0)]))
        request.n_conjuncts = 1
        #expect(try plan(request).0 == IGLOO_E_INVALID)
        withExtendedLifetime(arena) {}
    }

    @Test func stepsOfALaterMinorAreLeftOut() throws {
        let arena = Arena()
        var encoder = ExpressionEncoder()
        let result = encoder.append(type: .int64)
        var aggregate = igloo_agg(
            fn: 2, distinct: 0, pad: 0, filter: UInt32.max, result: result, n_args: 0, args: nil)
        var request = igloo_scan_request()
        request.exprs = arena.bytes(encoder.finish())
        request.limit = 5
        request.agg_mode = 1
        request.aggs = UnsafePointer(arena.array([aggregate]))
        request.n_aggs = 1
        #expect(try plan(request).1 == "1 0 5")
        aggregate.fn = 4711
        request.aggs = UnsafePointer(arena.array([aggregate]))
        #expect(try plan(request).1 == "0 0 -1")
        request.n_aggs = 0
        request.agg_mode = 4711
        #expect(try plan(request).1 == "0 0 -1")
        withExtendedLifetime(arena) {}
    }

    @Test func anAnswerThatForgetsConjunctsIsADefect() throws {
        let arena = Arena()
        var encoder = ExpressionEncoder()
        let root = encoder.append(.column(0, .bool))
        var request = igloo_scan_request()
        request.limit = -1
        request.exprs = arena.bytes(encoder.finish())
        request.conjuncts = UnsafePointer(arena.array([root]))
        request.n_conjuncts = 1
        let (status, message) = try plan(request)
        #expect(status == IGLOO_E_INTERNAL)
        #expect(message.contains("0 of 1 conjuncts"))
        withExtendedLifetime(arena) {}
    }

    @Test func errorsKeepTheirParts() {
        var wire = igloo_error()
        let error = IglooError(
            .notFound, "no ä", hint: "look elsewhere", sqlState: .undefinedTable, isRetryable: true)
        #expect(error.write(to: &wire) == IGLOO_E_NOT_FOUND)
        let back = IglooError(taking: &wire, status: wire.code, origin: "echo")
        #expect(back.message == error.message && back.hint == error.hint)
        #expect(back.sqlState == error.sqlState && back.isRetryable && back.origin == "echo")
        #expect(wire.release == nil)
        // A code that is none, and a state that is none.
        var odd = igloo_error()
        #expect(IglooError(.init(rawValue: 5), "x").write(to: &odd) == IGLOO_E_INTERNAL)
        odd.release?(&odd)
        odd = igloo_error()
        odd.sqlstate.0 = 33
        #expect(
            IglooError(taking: &odd, status: -3, origin: "x").sqlState == .invalidParameterValue)
    }
}
