// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts
import IglooPlugins

/// Transactions: one after the other, whole or not at all.
enum StoreTransactionChecks {
    static let all: [Check] = [
        Check("kv.cas_linearizable", limit: 180, linearizable),
        Check("kv.txn_atomic_multi_key", limit: 120, atomic),
        Check("kv.revision_monotonic", limit: 120, revisionMonotonic),
        Check("kv.unknown_outcome_resolvable", limit: 120, unknownOutcome),
    ]

    // MARK: - Linearizability

    private static let callCount = 80

    /// Eight clients: five in processes of their own, one that is killed, two whose calls are
    /// cancelled and whose instance is another one each time.
    private static func linearizable(_ bench: Bench) throws {
        let store = try bench.instance(as: MetadataStoreInstance.self)
        _ = try store.commit(then: [.delete(.prefix("registers/"))])
        let paths = (0..<8).map { "\(bench.workspace.path)/history-\($0)" }
        var threads: [HostThread] = []
        for (number, path) in paths.enumerated() {
            threads.append(
                HostThread {
                    switch number {
                    case 0..<5:
                        try runElsewhere(number, path, bench, calls: callCount, seconds: 100)
                    case 5: try runElsewhere(number, path, bench, calls: 1_000_000, seconds: 2)
                    default: try runHere(number, path, bench)
                    }
                })
        }
        for thread in threads { try thread.join() }
        var history: [Int: [Linearizability.Operation]] = [:]
        for (number, path) in paths.enumerated() {
            // Who was killed before its first word has written none.
            guard let file = try? FileByteSource(path: path),
                let bytes = file.read(offset: 0, count: file.byteCount)
            else { continue }
            let operations = StoreClient.operations(
                String(decoding: bytes, as: UTF8.self), client: number)
            history.merge(operations) { $0 + $1 }
        }
        for (register, operations) in history.sorted(by: { $0.key < $1.key }) {
            // What the client that was killed did without end would only make it long.
            try require(
                Linearizability.isLinearizable(operations),
                "there is no order in which all \(operations.count) calls on the register "
                    + "\(register) could have happened: " + shown(operations))
        }
        let count = history.values.reduce(0) { $0 + $1.count }
        try require(count > 5 * callCount / 2, "the clients made only \(count) calls")
    }

    private static func shown(_ operations: [Linearizability.Operation]) -> String {
        operations.sorted { $0.begin < $1.begin }.prefix(40).map { operation in
            "\(operation.client): \(operation.action) from \(operation.begin) to "
                + (operation.end.map { "\($0)" } ?? "?")
        }.joined(separator: "\n")
    }

    private static func runElsewhere(
        _ number: Int, _ path: String, _ bench: Bench, calls: Int, seconds: Int
    ) throws {
        let words = ["client", "\(number)", path, "\(calls)"]
        let instruction = "\(path)-instruction"
        let text =
            words[0] + "\n"
            + words.dropFirst().map { Hex.text(Array($0.utf8)) }
            .joined(separator: "\n")
        try PlatformIO.writeFile(instruction, Array(text.utf8))
        let child = PlatformChild.run(
            bench.request.childArguments
                + ["--workspace", bench.workspace.path, "--continue", instruction],
            limitSeconds: seconds)
        try require(
            child?.end == .exited(0) || calls > callCount,
            "a client in another process ended with \(String(describing: child?.end)): "
                + (child?.output ?? ""))
    }

    private static func runHere(_ number: Int, _ path: String, _ bench: Bench) throws {
        let descriptor = try PlatformIO.makeFile(path)
        defer { _ = PlatformIO.close(descriptor) }
        for part in 0..<4 {
            let store = try bench.instance(as: MetadataStoreInstance.self)
            var client = StoreClient(
                number: number * 10 + part, store: store, descriptor: descriptor,
                random: bench.random(number * 100 + part))
            client.run(callCount / 4, cancelsCalls: true)
        }
    }

