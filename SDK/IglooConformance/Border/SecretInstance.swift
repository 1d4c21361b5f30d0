// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts
import IglooPlugins

/// An instance of a secret provider under test.
final class SecretInstance: Instance {
    private let functions: igloo_secrets

    struct Secret {
        var bytes: [UInt8]
        var lifetimeNanoseconds: Int64
        var version: [UInt8]
        /// What is found where the bytes were, once they were released.
        var remains: [UInt8]
    }

    override init(
        _ kind: UnsafePointer<igloo_kind>, _ values: OptionValues, _ call: Call = Call()
    ) throws {
        functions = try Self.functions(kind, as: igloo_secrets.self)
        try require(functions.fetch != nil, "the secret provider's table of functions has holes")
        try super.init(kind, values, call)
    }

    func fetch(_ reference: String, _ call: Call = Call()) throws -> Secret {
        let arena = Arena()
        let text = arena.str(reference)
        var (secret, version, lifetime) = (igloo_blob(), igloo_blob(), Int64(0))
        try call.run(
            "fetch",
            leftovers: {
                (secret.release == nil && secret.n == 0 ? [] : ["a secret"])
                    + (version.release == nil ? [] : ["a version"])
            }
        ) { functions.fetch(pointer, $0, text, &secret, &lifetime, &version, $1) }
        withExtendedLifetime(arena) {}
        try require(
            secret.n == 0 || secret.p != nil, "fetch gave \(secret.n) bytes at no address")
        try require(
            secret.release != nil, "the bytes of a secret have no release to overwrite them")
        try require(lifetime >= -1, "a secret may be kept for \(lifetime) ns")
        let place = UInt(bitPattern: secret.p)
        let bytes = [UInt8](taking: &secret)
        let remains = PlatformResources.bytes(at: place, bytes.count)
        return Secret(
            bytes: bytes, lifetimeNanoseconds: lifetime, version: [UInt8](taking: &version),
            remains: remains)
    }
}
