// SPDX-License-Identifier: MIT

import IglooContracts

/// The plugins of the process: each file is loaded once, whoever asks, and stays.
enum LoadedLibraries {
    private static let libraries = Locked<[String: PluginLibrary]>([:])
    /// What went wrong in plugins whose entry point was called: that happens once.
    private static let refusals = Locked<[Entered: IglooError]>([:])

    private struct Entered: Hashable {
        let path: String
        let hash: ContentHash
    }

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
                let library = try load(file, note)
                libraries[file.path] = library
                return .success(library)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func load(
        _ file: PluginFile, _ note: PluginNote
    ) throws(IglooError) -> PluginLibrary {
        let key = Entered(path: file.path, hash: try file.hash())
        if let refusal = refusals.withLock({ $0[key] }) { throw refusal }
        let entry = try SharedObject.load(file.loadPath, symbol: LoadChecks.entrySymbol)
        do throws(IglooError) {
            return try PluginLibrary(file, note, entry: entry)
        } catch {
            refusals.withLock { $0[key] = error }
            throw error
        }
    }

    static func isLoaded(_ path: String) -> Bool {
        libraries.withLock { $0[Folders.resolved(path)] != nil }
    }

    static var all: [PluginLibrary] { libraries.withLock { Array($0.values) } }
}
