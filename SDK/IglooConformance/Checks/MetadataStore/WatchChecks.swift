// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

/// Watches: every event, once, in its order.
enum WatchChecks {
    static let all: [Check] = [
        Check("kv.watch_no_gap_no_duplicate", limit: 120, noGap),
        Check("kv.watch_resume_from_revision", limit: 120, resume),
        Check("kv.watch_compacted", limit: 300, compacted),
    ]

    /// What a write did to a key.
    private struct Event: Hashable, CustomStringConvertible {
        var revision: Int64
        var key: String
        /// `nil` = deleted.
        var value: String?

        var description: String { "\(key) = \(value ?? "nothing") at \(revision)" }
    }

    private static func events(_ page: StorePage) throws -> [Event] {
        try page.items.map { item in
            try require(
                !item.isDeleted || item.created == 0 && item.value.isEmpty,
                "the event of a deletion has a value, or the revision of its creation")
            return Event(
                revision: item.modified, key: String(decoding: item.key, as: UTF8.self),
                value: item.isDeleted ? nil : item.text)
        }
    }

    /// Writes keys of its own, one or two at a time, and deletes some; gives the events of it.
    private static func write(
        _ store: MetadataStoreInstance, _ prefix: String, _ count: Int, _ random: inout Random
    ) throws -> [Event] {
        var result: [Event] = []
        var present: Set<String> = []
        for step in 0..<count {
            var changes: [String: String?] = [:]
            for _ in 0...random.below(2) { changes["\(prefix)\(random.below(5))"] = "\(step)" }
            if step % 5 == 4, let victim = present.sorted().first(where: { changes[$0] == nil }) {
                changes[victim] = .some(nil)
            }
            let operations = changes.sorted { $0.key < $1.key }.map { key, value in
                value.map { StoreOperation.put(Array(key.utf8), Array($0.utf8)) }
                    ?? .delete(.one(Array(key.utf8)))
            }
            let revision = try store.commit(then: operations).revision
            for (key, value) in changes {
                if value == nil { present.remove(key) } else { present.insert(key) }
                result.append(Event(revision: revision, key: key, value: value))
            }
        }
        return result
    }

    /// Reads until there are so many, and looks at their order.
    private static func collect(_ watch: StoreWatch, _ count: Int) throws -> [Event] {
        var found: [Event] = []
        while found.count < count {
            let page = try require(
                try watch.next(), "after \(found.count) of \(count) events no more come within 10 s"
            )
            for event in try events(page) {
                try require(
                    found.last.map { $0.revision <= event.revision } ?? true,
                    "\(event) comes after \(found.last.map { "\($0)" } ?? "")")
                found.append(event)
            }
            try require(
                page.revision >= found.last?.revision ?? 0,
                "events up to \(found.last?.revision ?? 0) are told of with revision \(page.revision)"
            )
        }
        return found
    }

    private static func requireSame(_ found: [Event], _ wanted: [Event]) throws {
        var counts: [Event: Int] = [:]
        for event in found { counts[event, default: 0] += 1 }
        let doubled = counts.filter { $0.value > 1 }.keys.first
        try require(doubled == nil, "the event \(doubled.map { "\($0)" } ?? "") comes twice")
        let missing = Set(wanted).subtracting(found)
        try require(
            missing.isEmpty,
            "\(missing.count) of \(wanted.count) events do not come, such as "
                + "\(missing.min { $0.revision < $1.revision }.map { "\($0)" } ?? "")")
        let extra = Set(found).subtracting(wanted)
        try require(
            extra.isEmpty, "an event comes that nobody made: \(extra.first.map { "\($0)" } ?? "")")
    }

    private static func noGap(_ bench: Bench) throws {
        let store = try bench.instance(as: MetadataStoreInstance.self)
        let keys = StoreKeys.prefix("watched/")
        _ = try store.commit(then: [.delete(keys)])
        let watch = try store.watch(keys)
        let wanted = Locked<[Event]>([])
        let writers = (0..<4).map { number in
            HostThread {
                var random = bench.random(90 + number)
                let own = number < 2 ? store : try bench.instance(as: MetadataStoreInstance.self)
                let events = try write(own, "watched/\(number)/", 40, &random)
                // Keys beside those that are watched.
                _ = try own.commit(then: [.put(Array("watchee\(number)".utf8), [1])])
                wanted.withLock { $0 += events }
            }
        }
        let counter = HostThread { for writer in writers { try writer.join() } }
        try counter.join()
        let all = wanted.withLock { $0 }
        let found = try collect(watch, all.count)
        try requireSame(found, all)
        try require(
            try watch.next(milliseconds: 200) == nil, "events come although nothing is written")
        let call = Call()
        let waiting = HostThread { _ = try? watch.next(call) }
        Clock.sleep(milliseconds: 50)
        watch.cancel()
        try require(
            waiting.waits(milliseconds: max(5_000, bench.cancelMilliseconds)),
            "a watch goes on 5 s after it was cancelled")
        try waiting.join()
    }

    private static func resume(_ bench: Bench) throws {
        let store = try bench.instance(as: MetadataStoreInstance.self)
        let keys = StoreKeys.prefix("resumed/")
        _ = try store.commit(then: [.delete(keys)])
        let start = try store.range(keys).revision
        var random = bench.random(95)
        var wanted = try write(store, "resumed/", 30, &random)
        var found: [Event] = []
        do {
            let first = try store.watch(keys, from: start + 1)
            found = try collect(first, wanted.count)
        }
        try requireSame(found, wanted)
        wanted += try write(store, "resumed/", 30, &random)
        // From the midst of what was seen, by another instance: all after it, and nothing else.
        let middle = found[found.count / 2].revision
        let other = try bench.instance(as: MetadataStoreInstance.self)
        let rest = wanted.filter { $0.revision >= middle }
        try requireSame(try collect(try other.watch(keys, from: middle), rest.count), rest)
        let later = wanted.filter { $0.revision > found.last?.revision ?? 0 }
        try requireSame(
            try collect(
                try other.watch(keys, from: (found.last?.revision ?? 0) + 1), later.count), later)
    }

    private static func compacted(_ bench: Bench) throws {
        guard let count = bench.configuration.store.compactsAfter else {
            throw CheckEnd.skipped(
                "conformance.toml does not say after how many revisions old ones are forgotten")
        }
        let store = try bench.instance(as: MetadataStoreInstance.self)
        let key = Array("compacted/key".utf8)
        let start = try store.commit(then: [.put(key, [0])]).revision
        let watch = try store.watch(.one(key), from: start)
        for step in 0..<count { _ = try store.commit(then: [.put(key, [UInt8(step & 255)])]) }
        for (what, body) in [
            (
                "a watch from a revision that is forgotten",
                { try collect(try store.watch(.one(key), from: start), 1) }
            ),
            ("a watch that slept", { try collect(watch, 1) }),
            (
                "a range of a revision that is forgotten",
                {
                    _ = try store.range(.one(key), revision: start); return []
                }
            ),
        ] as [(String, () throws -> [Event])] {
            do {
                _ = try body()
                throw CheckEnd.failed("\(what) is answered after \(count) further revisions")
            } catch let failure as CallFailure {
                try require(
                    failure.status == IGLOO_E_COMPACTED, "\(what): \(failure), not COMPACTED")
            }
        }
        let latest = try store.range(.one(key))
        try require(latest.items.count == 1, "what is there is forgotten, too")
    }
}
