// SPDX-License-Identifier: MIT

import IglooContracts

/// The plugins of the process: each file is loaded once, whoever asks, and stays.
enum LoadedLibraries {
    private static let libraries = Locked<[String: PluginLibrary]>([:])

    /// The plugin at `path`, loaded now if it was not yet. One is loaded at a time.
    ///
    /// - Parameter id: for messages; `nil` = as the file is named.
    /// - Throws: what trust demands and the file lacks, also when it was loaded before under
    ///   lesser demands; why it does not load.
    static func library(
        at path: String, id: String? = nil, _ demands: TrustDemands = TrustDemands(),
        probe: PluginProbe? = nil
    ) throws(IglooError) -> PluginLibrary {
        let file = try PluginFile(id ?? PluginDirectory.likelyId(of: path), path: path, demands)
        let result: Result<PluginLibrary, IglooError> = libraries.withLock { libraries in
            if let library = libraries[file.path] { return .success(library) }
            do throws(IglooError) {
                let note = try file.note()
                try probe?.check(file)
                try file.checkUnchanged()
                let library = try PluginLibrary(file, note)
                libraries[file.path] = library
                return .success(library)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    static func isLoaded(_ path: String) -> Bool {
        libraries.withLock { $0[Folders.resolved(path)] != nil }
    }

    static var all: [PluginLibrary] { libraries.withLock { Array($0.values) } }
}
