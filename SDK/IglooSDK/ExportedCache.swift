// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

extension CacheKind: ExportableKind {
    private static let table = ConstantTable(
        igloo_cache(get: getEntry, put: putEntry, remove: removeEntries, usage: usageOfCache))

    var form: KindForm {
        KindForm(
            number: UInt32(IGLOO_CACHE), table: Self.table,
            create: { createInstance(of: CacheKind.self, $0, $1, $2, $3, $4, $5) { $1 } },
            destroy: { ExportedValue<any Cache>.release($0) })
    }
}

private func cacheKey(_ bytes: igloo_bytes) throws(IglooError) -> CacheKey {
    guard let key = CacheKey(Array(bytes)) else {
        throw IglooError(
            .invalidArgument, "a key of \(bytes.n) bytes, where \(CacheKey.byteCount) are wanted")
    }
    return key
}

private func getEntry(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ key: igloo_bytes, _ out: UnsafeMutablePointer<igloo_reader>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    var isMiss = false
    let status = exported(error) { () throws(IglooError) in
        let out = try required(out)
        let found = try ExportedValue<any Cache>.at(instance).get(
            cacheKey(key), CallContext(context))
        guard let found else {
            isMiss = true
            return
        }
        out.pointee = ExportedReader.export(found)
    }
    return isMiss ? igloo_status(IGLOO_E_NOT_FOUND) : status
}

private func putEntry(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ key: igloo_bytes, _ schema: UnsafePointer<ArrowSchema>?,
    _ meta: UnsafePointer<igloo_cache_meta>?, _ out: UnsafeMutablePointer<igloo_sink>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        let columns = try writtenColumns(schema)
        var properties = CacheProperties()
        if let meta = meta?.pointee {
            properties.byteCount = meta.bytes.known
            properties.rowCount = meta.rows.known
            properties.timeToLiveNanoseconds = meta.ttl_ns.known
            properties.tags = Array(meta.tags, count: meta.n_tags).map { Array($0) }
        }
        let sink = try ExportedValue<any Cache>.at(instance).put(
            cacheKey(key), schema: columns, properties, CallContext(context))
        out.pointee = ExportedSink.export(sink, columns)
    }
}

private func removeEntries(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ bytes: igloo_bytes, _ isTag: UInt32, _ removed: UnsafeMutablePointer<Int64>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let count = try ExportedValue<any Cache>.at(instance).remove(
            isTag != 0 ? .tag(Array(bytes)) : .key(cacheKey(bytes)), CallContext(context))
        removed?.pointee = Int64(count)
    }
}

private func usageOfCache(
    _ instance: UnsafeMutableRawPointer?, _ byteCount: UnsafeMutablePointer<Int64>?,
    _ limit: UnsafeMutablePointer<Int64>?, _ entryCount: UnsafeMutablePointer<Int64>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let usage = try ExportedValue<any Cache>.at(instance).usage()
        byteCount?.pointee = usage.byteCount
        limit?.pointee = Int64(known: usage.byteCountMax)
        entryCount?.pointee = usage.entryCount
    }
}
