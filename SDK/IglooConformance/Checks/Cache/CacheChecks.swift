// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Entries that are put and found.
enum CacheChecks {
    static let all: [Check] = [
        Check("cache.miss_is_clean", missIsClean),
        Check("cache.put_get_bit_identical", bitIdentical),
        Check("cache.visible_only_at_finish", visibleAtFinish),
        Check("cache.abort_leaves_nothing", abortLeavesNothing),
        Check("cache.first_writer_wins", firstWriterWins),
        Check("cache.concurrent_same_key", limit: 120, concurrentSameKey),
        Check("cache.schema_mismatch_is_miss", schemaMismatch),
    ]

    private static func missIsClean(_ bench: Bench) throws {
        let cache = try bench.instance(as: CacheInstance.self)
        for number in 0..<50 {
            try CacheSample.requireMiss(cache, CacheSample.key(number), "what was never put")
            try require(
                try cache.remove(CacheSample.key(number), byTag: false) == 0,
                "an entry that was never put is removed")
        }
        try require(
            try cache.remove(Array("no such tag".utf8), byTag: true) == 0,
            "entries with a tag that nobody gave are removed")
        try Breaches.requireNone(.outHandle)
        try LeakMeter.requireNone("a miss", bench) {
            _ = try cache.get(CacheSample.key(1))
            CallFailure.all.withLock { $0.removeAll() }
        }
    }

    private static func bitIdentical(_ bench: Bench) throws {
        let cache = try bench.instance(as: CacheInstance.self)
        var count = 0
        for (number, set) in [DataSet.core, .hostile, .nested, .empty].enumerated() {
            let (sample, key) = (CacheSample(set), CacheSample.key(100 + number))
            do {
                try sample.put(in: cache, key)
            } catch let failure as CallFailure where failure.status == IGLOO_E_UNSUPPORTED {
                // Not to keep a thing is always right.
                try CacheSample.requireMiss(cache, key, "an entry that is not kept")
                continue
            }
            count += 1
            for round in 0..<2 {
                try sample.requireHit(cache, key, "\(set.name), read \(round + 1) times")
            }
        }
        try require(count > 0, "it keeps none of the data sets")
        // No columns, but rows.
        let key = CacheSample.key(110)
        let sink = try cache.put(key, Schema([]))
        try sink.write(RecordBatch(schema: Schema([]), columns: [], rowCount: 5))
        _ = try sink.finish()
        if let reader = try cache.get(key) {
            try require(try reader.rows().count == 5, "rows without columns are lost")
        }
    }

    private static func visibleAtFinish(_ bench: Bench) throws {
        let cache = try bench.instance(as: CacheInstance.self)
        let (sample, key) = (CacheSample(.hostile), CacheSample.key(200))
        let sink = try cache.put(key, sample.schema)
        try CacheSample.requireMiss(cache, key, "an entry of which nothing is written")
        try sample.write(to: sink)
        try CacheSample.requireMiss(cache, key, "an entry that is not finished")
        try sample.finish(sink)
        try sample.requireHit(cache, key, "an entry whose sink is finished but not released")
        sink.release()
        try sample.requireHit(cache, key, "an entry whose sink is released")
    }

    private static func abortLeavesNothing(_ bench: Bench) throws {
        let cache = try bench.instance(as: CacheInstance.self)
        let sample = CacheSample(.hostile)
        let before = try cache.usage()
        for (number, way) in ["released", "cancelled"].enumerated() {
            let key = CacheSample.key(210 + number)
            let sink = try cache.put(key, sample.schema)
            try sample.write(to: sink)
            if way == "cancelled" { sink.cancel() }
            sink.release()
            try CacheSample.requireMiss(cache, key, "an entry whose sink was \(way)")
            // Others may write it.
            try sample.put(in: cache, key)
            try sample.requireHit(cache, key, "an entry after one that was \(way)")
            try cache.remove(key, byTag: false)
        }
        let after = try cache.usage()
        try require(
            after.entryCount == before.entryCount && after.byteCount <= before.byteCount,
            "\(after.byteCount - before.byteCount) bytes and "
                + "\(after.entryCount - before.entryCount) entries are left of what was given up")
    }

    private static func firstWriterWins(_ bench: Bench) throws {
        let cache = try bench.instance(as: CacheInstance.self)
        let key = CacheSample.key(220)
        let samples = (0..<2).map { CacheSample(owner: $0, rowCount: 300) }
        let sinks = try samples.map { try cache.put(key, $0.schema) }
        for (sample, sink) in zip(samples, sinks) { try sample.write(to: sink) }
        // The second to begin is the first to finish.
        try samples[1].finish(sinks[1])
        try samples[0].finish(sinks[0])
        try samples[1].requireHit(cache, key, "the entry of the writer that finished first")
        try require(
            try cache.usage().entryCount == 1, "two writers of one key make two entries")
    }

    /// Whoever reads finds what one writer wrote, whole, and always the same.
    private static func concurrentSameKey(_ bench: Bench) throws {
        let cache = try bench.instance(as: CacheInstance.self)
        for round in 0..<8 {
            let key = CacheSample.key(300 + round)
            let owners = Locked<Set<Int64>>([])
            let threads = (0..<8).map { number in
                HostThread {
                    let sample = CacheSample(owner: number, rowCount: 200 + number)
                    if number % 2 == 0 { try sample.put(in: cache, key) }
                    for _ in 0..<20 {
                        guard let reader = try cache.get(key) else { continue }
                        let rows = try reader.rows()
                        guard case .int(let owner)? = rows.first?.first else {
                            throw CheckEnd.failed("an entry without its rows is found")
                        }
                        let right = CacheSample(owner: Int(owner), rowCount: 200 + Int(owner))
                        try right.requireSame(
                            try reader.schema(), rows, "an entry that eight threads share")
                        _ = owners.withLock { $0.insert(owner) }
                    }
                }
            }
            for thread in threads { try thread.join() }
            let found = owners.withLock { $0 }
            try require(
                found.count <= 1, "readers of one key found the entries of \(found.sorted())")
        }
    }

    /// What is not of the columns that were promised makes no entry.
    private static func schemaMismatch(_ bench: Bench) throws {
        let cache = try bench.instance(as: CacheInstance.self)
        let (sample, key) = (CacheSample(.hostile), CacheSample.key(230))
        let other = CacheSample(owner: 1, rowCount: 10)
        let sink = try cache.put(key, sample.schema)
        do {
            try other.write(to: sink)
            _ = try sink.finish()
        } catch is CallFailure {}
        sink.release()
        try CacheSample.requireMiss(cache, key, "an entry whose rows have other columns")
        // The same key for another result, once the first is gone.
        try other.put(in: cache, key)
        try other.requireHit(cache, key, "an entry")
        try cache.remove(key, byTag: false)
        try sample.put(in: cache, key)
        try sample.requireHit(cache, key, "an entry of other columns under a key that was used")
    }
}
