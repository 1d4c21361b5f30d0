// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

let exportedWriteTable = igloo_write(
    keys: tableKeys, begin: beginWrite, open_sink: openSink, commit: commitWrite,
    abort: abortWrite)

private func writing(
    _ instance: UnsafeMutableRawPointer?
) throws(IglooError) -> any ConnectorWriting {
    guard let writing = try ExportedConnector.at(instance).writing else {
        throw IglooError(.unsupported, "the connector does not write")
    }
    return writing
}

private func tableKeys(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ table: igloo_bytes, _ out: UnsafeMutablePointer<igloo_blob>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    var hasNone = false
    let status = exported(error) { () throws(IglooError) in
        let out = try required(out)
        let keys = try writing(instance).keys(table: Array(table), CallContext(context))
        guard let keys else {
            hasNone = true
            return
        }
        out.pointee = igloo_blob(
            exporting: keys.flatMap { key in
                (0..<4).map { UInt8(truncatingIfNeeded: key >> ($0 * 8)) }
            })
    }
    return hasNone ? igloo_status(IGLOO_END) : status
}

private func beginWrite(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ request: UnsafePointer<igloo_write_request>?, _ schema: UnsafePointer<ArrowSchema>?,
    _ out: UnsafeMutablePointer<igloo_blob>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        guard let request = request?.pointee else {
            throw IglooError(.invalidArgument, "the host passed no request")
        }
        guard let mode = WriteRequest.Mode(rawValue: request.mode) else {
            throw IglooError(.unsupported, "writing in mode \(request.mode) is not known")
        }
        let columns = try writtenColumns(schema)
        let keys = Array(request.keys, count: request.n_keys).map { Int($0) }
        guard keys.allSatisfy(columns.fields.indices.contains) else {
            throw IglooError(.invalidArgument, "a key is none of the columns to be written")
        }
        let target: WriteRequest.Target =
            mode == .create
            ? .new(schema: String(request.schema), name: String(request.name))
            : .table(Array(request.table))
        out.pointee = igloo_blob(
            exporting: try writing(instance).begin(
                WriteRequest(mode, target, schema: columns, keys: keys), CallContext(context)))
    }
}

func writtenColumns(_ schema: UnsafePointer<ArrowSchema>?) throws(IglooError) -> Schema {
    guard let schema else { throw IglooError(.invalidArgument, "the host passed no columns") }
    do throws(ArrowError) {
        return try Schema(borrowing: schema)
    } catch {
        throw IglooError(.invalidArgument, "the columns to be written: \(error)")
    }
}

private func openSink(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ write: igloo_bytes, _ attempt: igloo_bytes, _ schema: UnsafePointer<ArrowSchema>?,
    _ out: UnsafeMutablePointer<igloo_sink>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        let columns = try writtenColumns(schema)
        let sink = try writing(instance).openSink(
            write: Array(write), attempt: Array(attempt), schema: columns, CallContext(context))
        out.pointee = ExportedSink.export(sink, columns)
    }
}

private func commitWrite(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ write: igloo_bytes, _ fragments: UnsafePointer<igloo_bytes>?, _ count: Int,
    _ rows: UnsafeMutablePointer<Int64>?, _ snapshot: UnsafeMutablePointer<igloo_blob>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let outcome = try writing(instance).commit(
            write: Array(write), fragments: Array(fragments, count: count).map { Array($0) },
            CallContext(context))
        rows?.pointee = Int64(known: outcome.rowCount)
        if !outcome.snapshot.isEmpty {
            snapshot?.pointee = igloo_blob(exporting: outcome.snapshot)
        }
    }
}

private func abortWrite(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ write: igloo_bytes, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        try writing(instance).abort(write: Array(write), CallContext(context))
    }
}
