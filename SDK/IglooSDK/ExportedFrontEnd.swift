// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

extension FrontEndKind: ExportableKind {
    private static let table = ConstantTable(
        igloo_frontend(start: startFrontEnd, drain: drainFrontEnd))

    var form: KindForm {
        KindForm(
            number: UInt32(IGLOO_FRONTEND), table: Self.table,
            create: { createInstance(of: FrontEndKind.self, $0, $1, $2, $3, $4, $5) { $1 } },
            destroy: { ExportedValue<any FrontEnd>.release($0) })
    }
}

private func startFrontEnd(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ engine: UnsafePointer<igloo_engine>?, _ bound: UnsafeMutablePointer<igloo_blob>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let bound = try required(bound)
        let addresses = try ExportedValue<any FrontEnd>.at(instance).start(
            ImportedEngine(engine), CallContext(context))
        // Names and addresses have nothing to escape.
        let pairs = addresses.sorted { $0.key < $1.key }.map { "\"\($0)\": \"\($1)\"" }
        bound.pointee = igloo_blob(
            exporting: Array("{\(pairs.joined(separator: ", "))}".utf8))
    }
}

private func drainFrontEnd(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        try ExportedValue<any FrontEnd>.at(instance).drain(CallContext(context))
    }
}