    /// In the other process.
    static func runClient(_ parts: [[UInt8]], _ bench: Bench) throws -> String {
        let words = parts.map { String(decoding: $0, as: UTF8.self) }
        try require(words.count == 3, "a client is told its number, its file and its calls")
        let number = Int(words[0]) ?? 0
        var client = StoreClient(
            number: number, store: try bench.instance(as: MetadataStoreInstance.self),
            descriptor: try PlatformIO.makeFile(words[1]), random: bench.random(number))
        client.run(Int(words[2]) ?? 0, cancelsCalls: false)
        return ""
    }

    // MARK: - Atomicity

    private static func account(_ number: Int) -> [UInt8] { Array("accounts/\(number)".utf8) }

    /// Money moves between accounts; whoever looks finds all of it.
    private static func atomic(_ bench: Bench) throws {
        let store = try bench.instance(as: MetadataStoreInstance.self)
        let (count, start) = (6, 100)
        _ = try store.commit(then: (0..<count).map { .put(account($0), Array("\(start)".utf8)) })
        let isOver = Locked(false)
        let movers = (0..<4).map { number in
            HostThread {
                var random = bench.random(80 + number)
                for _ in 0..<60 {
                    let (from, to) = (random.below(count), random.below(count))
                    if from != to { try move(store, from, to, random.below(30)) }
                }
            }
        }
        let reader = HostThread {
            while !isOver.withLock({ $0 }) { try requireSum(store, count * start) }
        }
        defer { isOver.withLock { $0 = true } }
        for mover in movers { try mover.join() }
        isOver.withLock { $0 = true }
        try reader.join()
        try requireSum(store, count * start)
        try requireSteps(store)
    }

    private static func move(
        _ store: MetadataStoreInstance, _ from: Int, _ to: Int, _ amount: Int
    ) throws {
        let pair = [from, to].map { account($0) }
        let before = try pair.map { key in try store.range(.one(key)).items.first?.text ?? "" }
        let (left, right) = (Int(before[0]) ?? 0, Int(before[1]) ?? 0)
        _ = try store.commit(
            zip(pair, before).map { .value($0, Array($1.utf8)) },
            then: [
                .put(pair[0], Array("\(left - amount)".utf8)),
                .put(pair[1], Array("\(right + amount)".utf8)),
            ])
    }

    private static func requireSum(_ store: MetadataStoreInstance, _ wanted: Int) throws {
        let items = try store.range(.prefix("accounts/")).items
        let sum = items.reduce(0) { $0 + (Int($1.text) ?? 0) }
        try require(sum == wanted, "all accounts together hold \(sum), not \(wanted)")
    }

    /// Steps see what those before them did; what fails in the midst leaves nothing.
    private static func requireSteps(_ store: MetadataStoreInstance) throws {
        let (a, b) = (Array("steps/a".utf8), Array("steps/b".utf8))
        _ = try store.commit(then: [.delete(.prefix("steps/"))])
        let page = try store.commit(
            then: [
                .get(.one(a)), .put(a, [1]), .get(.one(a)), .delete(.one(b)),
                .get(.prefix("steps/")),
            ])
        try require(
            page.items.map(\.value) == [[1], [1]] && page.succeeded,
            "a transaction that gets, puts and gets found \(page.items)")
        for (operations, status) in [
            ([StoreOperation.put(b, [2]), .put(b, [3])], IGLOO_E_INVALID),
            (
                [.put(b, [2]), .put(Array("steps/c".utf8), [3], lease: 987_654_321)],
                IGLOO_E_NOT_FOUND
            ),
        ] {
            do {
                _ = try store.commit(then: operations)
                throw CheckEnd.failed("a transaction that cannot be is done: \(operations)")
            } catch let failure as CallFailure {
                try require(
                    Int(failure.status) == status, "\(operations): \(failure), not \(status)")
            }
            try require(
                try store.range(.prefix("steps/")).items.map(\.key) == [a],
                "a transaction that failed left a key behind")
        }
        let other = try store.commit(
            [.value(a, [9])], then: [.put(b, [4])], otherwise: [.get(.one(a))])
        try require(
            !other.succeeded && other.items.map(\.value) == [[1]],
            "a transaction whose comparison fails did \(other)")
    }

