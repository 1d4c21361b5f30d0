// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Entries that go: by time, by tag.
enum CacheRemovalChecks {
    static let all: [Check] = [
        Check("cache.ttl_expires", expires),
        Check("cache.remove_by_tag_happens_before", limit: 120, removeByTag),
    ]

    private static func expires(_ bench: Bench) throws {
        let cache = try bench.instance(as: CacheInstance.self)
        let sample = CacheSample(.hostile)
        let keys = (0..<4).map { CacheSample.key(400 + $0) }
        let second: Int64 = 1_000_000_000
        try sample.put(in: cache, keys[0], lifetimeNanoseconds: second)
        try sample.put(in: cache, keys[1], lifetimeNanoseconds: 3_600 * second)
        try sample.put(in: cache, keys[2])
        try sample.requireHit(cache, keys[0], "an entry within its time")
        // The time counts from `put`.
        let late = try cache.put(keys[3], sample.schema, lifetimeNanoseconds: second / 2)
        try sample.write(to: late)
        let reader = try require(try cache.get(keys[0]), "an entry within its time is not found")
        Clock.sleep(milliseconds: 1_100)
        try sample.finish(late)
        try CacheSample.requireMiss(cache, keys[0], "an entry whose time is over")
        try CacheSample.requireMiss(
            cache, keys[3], "an entry whose time was over when it was finished")
        try sample.requireHit(cache, keys[1], "an entry that lives an hour")
        try sample.requireHit(cache, keys[2], "an entry that lives for ever")
        try sample.requireSame(
            try reader.schema(), try reader.rows(), "an entry whose time ends while it is read")
        try sample.put(in: cache, keys[0])
        try sample.requireHit(cache, keys[0], "an entry after one whose time is over")
    }

    private static func removeByTag(_ bench: Bench) throws {
        let cache = try bench.instance(as: CacheInstance.self)
        let sample = CacheSample(owner: 3, rowCount: 100)
        let (red, blue) = (Array("red".utf8), Array("blue".utf8))
        let keys = (0..<6).map { CacheSample.key(410 + $0) }
        try sample.put(in: cache, keys[0], tags: [red])
        try sample.put(in: cache, keys[1], tags: [blue, red])
        try sample.put(in: cache, keys[2], tags: [blue])
        try sample.put(in: cache, keys[3])
        let written = try cache.put(keys[4], sample.schema, tags: [red])
        try sample.write(to: written)
        try require(
            try cache.remove(red, byTag: true) == 2, "of two entries with a tag not two are removed"
        )
        for key in keys[..<2] {
            try CacheSample.requireMiss(cache, key, "an entry whose tag was removed")
        }
        try sample.finish(written)
        try CacheSample.requireMiss(
            cache, keys[4], "an entry that was being written when its tag was removed")
        try sample.requireHit(cache, keys[2], "an entry with another tag")
        try sample.requireHit(cache, keys[3], "an entry without tags")
        try require(try cache.remove(keys[3], byTag: false) == 1, "an entry is not removed")
        try CacheSample.requireMiss(cache, keys[3], "an entry that was removed")
        try race(cache, bench)
    }

    /// Writers begin before a removal and finish around it: who reads after it finds nothing.
    private static func race(_ cache: CacheInstance, _ bench: Bench) throws {
        let tag = Array("race".utf8)
        for round in 0..<20 {
            let keys = (0..<4).map { CacheSample.key(1_000 + round * 4 + $0) }
            let sample = CacheSample(owner: round, rowCount: 50)
            let sinks = try keys.map { try cache.put($0, sample.schema, tags: [tag]) }
            let threads = zip(keys, sinks).map { _, sink in
                HostThread {
                    try sample.write(to: sink)
                    try sample.finish(sink)
                }
            }
            try cache.remove(tag, byTag: true)
            let misses = try keys.map { try cache.get($0) == nil }
            for thread in threads { try thread.join() }
            try require(
                !misses.contains(false), "after a tag was removed, an entry of before is found")
            for key in keys {
                try CacheSample.requireMiss(
                    cache, key, "an entry whose tag was removed while it was written")
            }
        }
    }
}
