// SPDX-License-Identifier: MIT

package import IglooContracts

/// What there is to trust in a plugin's file.
package struct TrustReport: Sendable {
    package var path: String
    package var hash: ContentHash
    /// The signature beside the file, if there is one.
    package var signaturePath: String?
    /// Who else could change the file.
    package var weakness: String?

    /// Checks a file against the demands of a manifest, of keys, or of none.
    ///
    /// - Parameters:
    ///   - id: as the manifest knows it.
    ///   - keys: public keys, one of which must have signed the file.
    /// - Throws: the first demand that the file does not meet.
    package static func check(
        _ id: String, path: String, manifest: Manifest?, keys: [String]
    ) throws(IglooError) -> TrustReport {
        var demands = TrustDemands(manifest, plugin: id)
        if !keys.isEmpty {
            demands.keyPaths = keys
            demands.level = max(demands.level, .signed)
        }
        let file = try PluginFile(id, path: path, demands)
        let signature = TrustChecks.signaturePath(of: file.path)
        return TrustReport(
            path: file.path, hash: try file.hash(),
            signaturePath: Folders.isFile(signature) ? signature : nil,
            weakness: Ownership.weakness(of: file.path).map {
                "found \($0.found), wanted \($0.wanted): \($0.advice)"
            })
    }
}
