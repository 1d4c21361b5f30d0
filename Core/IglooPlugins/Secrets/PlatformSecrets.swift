// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

/// `file:PATH`: what stands in a file, without the newline at its end.
struct FileSecrets: SecretProvider {
    /// From which relative paths count.
    var folder: String

    private static let byteCountMax = 1 << 16

    func fetch(_ reference: String, _ context: CallContext) throws(IglooError) -> Secret {
        let path = Folders.join(folder, reference)
        let file = try FileByteSource(path: path)
        if let weakness = Ownership.openDoor(of: Folders.resolved(path)) {
            throw IglooError(
                .permissionDenied,
                "the secret in \(path) is not to be trusted: found \(weakness.found), wanted "
                    + weakness.wanted, hint: weakness.advice)
        }
        guard file.byteCount <= Self.byteCountMax,
            var bytes = file.read(offset: 0, count: file.byteCount)
        else {
            throw IglooError(
                .invalidArgument, "\(path) has \(file.byteCount) bytes, which is no secret",
                hint: "a secret has at most \(Self.byteCountMax)")
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw IglooError(.notFound, "\(path) is empty") }
        return Secret(bytes: bytes, lifetimeNanoseconds: 0)
    }
}

/// `env:NAME`: a variable of the environment, which must be set and not empty.
struct EnvironmentSecrets: SecretProvider {
    func fetch(_ reference: String, _ context: CallContext) throws(IglooError) -> Secret {
        guard let value = getenv(reference) else {
            throw IglooError(.notFound, "the environment has no variable \(reference)")
        }
        let bytes = Array(String(cString: value).utf8)
        guard !bytes.isEmpty else {
            throw IglooError(.notFound, "the environment's variable \(reference) is empty")
        }
        return Secret(bytes: bytes)
    }
}
