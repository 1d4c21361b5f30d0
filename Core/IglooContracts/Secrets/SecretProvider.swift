// SPDX-License-Identifier: MIT

/// Where a host gets what a secret reference of its manifest stands for: a vault, a file, the
/// environment. Connectors are given the secret and never see the provider.
///
/// - Threads: any.
public protocol SecretProvider: Sendable {
    /// - Throws: `notFound` when there is none. Errors never hold secrets.
    func fetch(_ reference: String, _ context: CallContext) throws(IglooError) -> Secret

    /// Given up, because a call never returned: another provider is to be made.
    var isPoisoned: Bool { get }
}

extension SecretProvider {
    public var isPoisoned: Bool { false }
}

/// A secret and how long it lasts.
public struct Secret: Sendable {
    public var bytes: [UInt8]
    /// For how long it may be kept; `nil` = as long as the process, 0 = it is to be used once.
    public var lifetimeNanoseconds: Int64?
    /// Tells a changed secret from the same one; empty = unknown.
    public var version: [UInt8]

    public init(bytes: [UInt8], lifetimeNanoseconds: Int64? = nil, version: [UInt8] = []) {
        self.bytes = bytes
        self.lifetimeNanoseconds = lifetimeNanoseconds
        self.version = version
    }
}

/// A kind of secret provider that a plugin offers: how instances are configured and made.
public struct SecretProviderKind: PluginKind {
    public static let word = "secrets"

    public var name: String
    public var options: [OptionSpecification]
    /// Makes an instance. The values are complete and checked against `options`.
    public var create: Create

    public typealias Create =
        @Sendable (OptionValues, CallContext) throws(IglooError) -> any SecretProvider

    public init(name: String, options: [OptionSpecification], create: @escaping Create) {
        self.name = name
        self.options = options
        self.create = create
    }
}
