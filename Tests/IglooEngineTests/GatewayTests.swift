// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooContracts
import IglooEngine
import IglooPlugins
import Testing

/// What a front end's call says of itself reaches the plugins that its statement asks.
@Suite(.serialized) struct GatewayTests {
    private static let calls = Result { try CompiledPlugin.folder("calls.c", id: "calls") }
    private static let pending = Result { try CompiledPlugin.folder("pending.c", id: "pending") }

    private func gateway() throws -> EngineGateway {
        EngineGateway(
            try Engine(
                EngineConfiguration(
                    pluginDirectories: [try Self.calls.get(), try Self.pending.get()])))
    }

    private func failure(_ body: () throws -> Void) throws -> IglooError {
        do { try body() } catch let error as IglooError { return error }
        Issue.record("no error was thrown")
        throw CancellationError()
    }

    private func run(_ sql: String, _ context: CallContext, _ gateway: EngineGateway) throws {
        let session = try gateway.openSession(credentials: [], settings: [:], context)
        let statement = try session.prepare(sql, CallContext())
        guard case .rows(let rows) = try statement.execute(nil, context) else { return }
        while try rows.next(context) != nil {}
    }

    @Test func contextsArePassedOn() throws {
        let lines = Locked<[String]>([])
        PluginLog.send { line in
            if line.target == "calls/test" { lines.withLock { $0.append(line.message) } }
        }
        defer { PluginLog.send { _ in } }
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        var context = CallContext(deadlineNanoseconds: 1 << 61, queryId: "web-1", user: "ada")
        context.trace = try #require(TraceContext(header: header))
        let error = try failure {
            try run("SELECT 1 FROM calls((SELECT 1 AS a))", context, gateway())
        }
        #expect(error.message == "next" && error.origin == "calls", "\(error)")
        let seen = lines.withLock { $0 }
        let wanted = " user=ada deadline=\(1 << 61) trace=\(header.dropFirst(3).dropLast(3))"
        #expect(seen.contains { $0.hasPrefix("next ") && $0.hasSuffix(wanted) }, "\(seen)")
    }

    /// Also while the engine is at work on `execute`.
    @Test func cancellationsAreFollowed() throws {
        let token = CancellationToken()
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.2)
            token.cancel()
        }
        let start = Date()
        let error = try failure {
            try run(
                "CREATE TABLE t AS SELECT * FROM pending((SELECT 1), 'stubborn')",
                CallContext(cancellation: token), gateway())
        }
        #expect(error.code == .cancelled, "\(error)")
        #expect(Date().timeIntervalSince(start) < 3)
    }

    @Test func deadlinesHold() throws {
        let soon = CallContext(
            deadlineNanoseconds: MonotonicClock.nanoseconds() + 200_000_000)
        let error = try failure {
            try run("SELECT * FROM pending((SELECT 1), 'stubborn')", soon, gateway())
        }
        #expect(error.sqlState == .queryCanceled, "\(error)")
    }
}
