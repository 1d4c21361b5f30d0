// SPDX-License-Identifier: MIT

import Dispatch
import Foundation
import IglooArrow
import IglooContracts
import IglooEngine
import Testing

/// The engine as front ends see it: who asks is obeyed, also when a plugin is not.
@Suite struct GatewayCancellationTests {
    private let gateway: EngineGateway
    private static let folder = Result {
        try CompiledPlugin.folder("functions.c", id: "cfunctions")
    }
    /// Asks the plugin for twenty seconds before it runs.
    private static let slowToPlan = "SELECT * FROM upto(hangs_when_planned(3)) AS u"
    private static let endless =
        "SELECT count(*) FROM generate_series(1, 100000000000) AS a(x) WHERE x % 7 = 3"

    init() throws {
        gateway = EngineGateway(
            try Engine(
                EngineConfiguration(pluginDirectories: [try Self.folder.get()], threadCount: 2)))
    }

    private func open() throws -> any QuerySession {
        try gateway.openSession(credentials: [], settings: [:], CallContext())
    }

    /// Fails with this code, within the seconds.
    private func expect(
        _ code: IglooError.Code, within seconds: Double,
        sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) {
        let start = DispatchTime.now()
        do {
            try body()
            Issue.record("it did not fail", sourceLocation: sourceLocation)
        } catch {
            #expect(
                (error as? IglooError)?.code == code, "\(error)", sourceLocation: sourceLocation)
        }
        let taken = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
        #expect(taken < seconds, "\(taken) s", sourceLocation: sourceLocation)
    }

    private func deadline(_ seconds: Double) -> Int64 {
        Int64(DispatchTime.now().uptimeNanoseconds) + Int64(seconds * 1e9)
    }

    private func waitUntil(_ isTrue: () throws -> Bool) throws {
        for _ in 0..<500 {
            if try isTrue() { return }
            Thread.sleep(forTimeInterval: 0.02)
        }
        Issue.record("it did not come to that within ten seconds")
    }

    @Test func whatIsPreparedIsCancelledByItsName() throws {
        let session = try open()
        Thread.detachNewThread { [gateway] in
            while (try? gateway.cancel(queryId: "slow")) == nil {
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
        expect(.cancelled, within: 12) {
            _ = try session.prepare(Self.slowToPlan, CallContext(queryId: "slow"))
        }
        expect(.notFound, within: 1) { try gateway.cancel(queryId: "slow") }
        let status = try gateway.status()
        #expect(status.runningCount == 0 && status.endedCount == 1, "\(status)")
        // The session goes on.
        let statement = try session.prepare("SELECT 1 AS a", CallContext(queryId: "slow"))
        #expect(try gateway.status().runningCount == 0)
        #expect(statement.columns.fields.map(\.name) == ["a"])
    }

    @Test func oneNameIsOfOneStatement() throws {
        let first = try open()
        let context = CallContext(queryId: "one")
        let statement = try first.prepare(Self.endless, context)
        guard case .rows(let reader) = try statement.execute(nil, context) else { return }
        let second = try open()
        expect(.alreadyExists, within: 1) { _ = try second.prepare("SELECT 1", context) }
        try gateway.cancel(queryId: "one")
        expect(.cancelled, within: 5) { _ = try reader.next(CallContext()) }
        _ = try second.prepare("SELECT 1", context)
    }

    @Test func callersAreObeyedWhilePluginsAreNot() throws {
        let session = try open()
        let cancelled = CallContext()
        cancelled.cancellation.cancel()
        expect(.cancelled, within: 12) { _ = try session.prepare(Self.slowToPlan, cancelled) }
        expect(.deadlineExceeded, within: 12) {
            _ = try session.prepare(
                Self.slowToPlan, CallContext(deadlineNanoseconds: deadline(0.2)))
        }
    }

    @Test func deadlinesOfCallersAreKept() throws {
        let session = try open()
        let statement = try session.prepare(Self.endless, CallContext())
        let late = CallContext(deadlineNanoseconds: deadline(0.3))
        guard case .rows(let reader) = try statement.execute(nil, late) else { return }
        expect(.deadlineExceeded, within: 5) { _ = try reader.next(CallContext()) }
        guard case .rows(let other) = try statement.execute(nil, CallContext()) else { return }
        expect(.deadlineExceeded, within: 5) {
            _ = try other.next(CallContext(deadlineNanoseconds: deadline(0.3)))
        }
        let insert = try session.prepare(
            "CREATE TABLE t AS \(Self.endless)", CallContext())
        expect(.deadlineExceeded, within: 5) {
            _ = try insert.execute(nil, CallContext(deadlineNanoseconds: deadline(0.3)))
        }
        try waitUntil { try gateway.status().runningCount == 0 }
    }

    /// The flag that a statement was executed with counts as long as its rows are read.
    @Test func flagsOfCallersAreKept() throws {
        let session = try open()
        let statement = try session.prepare(Self.endless, CallContext())
        let context = CallContext()
        guard case .rows(let reader) = try statement.execute(nil, context) else { return }
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.2)
            context.cancellation.cancel()
        }
        expect(.cancelled, within: 5) { _ = try reader.next(CallContext()) }
    }
}
