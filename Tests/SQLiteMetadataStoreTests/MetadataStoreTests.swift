// SPDX-License-Identifier: MIT

import Dispatch
import Foundation
import IglooContracts
import Testing

/// The contract of metadata stores, on both sides of the border.
@Suite struct MetadataStoreTests {
    private let folder: StoreFolder
    private let context = CallContext()

    init() throws { folder = try StoreFolder() }

    @Test(arguments: Border.allCases)
    func keysAreOrderedByTheirBytes(_ border: Border) throws {
        let store = try folder.open(border)
        let keys: [[UInt8]] = [
            [0], [0, 0], [1], [127], [128], [255], [255, 255], bytes("ä"), bytes("a"),
        ]
        for key in keys.shuffled() {
            _ = try store.commit(
                KeyValueTransaction(then: [.put(key: key, value: key + [0])]), context)
        }
        let sorted = keys.sorted { $0.lexicographicallyPrecedes($1) }
        let all = try store.range(.all, revision: nil, limit: nil, allowsStale: false, context)
        #expect(all.items.map(\.key) == sorted && all.revision == Int64(keys.count))
        #expect(all.items.allSatisfy { $0.value == $0.key + [0] && !all.hasMore })
        // In pages, at one revision, while others write.
        var pages: [[UInt8]] = []
        var from: [UInt8] = [0]
        while true {
            let page = try store.range(
                .from(from, end: nil), revision: all.revision, limit: 2, allowsStale: false, context
            )
            pages += page.items.map(\.key)
            try store.put("later", "x")
            guard page.hasMore, let last = page.items.last else { break }
            from = last.key + [0]
        }
        #expect(pages == sorted)
        #expect(
            try store.range(
                .prefix([255]), revision: all.revision, limit: nil, allowsStale: true, context
            ).items.map(\.key) == [[255], [255, 255]])
        for empty in [KeyRange.from([9], end: [9]), .from([9], end: []), .from([0], end: [0])] {
            #expect(
                try store.range(empty, revision: nil, limit: nil, allowsStale: false, context)
                    .items.isEmpty)
        }
    }

    @Test(arguments: Border.allCases)
    func transactionsAreWhole(_ border: Border) throws {
        let store = try folder.open(border)
        try store.put("a", "1")
        let moved = try store.commit(
            KeyValueTransaction(
                when: [
                    KeyValueComparison(bytes("a"), .equal, .value(bytes("1"))),
                    KeyValueComparison(bytes("a"), .greater, .created(0)),
                    KeyValueComparison(bytes("a"), .less, .modified(2)),
                    KeyValueComparison(bytes("b"), .equal, .created(0)),
                    KeyValueComparison(bytes("b"), .notEqual, .value([0])),
                ],
                then: [
                    .put(key: bytes("b"), value: bytes("2")), .get(.prefix([])),
                    .delete(.key(bytes("a"))), .get(.all),
                ], otherwise: [.put(key: bytes("never"), value: [])]), context)
        #expect(moved.succeeded && moved.revision == 2)
        // Each step sees what those before it did.
        #expect(moved.items.map(\.key) == [bytes("a"), bytes("b"), bytes("b")])
        #expect(try store.text() == "b=2")
        let refused = try store.commit(
            KeyValueTransaction(
                when: [KeyValueComparison(bytes("a"), .greater, .created(0))],
                then: [.delete(.all)], otherwise: [.get(.key(bytes("b")))]), context)
        #expect(!refused.succeeded && refused.items.first?.value == bytes("2"))
        #expect(refused.revision == 2, "a transaction that writes nothing has no revision")
        // An error leaves nothing.
        let twice = try failure {
            try store.commit(
                KeyValueTransaction(then: [
                    .put(key: bytes("c"), value: []), .put(key: bytes("c"), value: [1]),
                ]), context)
        }
        #expect(twice.code == .invalidArgument && twice.message.contains("\"c\" twice"))
        let lease = try failure { try store.put("c", "x", lease: 4711) }
        #expect(lease.code == .notFound, "\(lease)")
        #expect(try store.text() == "b=2")
        #expect(try store.text(at: 1) == "a=1")
    }

    @Test(arguments: Border.allCases)
    func hostileArgumentsAreErrors(_ border: Border) throws {
        let store = try folder.open(border)
        try store.put("a", "1")
        let empty = try failure {
            try store.commit(KeyValueTransaction(then: [.put(key: [], value: [])]), context)
        }
        #expect(empty.code == .invalidArgument)
        let future = try failure { try store.text(at: 99) }
        #expect(future.code == .outOfRange, "\(future)")
        for lifetime in [0, -1, Int64.min] {
            let error = try failure {
                try store.grantLease(timeToLiveNanoseconds: lifetime, context)
            }
            #expect(error.code == .invalidArgument)
        }
        // The longest there can be does not overflow.
        let longest = try store.grantLease(timeToLiveNanoseconds: .max, context)
        #expect(try store.renewLease(longest, context) == .max)
        for lease in [0, -1, Int64.max] {
            #expect(try failure { try store.renewLease(lease, context) }.code == .notFound)
            #expect(try failure { try store.revokeLease(lease, context) }.code == .notFound)
        }
        let large = [UInt8](repeating: 7, count: 3 << 20)
        _ = try store.commit(
            KeyValueTransaction(then: [.put(key: bytes("big"), value: large)]), context)
        #expect(try store.get("big")?.value == large)
        let cancelled = CallContext()
        cancelled.cancellation.cancel()
        #expect(
            try failure {
                try store.range(.all, revision: nil, limit: nil, allowsStale: false, cancelled)
            }.code == .cancelled)
    }

    @Test(arguments: Border.allCases)
    func compareAndSwapLosesNothing(_ border: Border) throws {
        // Two stores over one file, as two processes have them.
        let stores = [try folder.open(border), try folder.open(border)]
        try stores[0].put("counter", "0")
        let (threads, rounds) = (8, 25)
        let failures = Locked<[String]>([])
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            let store = stores[thread % 2]
            var done = 0
            while done < rounds {
                do {
                    let item = try store.get("counter")
                    let next = (Int(String(decoding: item?.value ?? [], as: UTF8.self)) ?? -1) + 1
                    let outcome = try store.commit(
                        KeyValueTransaction(
                            when: [
                                KeyValueComparison(
                                    bytes("counter"), .equal, .modified(item?.modified ?? 0))
                            ], then: [.put(key: bytes("counter"), value: bytes("\(next)"))]),
                        CallContext())
                    if outcome.succeeded { done += 1 }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                    return
                }
            }
        }
        #expect(failures.withLock { $0 }.isEmpty)
        #expect(try stores[1].text() == "counter=\(threads * rounds)")
        #expect(try stores[0].get("counter")?.modified == Int64(threads * rounds + 1))
    }

    @Test(arguments: Border.allCases)
    func aStoreOutlivesItsProcess(_ border: Border) throws {
        var store: (any MetadataStore)? = try folder.open(border)
        try store?.put("a", "1")
        store = nil
        let again = try folder.open(border)
        #expect(try again.text() == "a=1")
        #expect(try again.put("b", "2") == 2)
        #expect(try again.get("b")?.created == 2)
    }

    @Test(arguments: Border.allCases)
    func leasesExpire(_ border: Border) throws {
        let store = try folder.open(border)
        let short = try store.grantLease(timeToLiveNanoseconds: 150_000_000, context)
        let kept = try store.grantLease(timeToLiveNanoseconds: 60_000_000_000, context)
        try store.put("short", "1", lease: short)
        try store.put("kept", "2", lease: kept)
        try store.put("moved", "3", lease: short)
        try store.put("moved", "4", lease: kept)
        #expect(try store.get("short")?.lease == short)
        #expect(try store.renewLease(kept, context) == 60_000_000_000)
        let watch = try store.watch(.all, from: nil, context)
        let events = try watch.next(context)
        #expect(events.items.map(\.key) == [bytes("short")])
        #expect(events.items.allSatisfy { $0.isDeleted && $0.value.isEmpty && $0.created == 0 })
        #expect(try store.text() == "kept=2 moved=4")
        #expect(try failure { try store.renewLease(short, context) }.code == .notFound)
        try store.revokeLease(kept, context)
        #expect(try store.text() == "")
        #expect(try watch.next(context).items.map(\.key) == [bytes("kept"), bytes("moved")])
    }

    @Test(arguments: Border.allCases)
    func aRenewedLeaseLives(_ border: Border) throws {
        let store = try folder.open(border)
        let lease = try store.grantLease(timeToLiveNanoseconds: 400_000_000, context)
        try store.put("alive", "1", lease: lease)
        for _ in 0..<6 {
            Thread.sleep(forTimeInterval: 0.1)
            _ = try store.renewLease(lease, context)
        }
        #expect(try store.text() == "alive=1")
    }
}
