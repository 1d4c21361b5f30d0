// SPDX-License-Identifier: MIT

public import IglooContracts

/// Secrets that are made up: `word` stands for what the option `salt` says, `broken` for an error.
public let memorySecrets = SecretProviderKind(
    name: "memory",
    options: [
        OptionSpecification("salt", .secret, flags: .required, documentation: "What is added.")
    ]
) { (options, context) throws(IglooError) in
    MemorySecrets(salt: options.string("salt") ?? "")
}

struct MemorySecrets: SecretProvider {
    let salt: String

    func fetch(_ reference: String, _ context: CallContext) throws(IglooError) -> Secret {
        switch reference {
        case "bytes": return Secret(bytes: [0xFF])
        case "broken":
            throw IglooError(.permissionDenied, "the vault is sealed", hint: "unseal it")
        default:
            return Secret(
                bytes: Array("\(reference)+\(salt)".utf8), lifetimeNanoseconds: 5, version: [7])
        }
    }
}
