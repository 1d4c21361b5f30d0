// SPDX-License-Identifier: MIT

import IglooContracts

/// A file that may be a plugin, by its name.
struct PluginCandidate: Hashable {
    /// The id after which the file is named, or that the manifest gives it.
    var id: String
    var path: String
    /// The manifest names it.
    var isDeclared: Bool
}

/// Finds files of plugins. Nothing is opened here.
enum PluginDirectory {
    /// The names a plugin's file may have: its own, and the one build tools give a library.
    static func fileNames(ofPlugin id: String) -> [String] {
        ["igloo-\(id).so", "libigloo-\(id).so"]
    }

    /// The id in the name of a plugin's file; `nil` for other files.
    static func id(ofFile name: String) -> String? {
        for prefix in ["igloo-", "libigloo-"] where name.hasPrefix(prefix) && name.hasSuffix(".so")
        {
            let id = String(name.dropFirst(prefix.count).dropLast(3))
            return PluginNote.isName(id) ? id : nil
        }
        return nil
    }

    /// The id in the name of the file at `path`, or the name itself.
    static func likelyId(of path: String) -> String {
        let name = path.split(separator: "/").last.map { String($0) } ?? path
        return id(ofFile: name) ?? name
    }

    /// The file of a plugin in the first folder that has it.
    static func find(_ id: String, in folders: [String]) -> String? {
        for folder in folders {
            for name in fileNames(ofPlugin: id) {
                let path = Folders.join(folder, name)
                if Folders.isFile(path) { return path }
            }
        }
        return nil
    }

    /// All plugins of the folders, in the order of the folders; of each id the first.
    static func all(in folders: [String]) -> [PluginCandidate] {
        var candidates: [PluginCandidate] = []
        var ids: Set<String> = []
        for folder in folders {
            for name in Folders.names(in: folder) {
                guard let id = id(ofFile: name), Folders.isFile(Folders.join(folder, name)),
                    ids.insert(id).inserted
                else { continue }
                candidates.append(
                    PluginCandidate(id: id, path: Folders.join(folder, name), isDeclared: false))
            }
        }
        return candidates
    }
}
