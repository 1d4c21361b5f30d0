// SPDX-License-Identifier: MIT

import Dispatch
import Foundation
import IglooArrow
import IglooArrowTesting
import IglooContracts
import IglooPlugins
import MemoryCache
import Testing

/// Which side of the border a cache is tested from.
enum Border: CaseIterable {
    case linked, loaded

    func open(limit: Int64 = 1 << 20, entryLimit: Int64 = 1 << 20) throws -> any Cache {
        switch self {
        case .linked:
            return try memoryCache.create(
                OptionValues(["limit": .integer(limit), "entry_limit": .integer(entryLimit)]),
                CallContext())
        case .loaded:
            let manifest = try Manifest.parse(
                """
                manifest = 1
                [cache.results]
                use = "memory"
                limit = \(limit)
                entry_limit = \(entryLimit)
                """, path: "/tmp/igloo.toml")
            let registry = PluginRegistry(manifest: manifest, directories: [Self.plugins])
            return try #require(try registry.openCache("results", CallContext()))
        }
    }

    private static var plugins: String {
        let executable =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: executable).deletingLastPathComponent().path
        if FileManager.default.fileExists(atPath: "\(beside)/libigloo-memory-cache.so") {
            return beside
        }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path + "/.build/debug"
    }
}

/// The contract of caches, on both sides of the border.
@Suite struct MemoryCacheTests {
    private let context = CallContext()

