// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// A cache of a plugin, seen through the contract.
// SAFETY: instance functions are fully concurrent by the ABI.
final class ImportedCache: Cache, @unchecked Sendable {
    private let instance: PluginInstance
    private let functions: igloo_cache

    /// - Throws: `internalError` when a function is missing.
    init(_ instance: PluginInstance, _ functions: igloo_cache) throws(IglooError) {
        guard functions.get != nil, functions.put != nil, functions.remove != nil,
            functions.usage != nil
        else { throw instance.call.broken("offers a cache whose table of functions has holes") }
        self.instance = instance
        self.functions = functions
    }

    func get(_ key: CacheKey, _ context: CallContext) throws(IglooError) -> (any BatchReader)? {
        let arena = Arena()
        let bytes = arena.bytes(key.bytes)
        defer { withExtendedLifetime(arena) {} }
        do throws(IglooError) {
            return try instance.openReader(context) { ctx, out, error in
                functions.get(instance.pointer, ctx, bytes, out, error)
            }
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    func put(
        _ key: CacheKey, schema: Schema, _ properties: CacheProperties, _ context: CallContext
    ) throws(IglooError) -> any BatchSink {
        let arena = Arena()
        let bytes = arena.bytes(key.bytes)
        let tags = arena.array(properties.tags.map { arena.bytes($0) })
        var meta = igloo_cache_meta(
            bytes: Int64(known: properties.byteCount), rows: Int64(known: properties.rowCount),
            ttl_ns: Int64(known: properties.timeToLiveNanoseconds), tags: UnsafePointer(tags),
            n_tags: properties.tags.count)
        var columns = ArrowSchema()
        schema.export(to: &columns)
        defer { columns.release?(&columns) }
        let sink = try instance.openSink(context) { ctx, out, error in
            functions.put(instance.pointer, ctx, bytes, &columns, &meta, out, error)
        }
        withExtendedLifetime(arena) {}
        return sink
    }

    func remove(_ entries: CacheSelection, _ context: CallContext) throws(IglooError) -> Int {
        let arena = Arena()
        let (bytes, isTag) =
            switch entries {
            case .key(let key): (arena.bytes(key.bytes), false)
            case .tag(let tag): (arena.bytes(tag), true)
            }
        var removed: Int64 = 0
        _ = try instance.call.run(context) { ctx, error in
            functions.remove(instance.pointer, ctx, bytes, isTag ? 1 : 0, &removed, error)
        }
        withExtendedLifetime(arena) {}
        return Int(max(removed, 0))
    }

    func usage() throws(IglooError) -> CacheUsage {
        var (byteCount, limit, entryCount) = (Int64(0), Int64(-1), Int64(0))
        _ = try instance.call.run(CallContext()) { _, error in
            functions.usage(instance.pointer, &byteCount, &limit, &entryCount, error)
        }
        guard byteCount >= 0, entryCount >= 0 else {
            throw instance.call.broken("keeps \(entryCount) entries of \(byteCount) bytes")
        }
        return CacheUsage(byteCount: byteCount, byteCountMax: limit.known, entryCount: entryCount)
    }
}

extension CacheKind {
    /// - Throws: `internalError` when the kind lacks something that the ABI demands.
    init(importing pointer: UnsafePointer<igloo_kind>, plugin: String) throws(IglooError) {
        let kind = try ImportedKind(pointer, plugin: plugin)
        guard let functions = kind.functions(igloo_cache.self) else {
            throw kind.call.broken("offers a cache without functions")
        }
        self.init(name: kind.name, options: kind.options) { (values, context) throws(IglooError) in
            try ImportedCache(PluginInstance(kind, values, context), functions)
        }
    }
}
