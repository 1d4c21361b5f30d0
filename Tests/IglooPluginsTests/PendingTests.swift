// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooContracts
import Synchronization
import Testing

@testable import IglooPlugins

/// Calls that answer PENDING before they answer.
@Suite struct PendingTests {
    private let folder: TemporaryFolder
    private let context = CallContext()
    private let schema = Schema([Field("n", .int64)])

    init() throws {
        folder = try TemporaryFolder()
        _ = try PluginFixtures.compile(into: folder, name: "igloo-pending.so", source: "pending.c")
    }

    private func registry(_ text: String = "") throws -> PluginRegistry {
        PluginRegistry(
            manifest: try Manifest.parse("manifest = 1\n" + text, path: "\(folder.path)/m.toml"),
            directories: [folder.path])
    }

    private func transport(_ mode: String) throws -> any Transport {
        try #require(
            try registry("[transport.t]\nuse = \"pending\"\nmode = \"\(mode)\"")
                .openTransport("t", context))
    }

    private func watch(_ mode: String) throws -> any KeyValueWatch {
        let store = try #require(
            try registry("[metadata]\nstore = \"pending\"\nmode = \"\(mode)\"")
                .openMetadataStore(context))
        return try store.watch(.all, from: nil, context)
    }

    private func step(_ mode: String) throws -> any QueryOperator {
        try registry().operatorFactory(named: "pending", context)
            .bind(Array(mode.utf8), inputs: [schema], context)
    }

    private func batch(_ count: Int, released: (@Sendable () -> Void)? = nil) -> RecordBatch {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 8, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 1) * 8)
        // SAFETY: freed by the buffer's end alone.
        nonisolated(unsafe) let owned = memory
        let buffer = Buffer(unowned: memory, byteCount: count * 8) {
            owned.deallocate()
            released?()
        }
        return RecordBatch(
            schema: schema, columns: [ArrayData(type: .int64, count: count, buffers: [buffer])],
            rowCount: count)
    }

    @Test(arguments: ["thread", "early", "spurious", "late"])
    func callsAreRepeatedOnceWoken(_ mode: String) throws {
        let transport = try transport(mode)
        _ = try transport.listen("x", context).accept(context)
        let connection = try transport.connect("far", context)
        _ = try connection.takeStream(context)
        let stream = try connection.openStream(hello: [], context)
        for _ in 0..<3 {
            try stream.send([Buffer(copying: Array("ping".utf8))], isLast: false, context)
            #expect(try stream.receive(context)?.byteCount == 4)
        }
        #expect(try watch(mode).next(context).items.map(\.key) == [[97]])
        let step = try step(mode)
        try step.push(batch(3), input: 0, context)
        try step.push(batch(4), input: 0, context)
        try step.push(nil, input: 0, context)
        guard case .batch(let counted) = try step.next(context) else {
            Issue.record("no batch")
            return
        }
        #expect(counted.columns[0].scalar(at: 0) == .int(7))
    }

    @Test(arguments: ["never", "stubborn"])
    func whoIsNeverWokenCanBeCancelled(_ mode: String) throws {
        let token = CancellationToken()
        let context = CallContext(cancellation: token)
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.05)
            token.cancel()
        }
        let start = Date()
        let transport = try transport(mode)
        let step = try step(mode)
        let released = Counter()
        for error in [
            try failure { try transport.connect("far", context) },
            try failure { try watch(mode).next(context) },
            try failure {
                try step.push(batch(2, released: { released.add() }), input: 0, context)
            },
        ] {
            #expect(error.code == .cancelled, "\(error)")
            #expect((error.message == "the plugin was told") == (mode == "never"), "\(error)")
        }
        #expect(released.value == 1)
        #expect(Date().timeIntervalSince(start) < 2)
    }

    @Test func deadlinesEndTheWait() throws {
        let context = CallContext(
            deadlineNanoseconds: MonotonicClock.nanoseconds() + 50_000_000)
        let error = try failure { try transport("stubborn").connect("far", context) }
        #expect(error.code == .deadlineExceeded, "\(error)")
    }

    /// A caller with a waker of its own is told at once, and repeats the call itself.
    @Test(arguments: ["thread", "early", "spurious"])
    func callersBringWakers(_ mode: String) throws {
        let woken = DispatchSemaphore(value: 0)
        var context = CallContext()
        context.waker = Waker { woken.signal() }
        let transport = try transport(mode)
        var rounds = 0
        while true {
            do {
                _ = try transport.connect("far", context)
                break
            } catch {
                try #require(error.code == .pending, "\(error)")
                try #require(woken.wait(timeout: .now() + 5) == .success)
                rounds += 1
            }
        }
        #expect(rounds == (mode == "spurious" ? 5 : 1))
        let step = try step(mode)
        let released = Counter()
        let batch = batch(5, released: { released.add() })
        #expect(try failure { try step.push(batch, input: 0, context) }.code == .pending)
        #expect(released.value == 0)
        for _ in 0..<5 where (try? step.push(batch, input: 0, context)) != nil { break }
        withExtendedLifetime(batch) {}
    }

    @Test func pendingWithoutAWakerIsRefused() throws {
        let wanted = "answered PENDING to a call that brings no waker"
        let transport = try transport("uninvited")
        let context = CallContext(
            deadlineNanoseconds: MonotonicClock.nanoseconds() + 50_000_000)
        // Where it may be pending there always is a waker.
        #expect(try failure { try transport.connect("far", context) }.code == .deadlineExceeded)
        let store = try #require(
            try registry("[metadata]\nstore = \"pending\"").openMetadataStore(context))
        for error in [
            try failure {
                try store.range(
                    .all, revision: nil, limit: nil, allowsStale: false, CallContext())
            },
            try failure { try step("thread").spill(byteCount: 1, CallContext()) },
        ] {
            #expect(error.code == .internalError && error.message.contains(wanted), "\(error)")
            #expect(error.origin == "pending")
        }
    }

    /// Both halves in Swift: the author throws `pending()`.
    @Test func operatorsInSwiftPend() throws {
        let step = try PluginFixtures.memoryRegistry().operatorFactory(named: "reversed", context)
            .bind(Array("pending".utf8), inputs: [schema], context)
        try step.push(batch(3), input: 0, context)
        var own = CallContext()
        let woken = Counter()
        own.waker = Waker { woken.add() }
        let second = batch(2)
        #expect(try failure { try step.push(second, input: 0, own) }.code == .pending)
        #expect(woken.value == 1)
        try step.push(second, input: 0, own)
        try step.push(nil, input: 0, context)
        var counts: [Int] = []
        while case .batch(let batch) = try step.next(context) { counts.append(batch.rowCount) }
        #expect(counts == [2, 3])
    }

    private final class Counter: Sendable {
        private let count = Atomic<Int>(0)
        var value: Int { count.load(ordering: .acquiring) }
        func add() { count.wrappingAdd(1, ordering: .acquiringAndReleasing) }
    }
}
