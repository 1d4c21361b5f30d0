// SPDX-License-Identifier: MIT

/// A plugin as a host lists it, known from its note alone.
public struct PluginListing: Hashable, Sendable {
    public var id: String
    public var path: String
    /// `nil` when the file cannot be used.
    public var note: PluginNote?
    /// Why it cannot be used.
    public var problem: String?
    public var isLoaded: Bool
    /// The manifest names it, rather than its file having been found in a folder.
    public var isDeclared: Bool
}
