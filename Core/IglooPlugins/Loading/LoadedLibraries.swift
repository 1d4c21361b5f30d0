// SPDX-License-Identifier: MIT

import IglooContracts

/// The plugins of the process: each file is loaded once, whoever asks, and stays.
enum LoadedLibraries {
    private static let libraries = Locked<[String: PluginLibrary]>([:])

    /// The plugin at `path`, loaded now if it was not yet. One is loaded at a time.
    static func library(at path: String) throws(IglooError) -> PluginLibrary {
        let path = Folders.resolved(path)
        let result: Result<PluginLibrary, IglooError> = libraries.withLock { libraries in
            if let library = libraries[path] { return .success(library) }
            do throws(IglooError) {
                let library = try PluginLibrary(path: path)
                libraries[path] = library
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
