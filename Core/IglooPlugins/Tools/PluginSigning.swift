// SPDX-License-Identifier: MIT

package import IglooContracts

/// Makes keys and signatures, as `openssl genpkey` and `openssl pkeyutl -rawin` do.
package enum PluginSigning {
    /// Writes `name.pem`, for its owner's eyes only, and `name.pub`.
    ///
    /// - Throws: `alreadyExists` rather than replace a key.
    package static func makeKeys(
        _ name: String
    ) throws(IglooError) -> (private: String, public: String) {
        let paths = (private: name + ".pem", public: name + ".pub")
        for path in [paths.private, paths.public] where Folders.isThere(path) {
            throw IglooError(
                .alreadyExists, "\(path) is there already", hint: "choose another name")
        }
        let key = try Ed25519Key.generate()
        try Folders.replace(paths.private, with: try key.pem(.private), mode: 0o600)
        try Folders.replace(paths.public, with: try key.pem(.public), mode: 0o644)
        return paths
    }

    /// Writes the signature of a plugin beside it.
    ///
    /// - Returns: the signature's path.
    package static func sign(
        _ path: String, keyFile: String
    ) throws(IglooError) -> String {
        let key = try Ed25519Key(.private, pemFile: keyFile)
        let file = try FileByteSource(path: path)
        guard file.byteCount <= TrustChecks.byteCountMax,
            let bytes = file.read(offset: 0, count: file.byteCount)
        else { throw IglooError(.unavailable, "\(path) cannot be read whole") }
        let signaturePath = TrustChecks.signaturePath(of: path)
        try Folders.replace(signaturePath, with: try key.sign(bytes), mode: 0o644)
        return signaturePath
    }
}
