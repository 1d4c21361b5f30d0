// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// A sink behind the host's opaque pointer.
final class ExportedSink {
    private let sink: any BatchSink
    private let schema: Schema

    private init(_ sink: any BatchSink, _ schema: Schema) {
        self.sink = sink
        self.schema = schema
    }

    /// - Parameter schema: the columns of each batch.
    static func export(_ sink: any BatchSink, _ schema: Schema) -> igloo_sink {
        igloo_sink(
            self: Unmanaged.passRetained(ExportedSink(sink, schema)).toOpaque(), write: writeBatch,
            finish: finishSink, cancel: cancelSink, release: releaseSink)
    }

    fileprivate static func at(
        _ pointer: UnsafeMutableRawPointer?
    ) throws(IglooError) -> ExportedSink {
        guard let pointer else { throw IglooError(.invalidArgument, "the host passed no sink") }
        return Unmanaged<ExportedSink>.fromOpaque(pointer).takeUnretainedValue()
    }

    fileprivate func write(
        _ moved: UnsafeMutablePointer<ArrowDeviceArray>, _ context: CallContext
    ) throws(IglooError) {
        let batch: RecordBatch
        do throws(ArrowError) {
            batch = try RecordBatch(importing: moved, schema: schema)
        } catch {
            throw IglooError(.invalidArgument, "a batch to be written: \(error)")
        }
        try sink.write(batch, context)
    }

    fileprivate func finish(_ context: CallContext) throws(IglooError) -> [UInt8] {
        try sink.finish(context)
    }

    fileprivate func cancel() { sink.cancel() }
}

private func writeBatch(
    _ sink: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ moved: UnsafeMutablePointer<ArrowDeviceArray>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let moved = try required(moved)
        try ExportedSink.at(sink).write(moved, CallContext(context))
    }
}

private func finishSink(
    _ sink: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ fragment: UnsafeMutablePointer<igloo_blob>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let fragment = try required(fragment)
        fragment.pointee = igloo_blob(
            exporting: try ExportedSink.at(sink).finish(CallContext(context)))
    }
}

private func cancelSink(_ sink: UnsafeMutableRawPointer?) {
    try? ExportedSink.at(sink).cancel()
}

private func releaseSink(_ sink: UnsafeMutableRawPointer?) {
    if let sink { Unmanaged<ExportedSink>.fromOpaque(sink).release() }
}
