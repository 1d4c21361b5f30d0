// SPDX-License-Identifier: MIT

/// Where an engine finds its plugins and how much of the machine it may use.
public struct EngineConfiguration: Sendable {
    /// The manifest; `nil` = none, then only files and functions give tables.
    public var manifestPath: String?
    /// Folders searched for plugins when the manifest names none.
    public var pluginDirectories: [String]
    /// Compute threads; `nil` = as many as the process may use.
    public var threadCount: Int?
    /// Bytes for queries; `nil` = 80 % of what the machine or the cgroup has.
    public var memoryLimit: Int?

    public init(
        manifestPath: String? = nil, pluginDirectories: [String] = [], threadCount: Int? = nil,
        memoryLimit: Int? = nil
    ) {
        self.manifestPath = manifestPath
        self.pluginDirectories = pluginDirectories
        self.threadCount = threadCount
        self.memoryLimit = memoryLimit
    }
}
