// SPDX-License-Identifier: MIT

package import IglooContracts

/// A plugin that was loaded to be looked at.
package struct DescribedPlugin: Sendable {
    package var note: PluginNote
    package var trust: TrustReport
    package var kinds: [any PluginKind]
}

extension PluginRegistry {
    /// Loads a plugin, as a query would, and tells all about it.
    package func describe(
        _ id: String, path: String
    ) throws(IglooError) -> DescribedPlugin {
        let library = try library(PluginCandidate(id: id, path: path, isDeclared: false))
        return DescribedPlugin(
            note: library.note,
            trust: try TrustReport.check(id, path: path, manifest: manifest, keys: []),
            kinds: library.kinds)
    }
}
