// SPDX-License-Identifier: MIT

public import IglooContracts

/// Secrets that are made up: `word` stands for what the option `salt` says, `broken` for an error,
/// `file:PATH` for what a file holds, whose version is its content's.
public let memorySecrets = SecretProviderKind(
    name: "memory",
    options: [
        OptionSpecification("salt", .secret, flags: .required, documentation: "What is added.")
    ]
) { (options, context) throws(IglooError) in
    guard let salt = options.string("salt") else {
        throw IglooError(.invalidArgument, "the option \"salt\" is missing")
    }
    return MemorySecrets(salt: salt)
}

struct MemorySecrets: SecretProvider {
    let salt: String

    func fetch(_ reference: String, _ context: CallContext) throws(IglooError) -> Secret {
        switch reference {
        case "bytes": return Secret(bytes: [0xFF])
        case "broken":
            throw IglooError(.permissionDenied, "the vault is sealed", hint: "unseal it")
        case "missing", "": throw IglooError(.notFound, "the vault has no such secret")
        case _ where reference.hasPrefix("file:"):
            guard let bytes = SecretFile.read(String(reference.dropFirst(5))) else {
                throw IglooError(.notFound, "there is no file of this name")
            }
            let sum = bytes.reduce(UInt64(bytes.count)) { $0 &* 31 &+ UInt64($1) }
            return Secret(
                bytes: bytes, lifetimeNanoseconds: 0,
                version: (0..<8).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) })
        default:
            return Secret(
                bytes: Array("\(reference)+\(salt)".utf8), lifetimeNanoseconds: 5, version: [7])
        }
    }
}
