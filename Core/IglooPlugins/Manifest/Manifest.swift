// SPDX-License-Identifier: MIT

public import IglooContracts

/// What a host is told of its plugins and catalogs: one TOML file.
///
/// ```toml
/// manifest = 1
/// [plugins]
/// dirs = ["/usr/lib/igloo/plugins"]
/// auto = true
/// [[plugin]]
/// id = "acme"
/// path = "build/igloo-acme.so"
/// [catalog.sales]
/// connector = "sqlite"
/// path = "sales.db"
/// ```
public struct Manifest: Sendable {
    /// A plugin that the manifest names.
    public struct Plugin: Sendable {
        public var id: String
        /// Absolute; `nil` = to be found in the folders.
        public var path: String?
        /// What the file must hash to; `nil` = not stated.
        public var hash: ContentHash?
        public var isEnabled = true
        /// For all kinds of the plugin, unless a catalog says otherwise.
        public var options: [GivenOption] = []
    }

    /// A configured instance of a connector.
    public struct Catalog: Sendable {
        public var name: String
        public var connector: String
        public var options: [GivenOption]
        /// Where it stands: `file:line:column`.
        public var place: String
    }

    /// A configured instance of a secret provider.
    public struct SecretProvider: Sendable {
        /// As references name it.
        public var name: String
        public var plugin: String
        public var options: [GivenOption]
    }

    /// A configured instance of what the host itself uses: a metadata store, a cache.
    public struct Service: Sendable {
        /// Where it stands: `metadata`, `cache.results`.
        public var section: String
        /// The name of its kind, as its plugin has it.
        public var kind: String
        public var options: [GivenOption]
        /// `file:line:column`.
        public var place: String

        /// As the section names it: `results`.
        public var name: String { section.split(separator: ".").last.map { String($0) } ?? "" }
    }

    /// Where the manifest was read from.
    public var path: String
    /// Absolute folders, in the order in which they are searched.
    public var directories: [String] = []
    /// Every plugin in `directories` may be used, not only those named.
    public var isAutomatic = false
    /// What plugins must show before they are loaded.
    public var trust = TrustLevel.any
    /// Absolute paths of public keys whose signatures count.
    public var keyPaths: [String] = []
    public var plugins: [Plugin] = []
    public var secretProviders: [SecretProvider] = []
    public var metadataStore: Service?
    public var caches: [Service] = []
    public var transports: [Service] = []
    public var frontEnds: [Service] = []
    public var functionLibraries: [Service] = []
    public var operators: [Service] = []
    /// In the order of the file.
    public var catalogs: [Catalog] = []

    /// Reads the manifest at `path`.
    ///
    /// - Throws: `notFound` and the like for the file; `invalidArgument` for what is wrong in it,
    ///   with file, line and column, and the nearest known key.
    public static func read(path: String) throws(IglooError) -> Manifest {
        let file = try FileByteSource(path: path)
        guard file.byteCount <= 1 << 24, let bytes = file.read(offset: 0, count: file.byteCount)
        else {
            throw IglooError(.invalidArgument, "the manifest \(path) cannot be read whole")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw IglooError(.invalidArgument, "the manifest \(path) is not UTF-8")
        }
        return try parse(text, path: path)
    }

    /// - Parameter path: for messages; relative paths in the text start from its folder.
    public static func parse(_ text: String, path: String) throws(IglooError) -> Manifest {
        let entries: [TOMLEntry]
        do throws(TOMLError) {
            entries = try TOMLDocument.parse(text)
        } catch {
            throw IglooError(
                .invalidArgument,
                "\(path):\(error.place.line):\(error.place.column): \(error.message)",
                sqlState: .syntaxError)
        }
        return try ManifestReader(path: path).manifest(entries)
    }
}
