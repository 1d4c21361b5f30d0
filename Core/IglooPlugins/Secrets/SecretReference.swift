// SPDX-License-Identifier: MIT

/// What stands for a secret in a manifest: `{ secret = "provider:reference" }`.
public struct SecretReference: Hashable, Sendable, CustomStringConvertible {
    /// `file`, `env`, or the name of a `[secrets.NAME]`.
    public var provider: String
    /// The provider's own language.
    public var reference: String

    /// `nil` when the text does not name a provider and something of it.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, PluginNote.isName(String(parts[0])) else { return nil }
        provider = String(parts[0])
        reference = String(parts[1])
    }

    public var description: String { "\(provider):\(reference)" }

    /// Providers that every host has.
    static let builtIn = ["env", "file"]
}
