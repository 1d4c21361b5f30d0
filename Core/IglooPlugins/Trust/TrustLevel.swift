// SPDX-License-Identifier: MIT

/// What plugins must show before anything of them is read or run; each level asks for more.
public enum TrustLevel: String, CaseIterable, Comparable, Sendable {
    /// For development: only files that everybody may write are refused.
    case any
    /// The manifest states the file's SHA-256. Here and above, nobody but root and the user of this
    /// process may be able to change the file, the manifest or their folders.
    case pinned
    /// An Ed25519 signature stands beside the file, made with a key that the manifest names.
    case signed
    /// Signed, and what is loaded is a sealed copy: the very bytes that were checked.
    case strict

    public static func < (left: TrustLevel, right: TrustLevel) -> Bool {
        left.order < right.order
    }

    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What is demanded of one plugin.
struct TrustDemands: Sendable {
    var level = TrustLevel.any
    /// What the file must hash to, at every level where it is stated.
    var pin: ContentHash?
    /// Files with the public keys whose signatures count.
    var keyPaths: [String] = []
    /// The manifest that demands it, which must be as safe as the plugin.
    var manifestPath: String?

    init() {}

    init(_ manifest: Manifest?, plugin id: String) {
        guard let manifest else { return }
        level = manifest.trust
        keyPaths = manifest.keyPaths
        manifestPath = manifest.path
        pin = manifest.plugins.first { $0.id == id }?.hash
    }
}
