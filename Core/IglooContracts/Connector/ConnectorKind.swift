// SPDX-License-Identifier: MIT

/// A kind of connector that a plugin offers: how instances are configured and made.
public struct ConnectorKind: PluginKind {
    public static let word = "connector"

    /// The name after `connector =` in the manifest and `USING` in SQL: `csv`, `postgres`.
    public var name: String
    public var options: [OptionSpecification]
    public var capabilities: ConnectorCapabilities
    /// Makes an instance. The values are complete and checked against `options`.
    public var create: Create

    public typealias Create =
        @Sendable (OptionValues, CallContext) throws(IglooError) -> any Connector

    public init(
        name: String, options: [OptionSpecification], capabilities: ConnectorCapabilities = [],
        create: @escaping Create
    ) {
        self.name = name
        self.options = options
        self.capabilities = capabilities
        self.create = create
    }
}

/// What a kind of connector says of itself; the bits of `igloo_kind.caps`.
public struct ConnectorCapabilities: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// `next` computes rather than waits: call it on a compute thread.
    public static let isCPUBound = ConnectorCapabilities(rawValue: 1)
    /// Offers statistics (facet STATS).
    public static let hasStatistics = ConnectorCapabilities(rawValue: 2)
    /// Table names may be paths and globs of files.
    public static let readsFiles = ConnectorCapabilities(rawValue: 4)
    /// Its tables can be written to (facet WRITE).
    public static let canWrite = ConnectorCapabilities(rawValue: 8)
    /// Has transactions (facet TXN).
    public static let hasTransactions = ConnectorCapabilities(rawValue: 16)
    /// Tells how fresh its tables are (facet CHANGES).
    public static let tellsChanges = ConnectorCapabilities(rawValue: 32)
    /// Joins tables of one instance (facet JOIN).
    public static let joins = ConnectorCapabilities(rawValue: 64)
    /// Its readers can be told what rows are needed (facet RUNTIME_FILTER).
    public static let takesRuntimeFilters = ConnectorCapabilities(rawValue: 128)
}
