// SPDX-License-Identifier: MIT

import IglooContracts

/// A plugin's file that was opened once and passed the checks of trust: nothing of it was parsed
/// before, and what was checked is what is read and loaded from here on.
final class PluginFile {
    let id: String
    /// Absolute, without links.
    let path: String
    /// What the dynamic linker is given.
    let loadPath: String
    let source: FileByteSource

    /// - Parameter id: for messages.
    /// - Throws: what the file lacks, or why it cannot be opened.
    init(_ id: String, path: String, _ demands: TrustDemands) throws(IglooError) {
        self.id = id
        self.path = Folders.resolved(path)
        let file = try FileByteSource(path: self.path)
        do throws(Refusal) {
            try TrustChecks.checkOwners(self.path, demands)
        } catch {
            throw error.error(plugin: id, path: self.path)
        }
        if demands.level == .strict {
            source = try file.sealedCopy()
            loadPath = source.descriptorPath
        } else {
            source = file
            loadPath = self.path
        }
        do throws(Refusal) {
            try TrustChecks.checkContent(source, path: self.path, demands)
        } catch {
            throw error.error(plugin: id, path: self.path)
        }
    }

    /// A file that whoever passed it has checked.
    init(loading path: String, id: String) throws(IglooError) {
        self.id = id
        self.path = path
        loadPath = path
        source = try FileByteSource(path: path)
    }

    /// The name of its content.
    func hash() throws(IglooError) -> ContentHash { try FileHashes.hash(of: source) }

    /// Its note, after the checks of what may be loaded at all.
    func note() throws(IglooError) -> PluginNote {
        let image: ELFImage
        do throws(IglooError) {
            image = try ELFImage(source)
        } catch {
            throw Refusal(
                "elf.header", found: error.message, wanted: "a shared object for this machine",
                advice: "build it again: igloo plugin build"
            ).error(plugin: id, path: path)
        }
        do throws(Refusal) {
            return try LoadChecks.note(of: image)
        } catch {
            throw error.error(plugin: id, path: path)
        }
    }

    /// The path leads to the file that was checked.
    ///
    /// - Throws: when another one was put in its place meanwhile.
    func checkUnchanged() throws(IglooError) {
        guard loadPath == path else { return }
        let now = try FileByteSource(path: path).identity
        guard now == source.identity else {
            throw Refusal(
                "trust.unchanged", found: "a file that was changed while it was checked",
                wanted: "the file that was checked", advice: "try again", code: .conflict
            ).error(plugin: id, path: path)
        }
    }
}

/// The hashes of files that were hashed before, as long as they are the same.
enum FileHashes {
    private static let known = Locked<[FileIdentity: ContentHash]>([:])

    static func hash(of source: FileByteSource) throws(IglooError) -> ContentHash {
        let identity = source.identity
        if let hash = known.withLock({ $0[identity] }) { return hash }
        let hash = try ContentHash(of: source)
        known.withLock { $0[identity] = hash }
        return hash
    }
}
