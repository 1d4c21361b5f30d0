// SPDX-License-Identifier: MIT

/// Something that a plugin offers under a name: what instances of it are, and how they are made.
public protocol PluginKind: Sendable {
    /// The contract that instances keep: `any Connector`.
    associatedtype Instance: Sendable

    /// The word for it in notes of plugins: `connector` in `connector:csv`.
    static var word: String { get }

    var name: String { get }
    var options: [OptionSpecification] { get }
    /// Makes an instance. The values are complete and checked against `options`.
    var create: @Sendable (OptionValues, CallContext) throws(IglooError) -> Instance { get }
}

extension PluginKind {
    /// The word for it, as a value of it knows it.
    public var word: String { Self.word }
}

/// A plugin's own account of itself, as its entry point returns it.
public struct PluginDescription: Sendable {
    public var id: String
    public var version: String
    public var kinds: [any PluginKind]

    public init(id: String, version: String, kinds: [any PluginKind]) {
        self.id = id
        self.version = version
        self.kinds = kinds
    }
}