    private func key(_ number: Int) -> CacheKey {
        var bytes = [UInt8](repeating: 0, count: 32)
        for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: number >> (index * 8)) }
        return CacheKey(bytes)!
    }

    private let schema = Schema([Field("n", .int64), Field("t", .utf8View)])

    private func batch(_ first: Int, count: Int) throws -> RecordBatch {
        let numbers = ArrayBuilder(.int64)
        let texts = ArrayBuilder(.utf8View)
        for row in 0..<count {
            try numbers.append(.int(Int64(first + row)))
            try texts.append(row % 3 == 0 ? .null : .text("text number \(first + row)"))
        }
        return RecordBatch(
            schema: schema, columns: [numbers.finish(), texts.finish()], rowCount: count)
    }

    private func put(
        _ cache: any Cache, _ number: Int, batches: Int = 2, rows: Int = 100,
        _ properties: CacheProperties = CacheProperties()
    ) throws {
        let sink = try cache.put(key(number), schema: schema, properties, context)
        for index in 0..<batches {
            try sink.write(batch(number * 1_000 + index * rows, count: rows), context)
        }
        #expect(try sink.finish(context).isEmpty)
    }

    private func numbers(_ cache: any Cache, _ number: Int) throws -> [Int64]? {
        guard let reader = try cache.get(key(number), context) else { return nil }
        #expect(reader.schema == schema)
        var found: [Int64] = []
        while let batch = try reader.next(context) {
            try batch.validate(.full)
            for row in 0..<batch.rowCount {
                guard case .int(let value) = batch.columns[0].scalar(at: row) else { continue }
                found.append(value)
                #expect(
                    batch.columns[1].scalar(at: row)
                        == (row % 3 == 0 ? .null : .text("text number \(value)")))
            }
        }
        return found
    }

    @Test(arguments: Border.allCases)
    func whatWasPutComesBack(_ border: Border) throws {
        let cache = try border.open()
        #expect(try cache.get(key(1), context) == nil)
        try put(cache, 1)
        try put(cache, 2, batches: 0)
        #expect(try numbers(cache, 1) == (1_000..<1_200).map { Int64($0) })
        #expect(try numbers(cache, 2) == [])
        #expect(try cache.get(key(3), context) == nil)
        let usage = try cache.usage()
        #expect(usage.entryCount == 2 && usage.byteCountMax == 1 << 20)
        #expect(usage.byteCount > 200 * 24 && usage.byteCount < 200 * 80)
        #expect(try cache.remove(.key(key(1)), context) == 1)
        #expect(try cache.remove(.key(key(1)), context) == 0)
        #expect(try numbers(cache, 1) == nil)
    }

    @Test(arguments: Border.allCases)
    func entriesAreWholeOrNotThere(_ border: Border) throws {
        let cache = try border.open()
        var sink: (any BatchSink)? = try cache.put(
            key(1), schema: schema, CacheProperties(), context)
        try sink?.write(batch(0, count: 10), context)
        #expect(try numbers(cache, 1) == nil)
        #expect(try cache.usage().byteCount > 0)
        sink = nil
        #expect(try cache.usage() == CacheUsage(byteCount: 0, byteCountMax: 1 << 20, entryCount: 0))
        // The first to finish wins.
        let first = try cache.put(key(1), schema: schema, CacheProperties(), context)
        let second = try cache.put(key(1), schema: schema, CacheProperties(), context)
        try first.write(batch(1, count: 1), context)
        try second.write(batch(2, count: 1), context)
        _ = try second.finish(context)
        _ = try first.finish(context)
        #expect(try numbers(cache, 1) == [2])
        #expect(try cache.usage().entryCount == 1)
    }

    @Test(arguments: Border.allCases)
    func removingReachesWhatIsBeingWritten(_ border: Border) throws {
        let cache = try border.open()
        let tags = CacheProperties(tags: [[1], [2]])
        try put(cache, 1, tags)
        try put(cache, 2, CacheProperties(tags: [[2]]))
        try put(cache, 3)
        let sink = try cache.put(key(4), schema: schema, tags, context)
        try sink.write(batch(0, count: 5), context)
        let other = try cache.put(key(5), schema: schema, CacheProperties(), context)
        #expect(try cache.remove(.tag([1]), context) == 1)
        #expect(try cache.remove(.key(key(5)), context) == 0)
        try sink.write(batch(0, count: 5), context)
        _ = try sink.finish(context)
        _ = try other.finish(context)
        #expect(try numbers(cache, 4) == nil && numbers(cache, 5) == nil)
        #expect(try numbers(cache, 1) == nil && numbers(cache, 2)?.count == 200)
        #expect(try cache.remove(.tag([2]), context) == 1)
        #expect(try cache.usage().entryCount == 1)
        try put(cache, 4, tags)
        #expect(try numbers(cache, 4)?.count == 200)
    }

    @Test(arguments: Border.allCases)
    func timesToLiveEnd(_ border: Border) throws {
        let cache = try border.open()
        try put(cache, 1, CacheProperties(timeToLiveNanoseconds: 50_000_000))
        try put(cache, 2, CacheProperties(timeToLiveNanoseconds: .max))
        try put(cache, 3, CacheProperties(timeToLiveNanoseconds: 0))
        #expect(try numbers(cache, 3) == nil)
        let reader = try cache.get(key(1), context)
        Thread.sleep(forTimeInterval: 0.06)
        #expect(try numbers(cache, 1) == nil)
        #expect(try numbers(cache, 2)?.count == 200)
        #expect(try reader?.next(context)?.rowCount == 100, "a reader outlives its entry")
        try put(cache, 1)
        #expect(try numbers(cache, 1)?.count == 200)
    }

    @Test(arguments: Border.allCases)
    func theBudgetHolds(_ border: Border) throws {
        let cache = try border.open(limit: 100_000, entryLimit: 30_000)
        try put(cache, 0, batches: 1)
        for _ in 0..<3 { #expect(try numbers(cache, 0) != nil) }
        let reader = try cache.get(key(0), context)
        // A flood of entries that are used once does not push out one that is used.
        for number in 1...200 {
            try put(cache, number, batches: 1)
            #expect(try cache.usage().byteCount <= 100_000)
        }
        #expect(try numbers(cache, 0)?.count == 100)
        #expect(try numbers(cache, 1) == nil && numbers(cache, 200) != nil)
        let usage = try cache.usage()
        #expect(usage.byteCount > 80_000 && usage.entryCount < 50)
        // What is too large is taken and not kept.
        try put(cache, 999, batches: 20)
        #expect(try numbers(cache, 999) == nil)
        #expect(try cache.usage().byteCount <= 100_000)
        #expect(try reader?.next(context)?.rowCount == 100)
    }

    @Test(arguments: Border.allCases)
    func manyThreadsShareIt(_ border: Border) throws {
        let cache = try border.open(limit: 200_000)
        let faults = Locked<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for round in 0..<60 {
                let number = (thread * 7 + round * 13) % 40
                do {
                    if let found = try numbers(cache, number) {
                        let expected = (0..<200).map { Int64(number * 1_000 + $0) }
                        if found != expected { faults.withLock { $0.append("\(number) is torn") } }
                    } else {
                        try put(cache, number, CacheProperties(tags: [[UInt8(number % 5)]]))
                    }
                    if round % 20 == 19 {
                        _ = try cache.remove(.tag([UInt8(thread % 5)]), context)
                    }
                } catch {
                    faults.withLock { $0.append("\(error)") }
                }
            }
        }
        #expect(faults.withLock { $0 } == [])
        for tag in 0..<5 { _ = try cache.remove(.tag([UInt8(tag)]), context) }
        #expect(try cache.usage() == CacheUsage(byteCount: 0, byteCountMax: 200_000, entryCount: 0))
    }

    @Test(arguments: Border.allCases)
    func everyTypeComesBack(_ border: Border) throws {
        let cache = try border.open(limit: 1 << 24, entryLimit: 1 << 24)
        var generator = SeededGenerator(seed: 7)
        let batch = try ArrowSamples.batch(rowCount: 50, using: &generator)
        let sink = try cache.put(key(1), schema: batch.schema, CacheProperties(), context)
        try sink.write(batch.slice(7, count: 40), context)
        _ = try sink.finish(context)
        let reader = try #require(try cache.get(key(1), context))
        #expect(reader.schema == batch.schema)
        let found = try #require(try reader.next(context))
        for (column, other) in zip(found.columns, batch.slice(7, count: 40).columns) {
            #expect(column.isEqual(to: other), "\(other.type)")
        }
    }

    @Test func wrongOptionsAreRefused() throws {
        #expect(throws: IglooError.self) { try Border.loaded.open(limit: 0) }
        #expect(CacheKey([1, 2, 3]) == nil)
    }
}
