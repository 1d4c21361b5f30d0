// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// What entries take, and what becomes of them when the cache is full, damaged or started anew.
enum CacheStorageChecks {
    static let all: [Check] = [
        Check("cache.corrupted_entry_is_miss", limit: 120, corruptedIsMiss),
        Check("cache.limit_respected_evicts", limit: 180, limitRespected),
        Check("cache.reader_survives_eviction", limit: 180, readerSurvives),
        Check("cache.restart_persistence_as_declared", limit: 120, restart),
    ]

    /// 64,000 bytes that nothing makes smaller.
    private static let sample = CacheSample(noise: 9, rowCount: 4_000)

    private static func corruptedIsMiss(_ bench: Bench) throws {
        guard let command = bench.configuration.entries.corruptCommand else {
            throw CheckEnd.skipped("conformance.toml names no command that damages entries")
        }
        let keys = (0..<8).map { CacheSample.key(500 + $0) }
        do {
            let cache = try bench.instance(as: CacheInstance.self)
            for key in keys { try sample.put(in: cache, key) }
        }
        try bench.workspace.run(command, bench.configuration)
        let cache = try bench.instance(as: CacheInstance.self)
        for key in keys {
            guard let reader = try cache.get(key) else { continue }
            do {
                try sample.requireSame(
                    try reader.schema(), try reader.rows(), "an entry that may be damaged")
            } catch is CallFailure {
                throw CheckEnd.failed("a damaged entry is found, and cannot be read: it is a miss")
            }
        }
    }

    /// The limit, small enough to be reached here.
    private static func limit(_ cache: CacheInstance) throws -> Int64 {
        let limit = try cache.usage().limit
        if limit < 0 { throw CheckEnd.skipped("the cache has no limit") }
        if limit > 64 << 20 {
            throw CheckEnd.skipped(
                "the limit is \(limit >> 20) MiB: give [options] with which it is 64 MiB at most")
        }
        return limit
    }

    private static func limitRespected(_ bench: Bench) throws {
        let cache = try bench.instance(as: CacheInstance.self)
        let limit = try limit(cache)
        let entryByteCount = Int64(sample.rows.count * 16)
        let count = Int(limit / entryByteCount) * 3 + 16
        for number in 0..<count {
            try sample.put(in: cache, CacheSample.key(10_000 + number))
            let usage = try cache.usage()
            try require(
                usage.byteCount <= limit,
                "\(usage.byteCount) bytes are kept, the limit is \(limit)")
            try require(
                usage.entryCount * entryByteCount <= limit + entryByteCount,
                "\(usage.entryCount) entries of \(entryByteCount) bytes each are kept within "
                    + "\(limit)")
        }
        try require(
            try (0..<count).contains { try cache.get(CacheSample.key(10_000 + $0)) != nil },
            "a cache that was full keeps nothing at all")
        let found = try (0..<count).reduce(0) { count, number in
            guard let reader = try cache.get(CacheSample.key(10_000 + number)) else { return count }
            try sample.requireSame(
                try reader.schema(), try reader.rows(), "an entry that was not evicted")
            return count + 1
        }
        try require(
            Int64(found) * entryByteCount <= limit + entryByteCount,
            "\(found) entries are found, more than the limit has room for")
        try requireTooLarge(cache, limit)
    }

    /// An entry that has no room takes its batches nevertheless.
    private static func requireTooLarge(_ cache: CacheInstance, _ limit: Int64) throws {
        let key = CacheSample.key(20_000)
        let sink = try cache.put(key, sample.schema)
        for _ in 0..<Int(limit / Int64(sample.rows.count * 16)) + 4 {
            try sample.write(to: sink)
            try require(
                try cache.usage().byteCount <= limit, "an entry that is written breaks the limit")
        }
        try sample.finish(sink)
        try CacheSample.requireMiss(cache, key, "an entry that is larger than the limit")
        try sample.put(in: cache, key)
        try sample.requireHit(cache, key, "an entry after one that was too large")
    }

    private static func readerSurvives(_ bench: Bench) throws {
        let cache = try bench.instance(as: CacheInstance.self)
        let limit = try limit(cache)
        let keys = (0..<2).map { CacheSample.key(30_000 + $0) }
        var readers: [Reader] = []
        for key in keys {
            try sample.put(in: cache, key)
            readers.append(try require(try cache.get(key), "an entry that was put is not found"))
        }
        let schema = try readers[0].schema()
        let first = try readers[0].next(schema)?.rows ?? []
        try cache.remove(keys[0], byTag: false)
        for number in 0..<Int(limit / Int64(sample.rows.count * 16)) * 2 + 8 {
            try sample.put(in: cache, CacheSample.key(31_000 + number))
        }
        try sample.requireSame(
            schema, first + (try readers[0].rows()), "an entry that is removed while it is read")
        try sample.requireSame(
            try readers[1].schema(), try readers[1].rows(),
            "an entry that is evicted before it is read")
    }

    private static func restart(_ bench: Bench) throws {
        let key = CacheSample.key(600)
        do {
            let cache = try bench.instance(as: CacheInstance.self)
            try sample.put(in: cache, key)
            cache.destroy()
        }
        let isFound = try bench.continueElsewhere("entry", [key]) == "hit"
        if bench.configuration.entries.isPersistent {
            return try require(
                isFound, "it is declared persistent, and another process finds no entry")
        }
        try require(
            !isFound, "another process finds an entry, and it is not declared: persistent = true")
        throw CheckEnd.skipped("it is not declared persistent")
    }

    /// In the other process.
    static func find(_ key: [UInt8], _ bench: Bench) throws -> String {
        let cache = try bench.instance(as: CacheInstance.self)
        guard let reader = try cache.get(key) else { return "miss" }
        try sample.requireSame(
            try reader.schema(), try reader.rows(), "an entry of another process")
        return "hit"
    }
}