    // MARK: - Revisions

    private static func revisionMonotonic(_ bench: Bench) throws {
        let store = try bench.instance(as: MetadataStoreInstance.self)
        let (a, b) = (Array("revisions/a".utf8), Array("revisions/b".utf8))
        _ = try store.commit(then: [.delete(.prefix("revisions/"))])
        let start = try store.range(.one(a)).revision
        let first = try store.commit(then: [.put(a, [1]), .put(b, [1])])
        try require(
            first.revision == start + 1, "one transaction made \(first.revision - start) revisions")
        let second = try store.commit(then: [.put(a, [2])])
        let items = try store.range(.prefix("revisions/")).items
        try require(
            items.map(\.created) == [first.revision, first.revision]
                && items.map(\.modified) == [second.revision, first.revision],
            "two keys that were put at \(first.revision), one again at \(second.revision), are \(items)"
        )
        let read = try store.commit(then: [.get(.one(a))])
        try require(read.revision == second.revision, "a transaction that reads made a revision")
        let unmet = try store.commit([.value(a, [7])], then: [.put(a, [8])])
        try require(
            unmet.revision == second.revision, "a transaction that did nothing made a revision")
        _ = try store.commit(then: [.delete(.one(a))])
        let again = try store.commit(then: [.put(a, [3])])
        try require(
            try store.range(.one(a)).items.map(\.created) == [again.revision],
            "a key that was deleted and put again is as old as before")
        let written = Locked<[Int64]>([])
        let threads = (0..<4).map { number in
            HostThread {
                var last: Int64 = 0
                for step in 0..<40 {
                    let key = Array("revisions/\(number)".utf8)
                    let page =
                        step % 2 == 0
                        ? try store.commit(then: [.put(key, [UInt8(step)])])
                        : try store.range(.one(key))
                    try require(
                        page.revision >= last, "after revision \(last) came \(page.revision)")
                    last = page.revision
                    if step % 2 == 0 { written.withLock { $0.append(page.revision) } }
                }
            }
        }
        for thread in threads { try thread.join() }
        let all = written.withLock { $0 }
        try require(Set(all).count == all.count, "two transactions have the same revision")
    }

    /// Whatever a write that failed did, it did it before it answered.
    private static func unknownOutcome(_ bench: Bench) throws {
        let store = try bench.instance(as: MetadataStoreInstance.self)
        let key = Array("unknown/key".utf8)
        _ = try store.commit(then: [.put(key, Array("start".utf8))])
        var random = bench.random(81)
        var (value, failureCount) = ("start", 0)
        for step in 0..<150 {
            let call = Call()
            let canceller = HostThread { [pause = random.below(3)] in
                if pause > 0 { Clock.sleep(milliseconds: pause - 1) }
                call.token.cancel()
            }
            let next = "\(step)"
            var isDone = false
            do {
                _ = try store.commit(then: [.put(key, Array(next.utf8))], call)
                isDone = true
            } catch let failure as CallFailure {
                failureCount += 1
                try require(
                    [IGLOO_E_CANCELLED, IGLOO_E_UNKNOWN_OUTCOME, IGLOO_E_UNAVAILABLE]
                        .contains(Int(failure.status)), "a write that is cancelled: \(failure)")
            }
            try canceller.join()
            let found = try store.range(.one(key)).items.first?.text ?? ""
            try require(
                found == next || !isDone && found == value,
                "after a write of \(next) over \(value) that \(isDone ? "was done" : "failed"), "
                    + "\(found) is there")
            let again = try store.range(.one(key)).items.first?.text ?? ""
            try require(again == found, "a write that failed changed \(found) to \(again) later")
            value = found
        }
        let fresh = try bench.instance(as: MetadataStoreInstance.self)
        try require(
            try fresh.range(.one(key)).items.first?.text == value,
            "another instance finds something else than \(value), after \(failureCount) failures")
    }
}
