// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts
import IglooPlugins

/// An instance of a cache under test.
final class CacheInstance: Instance {
    private let functions: igloo_cache

    struct Usage {
        var byteCount: Int64
        /// -1 = none.
        var limit: Int64
        var entryCount: Int64
    }

    override init(
        _ kind: UnsafePointer<igloo_kind>, _ values: OptionValues, _ call: Call = Call()
    ) throws {
        functions = try Self.functions(kind, as: igloo_cache.self)
        try require(
            functions.get != nil && functions.put != nil && functions.remove != nil
                && functions.usage != nil, "the cache's table of functions has holes")
        try super.init(kind, values, call)
    }

    /// - Returns: `nil` for a miss.
    func get(_ key: [UInt8], _ call: Call = Call()) throws -> Reader? {
        let arena = Arena()
        let bytes = arena.bytes(key)
        var reader = igloo_reader()
        do {
            try call.run("get", leftovers: { reader.release == nil ? [] : ["a reader"] }) {
                functions.get(pointer, $0, bytes, &reader, $1)
            }
        } catch let failure as CallFailure where failure.status == IGLOO_E_NOT_FOUND {
            return nil
        }
        withExtendedLifetime(arena) {}
        return try Reader(taking: reader, of: self, "get")
    }

    func put(
        _ key: [UInt8], _ schema: Schema, lifetimeNanoseconds: Int64 = -1, tags: [[UInt8]] = [],
        _ call: Call = Call()
    ) throws -> Sink {
        let arena = Arena()
        let bytes = arena.bytes(key)
        let marks = tags.map { arena.bytes($0) }
        var meta = igloo_cache_meta(
            bytes: -1, rows: -1, ttl_ns: lifetimeNanoseconds,
            tags: UnsafePointer(arena.array(marks)), n_tags: marks.count)
        var exported = ArrowSchema()
        schema.export(to: &exported)
        defer { exported.release?(&exported) }
        var sink = igloo_sink()
        try call.run("put", leftovers: { sink.release == nil ? [] : ["a sink"] }) {
            functions.put(pointer, $0, bytes, &exported, &meta, &sink, $1)
        }
        withExtendedLifetime(arena) {}
        return try Sink(taking: sink, of: self)
    }

    /// - Returns: how many there were.
    @discardableResult
    func remove(_ bytes: [UInt8], byTag: Bool, _ call: Call = Call()) throws -> Int64 {
        let arena = Arena()
        let passed = arena.bytes(bytes)
        var count: Int64 = 0
        try call.run("remove") {
            functions.remove(pointer, $0, passed, byTag ? 1 : 0, &count, $1)
        }
        withExtendedLifetime(arena) {}
        try require(count >= 0, "remove took away \(count) entries")
        return count
    }

    func usage() throws -> Usage {
        var usage = Usage(byteCount: 0, limit: 0, entryCount: 0)
        try Call().run("usage") { _, error in
            functions.usage(pointer, &usage.byteCount, &usage.limit, &usage.entryCount, error)
        }
        try require(
            usage.byteCount >= 0 && usage.limit >= -1 && usage.entryCount >= 0,
            "usage tells of \(usage.byteCount) of \(usage.limit) bytes in \(usage.entryCount) entries"
        )
        return usage
    }
}
