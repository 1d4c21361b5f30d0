// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// A secret provider behind the host's opaque pointer.
private final class ExportedSecretProvider: Sendable {
    let provider: any SecretProvider

    init(_ provider: any SecretProvider) { self.provider = provider }
}

let exportedSecretsTable = igloo_secrets(fetch: fetchSecret)

func createSecretProvider(
    _ kind: UnsafePointer<igloo_kind>?, _ values: UnsafePointer<igloo_value>?, _ count: Int,
    _ context: UnsafePointer<igloo_ctx>?, _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        guard let kind = Exported.plugin?.secretProviderKind(at: kind) else {
            throw IglooError(.invalidArgument, "the host asked for a kind this plugin has not")
        }
        let provider = try kind.create(
            OptionValues(values, count: count), CallContext(context))
        try required(out).pointee =
            Unmanaged.passRetained(ExportedSecretProvider(provider)).toOpaque()
    }
}

func destroySecretProvider(_ instance: UnsafeMutableRawPointer?) {
    if let instance { Unmanaged<ExportedSecretProvider>.fromOpaque(instance).release() }
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
        guard let instance else {
            throw IglooError(.invalidArgument, "the host passed no instance")
        }
        let provider = Unmanaged<ExportedSecretProvider>.fromOpaque(instance)
            .takeUnretainedValue().provider
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
