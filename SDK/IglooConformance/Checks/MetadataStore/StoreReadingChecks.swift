// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

/// Ranges, keys of any bytes, and what a store holds when it is started anew.
enum StoreReadingChecks {
    static let all: [Check] = [
        Check("kv.range_paging_at_revision", paging), Check("kv.survives_restart", restart),
        Check("kv.binary_keys", binaryKeys),
    ]

    private static func key(_ number: Int) -> [UInt8] {
        Array("pages/".utf8) + [UInt8(number / 10 + 48), UInt8(number % 10 + 48)]
    }

    /// Pages of one revision, while others write.
    private static func paging(_ bench: Bench) throws {
        let store = try bench.instance(as: MetadataStoreInstance.self)
        let keys = StoreKeys.prefix("pages/")
        _ = try store.commit(then: [.delete(keys)])
        let count = 57
        let revision = try store.commit(then: (0..<count).map { .put(key($0), [1]) }).revision
        let isOver = Locked(false)
        let writer = HostThread {
            var random = bench.random(85)
            while !isOver.withLock({ $0 }) {
                let chosen = key(random.below(99))
                _ = try store.commit(
                    then: [random.chance(1, in: 3) ? .delete(.one(chosen)) : .put(chosen, [2])])
            }
        }
        defer {
            isOver.withLock { $0 = true }
            try? writer.join()
        }
        for limit in [1, 10, 57, 58] {
            var found: [StoreItem] = []
            var next = keys
            while true {
                let page = try store.range(next, revision: revision, limit: limit)
                found += page.items
                guard page.hasMore, let last = page.items.last else { break }
                next.key = last.key + [0]
            }
            try require(
                found.map(\.key) == (0..<count).map { key($0) }
                    && found.allSatisfy { $0.value == [1] },
                "\(found.count) items of revision \(revision) are read in pages of \(limit), where "
                    + "\(count) are right")
        }
        let whole = try store.range(keys, revision: revision)
        try require(
            whole.items.count == count && !whole.hasMore,
            "without a limit \(whole.items.count) of \(count) items are read")
        do {
            _ = try store.range(keys, revision: .max - 1)
            throw CheckEnd.failed("a revision that is yet to come is read")
        } catch let failure as CallFailure {
            try require(
                failure.status == IGLOO_E_RANGE,
                "a revision that is yet to come: \(failure), not RANGE")
        }
        isOver.withLock { $0 = true }
        try writer.join()
    }

    private static func restart(_ bench: Bench) throws {
        let key = Array("restart/here".utf8)
        let revision: Int64
        let items: [StoreItem]
        do {
            let store = try bench.instance(as: MetadataStoreInstance.self)
            _ = try store.commit(then: [.put(key, [1, 2, 3])])
            revision = try store.commit(then: [.put(key, [4])]).revision
            items = try store.range(.one(key)).items
            store.destroy()
        }
        // The other process ends without a word to the store.
        let told = try bench.continueElsewhere("store", [key])
        try require(told == "\(items)", "another process reads \(told), not \(items)")
        let store = try bench.instance(as: MetadataStoreInstance.self)
        try require(
            try store.range(.one(key)).items == items, "after a restart a key is another one")
        let elsewhere = try store.range(.one(Array("restart/elsewhere".utf8)))
        try require(
            elsewhere.items.map(\.value) == [[7]],
            "what a process wrote before it died is not there")
        try require(
            elsewhere.revision > revision,
            "the revision went back from \(revision) to \(elsewhere.revision)")
    }

    /// In the other process: reads a key, writes another one, and lets nothing be tidied up.
    static func readAndDie(_ key: [UInt8], _ bench: Bench) throws -> String {
        let store = try bench.instance(as: MetadataStoreInstance.self)
        let items = try store.range(.one(key)).items
        _ = try store.commit(then: [.put(Array("restart/elsewhere".utf8), [7])])
        _ = Unmanaged.passRetained(store)
        return "\(items)"
    }

    private static func binaryKeys(_ bench: Bench) throws {
        let store = try bench.instance(as: MetadataStoreInstance.self)
        let prefix = Array("binary/".utf8)
        _ = try store.commit(then: [.delete(.prefix("binary/"))])
        let tails: [[UInt8]] = [
            [], [0], [0, 0], [0, 1], [1], Array("A".utf8), Array("a".utf8), [0x7F], [0x80],
            [0xC3, 0xA4], [0xFF], [0xFF, 0], [0xFF, 0xFF], [UInt8](repeating: 0xFF, count: 1_000),
        ]
        let keys = tails.map { prefix + $0 }
        for (number, key) in keys.enumerated().reversed() {
            _ = try store.commit(then: [.put(key, number == 3 ? [] : [UInt8(number), 0, 255])])
        }
        let all = try store.range(.prefix("binary/")).items
        try require(
            all.map(\.key) == keys.sorted { $0.lexicographicallyPrecedes($1) },
            "keys of any bytes are \(all.count) in another order, or others")
        for (number, key) in keys.enumerated() {
            let items = try store.range(.one(key)).items
            try require(
                items.count == 1 && items[0].value == (number == 3 ? [] : [UInt8(number), 0, 255]),
                "the key x'\(Hex.text(key.suffix(20)))' has the items \(items.count)")
        }
        let range = StoreKeys(key: prefix + [0x80], end: prefix + [0xFF, 0xFF])
        try require(
            try store.range(range).items.map { Array($0.key.dropFirst(prefix.count)) }
                == [[0x80], [0xC3, 0xA4], [0xFF], [0xFF, 0]],
            "a range from x'80' to before x'FFFF' has other keys")
        let last = keys.max { $0.lexicographicallyPrecedes($1) } ?? []
        try require(
            try store.range(.from(last)).items.first?.key == last,
            "a range to the last key does not begin with its first")
        do {
            _ = try store.commit(then: [.put([], [1])])
            throw CheckEnd.failed("the empty key is put")
        } catch let failure as CallFailure {
            try require(
                failure.status == IGLOO_E_INVALID, "the empty key: \(failure), not INVALID")
        }
        _ = try store.commit(then: [.delete(.prefix("binary/"))])
        try require(
            try store.range(.prefix("binary/")).items.isEmpty,
            "a range is deleted, and keys are left")
    }
}
