// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins
import IglooShell

/// The plugins that this program would find.
enum HostPlugins {
    static func manifest(_ arguments: CommandArguments) throws(IglooError) -> Manifest? {
        guard let path = arguments.value("--manifest") else { return nil }
        return try Manifest.read(path: path)
    }

    static func registry(_ manifest: Manifest?) -> PluginRegistry {
        let probe = HostFolders.program.map { PluginProbe(program: $0, quarantine: quarantine) }
        return PluginRegistry(
            manifest: manifest, directories: HostFolders.plugins, probe: probe)
    }

    static var quarantine: Quarantine { Quarantine(cacheDirectory: HostFolders.cache) }
}
