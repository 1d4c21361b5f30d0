// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

extension igloo_reader {
    /// A reader of the engine for a front end, which releases it.
    init(exporting reader: any BatchReader) {
        self.init(
            self: ExportedValue<any BatchReader>.retained(reader), schema: readerSchema,
            next: readNext, cancel: { try? ExportedValue<any BatchReader>.at($0).cancel() },
            release: { ExportedValue<any BatchReader>.release($0) })
    }
}

private func readerSchema(
    _ reader: UnsafeMutableRawPointer?, _ out: UnsafeMutablePointer<ArrowSchema>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        try ExportedValue<any BatchReader>.at(reader).schema.export(to: out)
    }
}

private func readNext(
    _ reader: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ out: UnsafeMutablePointer<ArrowDeviceArray>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    var isEnd = false
    let status = exported(error) { () throws(IglooError) in
        let out = try required(out)
        let reader = try ExportedValue<any BatchReader>.at(reader)
        if let batch = try reader.next(CallContext(ofPlugin: context)) {
            batch.export(to: out)
        } else {
            isEnd = true
        }
    }
    return isEnd ? igloo_status(IGLOO_END) : status
}
