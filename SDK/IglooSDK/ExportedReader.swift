// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// A reader behind the host's opaque pointer.
final class ExportedReader {
    private let reader: any BatchReader

    private init(_ reader: any BatchReader) { self.reader = reader }

    static func export(_ reader: any BatchReader) -> igloo_reader {
        igloo_reader(
            self: Unmanaged.passRetained(ExportedReader(reader)).toOpaque(),
            schema: readerSchema, next: readNext, cancel: cancelReader, release: releaseReader)
    }

    static func at(_ pointer: UnsafeMutableRawPointer?) throws(IglooError) -> any BatchReader {
        guard let pointer else { throw IglooError(.invalidArgument, "the host passed no reader") }
        return Unmanaged<ExportedReader>.fromOpaque(pointer).takeUnretainedValue().reader
    }
}

private func readerSchema(
    _ reader: UnsafeMutableRawPointer?, _ out: UnsafeMutablePointer<ArrowSchema>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        try ExportedReader.at(reader).schema.export(to: required(out))
    }
}

private func readNext(
    _ reader: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ out: UnsafeMutablePointer<ArrowDeviceArray>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    var isEnd = false
    let status = exported(error) { () throws(IglooError) in
        let out = try required(out)
        if let batch = try ExportedReader.at(reader).next(CallContext(context)) {
            batch.export(to: out)
        } else {
            isEnd = true
        }
    }
    return isEnd ? igloo_status(IGLOO_END) : status
}

private func cancelReader(_ reader: UnsafeMutableRawPointer?) {
    try? ExportedReader.at(reader).cancel()
}

private func releaseReader(_ reader: UnsafeMutableRawPointer?) {
    if let reader { Unmanaged<ExportedReader>.fromOpaque(reader).release() }
}
