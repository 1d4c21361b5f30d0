// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// A source of splits behind the host's opaque pointer.
final class ExportedSplitSource {
    private let source: any SplitSource

    private init(_ source: any SplitSource) { self.source = source }

    static func export(_ source: any SplitSource) -> igloo_split_source {
        igloo_split_source(
            self: Unmanaged.passRetained(ExportedSplitSource(source)).toOpaque(),
            next: nextSplits, cancel: cancelSplits, release: releaseSplits)
    }

    static func at(_ pointer: UnsafeMutableRawPointer?) throws(IglooError) -> any SplitSource {
        guard let pointer else {
            throw IglooError(.invalidArgument, "the host passed no source of splits")
        }
        return Unmanaged<ExportedSplitSource>.fromOpaque(pointer).takeUnretainedValue().source
    }
}

private func nextSplits(
    _ source: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?, _ countMax: Int,
    _ out: UnsafeMutablePointer<igloo_splits>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    var isEnd = false
    let status = exported(error) { () throws(IglooError) in
        let out = try required(out)
        let source = try ExportedSplitSource.at(source)
        guard let splits = try source.next(countMax: max(1, countMax), CallContext(context)) else {
            isEnd = true
            return
        }
        let arena = Arena()
        let items = splits.map { split in
            igloo_split(
                payload: arena.bytes(split.payload), est_rows: Int64(known: split.rowCount),
                est_bytes: Int64(known: split.byteCount))
        }
        out.pointee = igloo_splits(
            items: arena.array(items).map { UnsafePointer($0) }, n: items.count,
            release: { splits in Arena.release(owner: splits?.pointee.owner) },
            owner: arena.retained())
    }
    return isEnd ? igloo_status(IGLOO_END) : status
}

private func cancelSplits(_ source: UnsafeMutableRawPointer?) {
    try? ExportedSplitSource.at(source).cancel()
}

private func releaseSplits(_ source: UnsafeMutableRawPointer?) {
    if let source { Unmanaged<ExportedSplitSource>.fromOpaque(source).release() }
}
