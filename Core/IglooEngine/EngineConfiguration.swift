// SPDX-License-Identifier: MIT

/// Where a manifest stands.
public enum ManifestSource: Sendable {
    case file(String)
    /// Not in a file; its relative paths start from `folder`.
    case text(String, folder: String)
}

/// Where an engine finds its plugins and how much of the machine it may use.
public struct EngineConfiguration: Sendable {
    /// The manifest; `nil` = none, then only files and functions give tables.
    public var manifest: ManifestSource?
    /// Folders searched for plugins when the manifest names none.
    public var pluginDirectories: [String]
    /// The host's program, in which plugins are tried out before they are loaded: started with
    /// `PluginProbe.childArgument` it calls `PluginProbe.runChild`. `nil` = they are loaded at once.
    public var probeProgram: String?
    /// Where is kept what may be lost: which plugins were tried out. `nil` = nowhere.
    public var cacheDirectory: String?
    /// Compute threads; `nil` = as many as the process may use.
    public var threadCount: Int?
    /// Bytes for queries; `nil` = 80 % of what the machine or the cgroup has.
    public var memoryLimit: Int?
    /// Where rows go that memory cannot hold; `nil` = `TMPDIR`, else `/var/tmp`.
    public var temporaryFolder: String?

    public init(
        manifest: ManifestSource? = nil, pluginDirectories: [String] = [],
        probeProgram: String? = nil, cacheDirectory: String? = nil, threadCount: Int? = nil,
        memoryLimit: Int? = nil, temporaryFolder: String? = nil
    ) {
        self.manifest = manifest
        self.pluginDirectories = pluginDirectories
        self.probeProgram = probeProgram
        self.cacheDirectory = cacheDirectory
        self.threadCount = threadCount
        self.memoryLimit = memoryLimit
        self.temporaryFolder = temporaryFolder
    }
}
