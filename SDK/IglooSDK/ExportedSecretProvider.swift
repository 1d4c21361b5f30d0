// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

extension SecretProviderKind: ExportableKind {
    private static let table = ConstantTable(igloo_secrets(fetch: fetchSecret))

    var form: KindForm {
        KindForm(
            number: UInt32(IGLOO_SECRETS), table: Self.table,
            create: {
                createInstance(of: SecretProviderKind.self, $0, $1, $2, $3, $4, $5) { $1 }
            }, destroy: { ExportedValue<any SecretProvider>.release($0) })
    }
}

private func fetchSecret(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ reference: igloo_str, _ out: UnsafeMutablePointer<igloo_blob>?,
    _ lifetime: UnsafeMutablePointer<Int64>?, _ version: UnsafeMutablePointer<igloo_blob>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let (out, lifetime, version) = (
            try required(out), try required(lifetime), try required(version)
        )
        let provider = try ExportedValue<any SecretProvider>.at(instance)
        let secret = try provider.fetch(String(reference), CallContext(context))
        lifetime.pointee = Int64(known: secret.lifetimeNanoseconds)
        version.pointee = igloo_blob(exporting: secret.version)
        out.pointee = igloo_blob(exporting: secret.bytes)
        // What held a secret is overwritten before it is freed.
        out.pointee.release = { blob in
            guard let blob else { return }
            for index in 0..<blob.pointee.n { blob.pointee.p?[index] = 0 }
            Arena.release(owner: blob.pointee.owner)
        }
    }
}
