// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// A secret provider of a plugin, seen through the contract.
struct ImportedSecretProvider: SecretProvider {
    typealias Fetch =
        @convention(c) (
            UnsafeMutableRawPointer?, UnsafePointer<igloo_ctx>?, igloo_str,
            UnsafeMutablePointer<igloo_blob>?, UnsafeMutablePointer<Int64>?,
            UnsafeMutablePointer<igloo_blob>?, UnsafeMutablePointer<igloo_error>?
        ) -> igloo_status

    private let instance: PluginInstance
    private let function: Fetch

    init(_ instance: PluginInstance, _ function: @escaping Fetch) {
        self.instance = instance
        self.function = function
    }

    var isPoisoned: Bool { instance.health.isPoisoned }

    func fetch(_ reference: String, _ context: CallContext) throws(IglooError) -> Secret {
        let arena = Arena()
        let text = arena.str(reference)
        var bytes = igloo_blob()
        var version = igloo_blob()
        var lifetime: Int64 = 0
        _ = try instance.call.run(context) { ctx, error in
            function(instance.pointer, ctx, text, &bytes, &lifetime, &version, error)
        }
        withExtendedLifetime(arena) {}
        return Secret(
            bytes: Array(taking: &bytes), lifetimeNanoseconds: lifetime.known,
            version: Array(taking: &version))
    }
}

extension SecretProviderKind {
    /// - Throws: `internalError` when the kind lacks something that the ABI demands.
    init(importing pointer: UnsafePointer<igloo_kind>, plugin: String) throws(IglooError) {
        let kind = try ImportedKind(pointer, plugin: plugin)
        guard let fetch = kind.functions(igloo_secrets.self)?.fetch else {
            throw kind.call.broken("offers secrets without the function fetch")
        }
        self.init(name: kind.name, options: kind.options) { (values, context) throws(IglooError) in
            ImportedSecretProvider(try PluginInstance(kind, values, context), fetch)
        }
    }
}
