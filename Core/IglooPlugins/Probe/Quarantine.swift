// SPDX-License-Identifier: MIT

import CIgloo
public import IglooContracts

/// What is known of plugins that were tried out, one small file each in a cache folder, named by the
/// hash of the plugin's content and the version of the ABI that tried it.
public struct Quarantine: Sendable {
    public struct Verdict: Hashable, Sendable {
        public var hash: ContentHash
        public var plugin: String
        public var path: String
        /// Why it must not be loaded; `nil` = it may.
        public var reason: String?
    }

    /// Where verdicts are kept beyond this process; `nil` = nowhere.
    public let folder: String?
    /// What was found in this process, and whether the folder has it, too: then others may clear it.
    private let known = Locked<[ContentHash: (verdict: Verdict, isWritten: Bool)]>([:])

    public init(folder: String?) { self.folder = folder }

    /// In a host's folder for what may be lost; `nil` = it has none.
    public init(cacheDirectory: String?) {
        self.init(folder: cacheDirectory.map { Folders.join($0, "plugins") })
    }

    private static var suffix: String { ".abi-\(IGLOO_EPOCH).\(IGLOO_MINOR)" }

    private func path(of hash: ContentHash) -> String? {
        folder.map { Folders.join($0, "\(hash)\(Self.suffix)") }
    }

    func verdict(of hash: ContentHash) -> Verdict? {
        if let (verdict, isWritten) = known.withLock({ $0[hash] }),
            verdict.reason == nil || !isWritten
        {
            return verdict
        }
        guard let path = path(of: hash) else { return nil }
        return Self.read(path, hash)
    }

    /// A folder that cannot be written only costs another trial in the next process.
    func keep(_ verdict: Verdict) {
        let isWritten = write(verdict)
        known.withLock { $0[verdict.hash] = (verdict, isWritten) }
    }

    private func write(_ verdict: Verdict) -> Bool {
        guard let folder, let path = path(of: verdict.hash) else { return false }
        let lines = [verdict.plugin, verdict.path, verdict.reason ?? ""].map {
            $0.split(separator: "\n").joined(separator: " ")
        }
        do throws(IglooError) {
            try Folders.makePrivate(folder)
            try Folders.replace(path, with: Array(lines.joined(separator: "\n").utf8))
            return true
        } catch {
            return false
        }
    }

    /// All that must not be loaded.
    public var quarantined: [Verdict] { all.filter { $0.reason != nil } }

    private var all: [Verdict] {
        var verdicts: [Verdict] = []
        for name in folder.map({ Folders.names(in: $0) }) ?? [] where name.hasSuffix(Self.suffix) {
            guard let hash = ContentHash(hexadecimal: String(name.dropLast(Self.suffix.count))),
                let verdict = path(of: hash).flatMap({ Self.read($0, hash) })
            else { continue }
            verdicts.append(verdict)
        }
        return verdicts
    }

    /// Forgets the verdicts on a plugin, or on all (`nil`).
    ///
    /// - Returns: those that were in quarantine.
    public func clear(plugin: String?) throws(IglooError) -> [Verdict] {
        let cleared = all.filter { plugin == nil || $0.plugin == plugin }
        for verdict in cleared {
            known.withLock { $0[verdict.hash] = nil }
            if let path = path(of: verdict.hash) { try Folders.remove(path) }
        }
        return cleared.filter { $0.reason != nil }
    }

    private static func read(_ path: String, _ hash: ContentHash) -> Verdict? {
        guard let file = try? FileByteSource(path: path), file.byteCount <= 1 << 16,
            let bytes = file.read(offset: 0, count: file.byteCount)
        else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        guard lines.count == 3 else { return nil }
        return Verdict(
            hash: hash, plugin: lines[0], path: lines[1],
            reason: lines[2].isEmpty ? nil : lines[2])
    }
}
