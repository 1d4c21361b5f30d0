// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

extension TestedKind {
    static let cache = TestedKind(
        number: IGLOO_CACHE, word: "cache", plural: "caches",
        checks: CacheChecks.all + CacheRemovalChecks.all + CacheStorageChecks.all,
        make: { try CacheInstance($0, $1, $2) },
        use: { instance, _ in
            let cache: CacheInstance = try instance.expected()
            let entry = CacheSample(.hostile)
            let key = CacheSample.key(7_000)
            try cache.remove(key, byTag: false)
            try entry.put(in: cache, key)
            try entry.requireHit(cache, key, "an entry that was put")
            _ = try cache.usage()
            try cache.remove(key, byTag: false)
        },
        provoke: { instance, _ in
            let cache: CacheInstance = try instance.expected()
            let call = Call()
            call.token.cancel()
            return try TestedKind.countFailures([
                { _ = try cache.get([1, 2, 3]) }, { _ = try cache.get([]) },
                { _ = try cache.put([1, 2, 3], Schema([])) },
                { _ = try cache.remove([1], byTag: false) },
                { _ = try cache.get(CacheSample.key(1), call) },
                { _ = try cache.put(CacheSample.key(1), Schema([]), call) },
            ])
        })
}

/// Rows to be kept, and how they are put and found again.
struct CacheSample {
    let schema: Schema
    let rows: [Row]

    init(_ set: DataSet) {
        schema = set.schema
        rows = set.rows
    }

    /// Rows of numbers that tell whose they are.
    init(owner: Int, rowCount: Int) {
        schema = Schema([Field("owner", .int64), Field("row", .int64)])
        rows = (0..<rowCount).map { [.int(Int64(owner)), .int(Int64($0))] }
    }

    /// Rows that cannot be compressed, the same in every process.
    init(noise seed: UInt64, rowCount: Int) {
        schema = Schema([Field("a", .int64), Field("b", .int64)])
        var random = Random(seed: seed)
        rows = (0..<rowCount).map { _ in
            [.int(Int64(bitPattern: random.next())), .int(Int64(bitPattern: random.next()))]
        }
    }

    /// Keys are 32 bytes.
    static func key(_ number: Int) -> [UInt8] {
        (0..<32).map { UInt8(truncatingIfNeeded: number >> (($0 & 3) * 8)) ^ UInt8($0) }
    }

    /// Writes all rows, in batches of unequal size.
    func write(to sink: Sink) throws {
        let half = rows.count / 3
        try sink.write(try Rows.batch(Array(rows[..<half]), schema))
        try sink.write(try Rows.shifted(Array(rows[half...]), schema))
    }

    func put(
        in cache: CacheInstance, _ key: [UInt8], lifetimeNanoseconds: Int64 = -1,
        tags: [[UInt8]] = []
    ) throws {
        let sink = try cache.put(
            key, schema, lifetimeNanoseconds: lifetimeNanoseconds, tags: tags)
        try write(to: sink)
        try finish(sink)
    }

    func finish(_ sink: Sink) throws {
        let fragment = try sink.finish()
        try require(fragment.isEmpty, "the sink of a cache gave a fragment")
    }

    /// The rows under a key, bit by bit these.
    func requireHit(_ cache: CacheInstance, _ key: [UInt8], _ what: String) throws {
        let reader = try require(try cache.get(key), "\(what) is not found")
        try requireSame(try reader.schema(), try reader.rows(), what)
    }

    func requireSame(_ schema: Schema, _ rows: [Row], _ what: String) throws {
        try require(
            schema.fields.map { [$0.name, $0.type.description] }
                == self.schema.fields.map { [$0.name, $0.type.description] },
            "\(what) has the columns \(schema), not \(self.schema)")
        // The order is part of it, and -0 is not 0.
        for (index, (row, right)) in zip(rows, self.rows).enumerated() where row != right {
            throw CheckEnd.failed(
                "\(what) has row \(index) as \(RowComparison.shown(row)), not "
                    + RowComparison.shown(right))
        }
        try require(
            rows.count == self.rows.count,
            "\(what) has \(rows.count) rows, not \(self.rows.count)")
    }

    static func requireMiss(_ cache: CacheInstance, _ key: [UInt8], _ what: String) throws {
        guard let reader = try cache.get(key) else { return }
        throw CheckEnd.failed("\(what) is found, with \(try reader.rows().count) rows")
    }
}
