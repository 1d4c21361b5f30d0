// SPDX-License-Identifier: MIT

import IglooContracts

/// Turns the entries of a TOML document into a `Manifest`, and says where one is wrong.
struct ManifestReader {
    let path: String
    private let folder: String

    init(path: String) {
        self.path = path
        folder = Folders.folder(of: path)
    }

    func manifest(_ entries: [TOMLEntry]) throws(IglooError) -> Manifest {
        var manifest = Manifest(path: path)
        var hasVersion = false
        for entry in entries {
            switch entry.key {
            case "manifest":
                guard case .integer(1) = entry.value.content else {
                    throw error(entry.value.place, "this build reads manifests of version 1 only")
                }
                hasVersion = true
            case "plugins": try readPlugins(entry, into: &manifest)
            case "plugin": manifest.plugins = try readPluginList(entry)
            case "catalog": manifest.catalogs = try readCatalogs(entry)
            case "secrets": manifest.secretProviders = try readSecretProviders(entry)
            case "functions": manifest.functionLibraries = try readServices(entry)
            case "operator": manifest.operators = try readServices(entry)
            case "metadata":
                manifest.metadataStore = try readService(entry, "metadata", key: "store")
            case "cache": manifest.caches = try readServices(entry)
            case "transport": manifest.transports = try readServices(entry)
            case "frontend": manifest.frontEnds = try readServices(entry)
            default:
                throw unknown(
                    entry, in: "the manifest",
                    known: [
                        "manifest", "plugins", "plugin", "catalog", "secrets", "metadata", "cache",
                        "transport", "frontend", "functions", "operator",
                    ],
                    later: ["host", "include"])
            }
        }
        guard hasVersion else {
            throw IglooError(
                .invalidArgument, "\(path):1:1: the manifest does not state its version",
                hint: "begin it with: manifest = 1")
        }
        return manifest
    }

    // MARK: - [plugins]

    private func readPlugins(
        _ section: TOMLEntry, into manifest: inout Manifest
    ) throws(IglooError) {
        for entry in try table(section) {
            switch entry.key {
            case "dirs":
                manifest.directories = try texts(entry).map { Folders.join(folder, $0) }
            case "auto": manifest.isAutomatic = try bool(entry)
            case "trust":
                let trust = try text(entry)
                let levels = TrustLevel.allCases.map(\.rawValue)
                guard let level = TrustLevel(rawValue: trust) else {
                    throw error(
                        entry.value.place, "trust is one of \(levels.joined(separator: ", "))",
                        hint: meant(trust, levels))
                }
                manifest.trust = level
            case "keys":
                manifest.keyPaths = try texts(entry).map { Folders.join(folder, $0) }
            default:
                throw unknown(
                    entry, in: "[plugins]", known: ["dirs", "auto", "trust", "keys"], later: [])
            }
        }
    }

    // MARK: - [[plugin]]

    private func readPluginList(_ section: TOMLEntry) throws(IglooError) -> [Manifest.Plugin] {
        guard case .array(let elements) = section.value.content else {
            throw error(
                section.place, "\"plugin\" must be a list of tables, not \(section.value.kind)",
                hint: "write [[plugin]]")
        }
        var plugins: [Manifest.Plugin] = []
        for element in elements {
            guard case .table(let entries) = element.content else {
                throw error(element.place, "a plugin must be a table, not \(element.kind)")
            }
            let plugin = try readPlugin(entries, at: element.place)
            guard !plugins.contains(where: { $0.id == plugin.id }) else {
                throw error(element.place, "the plugin \"\(plugin.id)\" is named twice")
            }
            plugins.append(plugin)
        }
        return plugins
    }

    private func readPlugin(
        _ entries: [TOMLEntry], at place: TOMLPlace
    ) throws(IglooError) -> Manifest.Plugin {
        var plugin = Manifest.Plugin(id: "")
        for entry in entries {
            switch entry.key {
            case "id":
                plugin.id = try text(entry)
                guard PluginNote.isName(plugin.id) else {
                    throw error(
                        entry.value.place, "\"\(plugin.id)\" is no id of a plugin",
                        hint: "ids are of lower-case letters, digits, - and _")
                }
            case "path": plugin.path = Folders.join(folder, try text(entry))
            case "sha256":
                plugin.hash = ContentHash(hexadecimal: try text(entry))
                guard plugin.hash != nil else {
                    throw error(
                        entry.value.place, "sha256 is 64 hexadecimal digits",
                        hint: "igloo plugin pin --manifest \(path) writes it")
                }
            case "enabled": plugin.isEnabled = try bool(entry)
            case "options": plugin.options = try options(try table(entry))
            case "isolation":
                guard try text(entry) == "in-process" else {
                    throw unsupported(entry, "isolation other than \"in-process\"")
                }
            default:
                throw unknown(
                    entry, in: "[[plugin]]",
                    known: ["id", "path", "sha256", "enabled", "options", "isolation"], later: [])
            }
        }
        guard !plugin.id.isEmpty else { throw error(place, "a [[plugin]] needs an id") }
        return plugin
    }

    // MARK: - [catalog.NAME]

    private func readCatalogs(_ section: TOMLEntry) throws(IglooError) -> [Manifest.Catalog] {
        var catalogs: [Manifest.Catalog] = []
        for entry in try table(section) {
            var entries = try table(entry)
            guard !entry.key.isEmpty else { throw error(entry.place, "a catalog needs a name") }
            guard let index = entries.firstIndex(where: { $0.key == "connector" }) else {
                let known = entries.map(\.key).first {
                    NearestName.among(["connector"], to: $0) != nil
                }
                throw error(
                    entry.place, "[catalog.\(entry.key)] does not say which connector it is of",
                    hint: known.map { "did you mean \"connector\" by \"\($0)\"?" }
                        ?? "write: connector = \"sqlite\"")
            }
            let connector = try text(entries.remove(at: index))
            catalogs.append(
                Manifest.Catalog(
                    name: entry.key, connector: connector, options: try options(entries),
                    place: place(entry.place)))
        }
        return catalogs
    }

    // MARK: - [secrets.NAME]

    private func readSecretProviders(
        _ section: TOMLEntry
    ) throws(IglooError) -> [Manifest.SecretProvider] {
        var providers: [Manifest.SecretProvider] = []
        for entry in try table(section) {
            var entries = try table(entry)
            guard PluginNote.isName(entry.key), !SecretReference.builtIn.contains(entry.key) else {
                throw error(
                    entry.place, "a secret provider cannot be called \"\(entry.key)\"",
                    hint: "lower-case letters, digits, - and _; env and file are always there")
            }
            guard let index = entries.firstIndex(where: { $0.key == "plugin" }) else {
                throw error(
                    entry.place, "[secrets.\(entry.key)] does not say of which plugin it is",
                    hint: "write: plugin = \"vault\"")
            }
            let plugin = try text(entries.remove(at: index))
            let options = try options(entries)
            for option in options {
                guard case .secret(let reference) = option.value,
                    !SecretReference.builtIn.contains(reference.provider)
                else { continue }
                throw error(
                    entry.place,
                    "the secrets of a provider come from file: or env:, not from "
                        + "\(reference.provider):")
            }
            providers.append(
                Manifest.SecretProvider(name: entry.key, plugin: plugin, options: options))
        }
        return providers
    }

    // MARK: - [metadata], [cache.NAME] and the like

    private func readServices(_ section: TOMLEntry) throws(IglooError) -> [Manifest.Service] {
        var services: [Manifest.Service] = []
        for entry in try table(section) {
            guard PluginNote.isName(entry.key), !entry.key.contains(".") else {
                throw error(
                    entry.place, "a \(section.key) cannot be called \"\(entry.key)\"",
                    hint: "names are of lower-case letters, digits, - and _")
            }
            services.append(try readService(entry, "\(section.key).\(entry.key)", key: "use"))
        }
        return services
    }

    /// - Parameter key: under which the name of the kind stands.
    private func readService(
        _ entry: TOMLEntry, _ section: String, key: String
    ) throws(IglooError) -> Manifest.Service {
        var entries = try table(entry)
        guard let index = entries.firstIndex(where: { $0.key == key }) else {
            throw error(
                entry.place, "[\(section)] does not say what it is",
                hint: "write: \(key) = \"NAME\", as igloo plugin list shows the kinds")
        }
        let kind = try text(entries.remove(at: index))
        return Manifest.Service(
            section: section, kind: kind, options: try options(entries), place: place(entry.place))
    }

    // MARK: - Options

    private func options(_ entries: [TOMLEntry]) throws(IglooError) -> [GivenOption] {
        var options: [GivenOption] = []
        for entry in entries {
            options.append(
                GivenOption(
                    entry.key, try optionValue(entry), place: place(entry.value.place),
                    folder: folder))
        }
        return options
    }

    private func optionValue(_ entry: TOMLEntry) throws(IglooError) -> GivenOption.Value {
        switch entry.value.content {
        case .string: return .string(try text(entry))
        case .integer(let value): return .integer(value)
        case .double(let value): return .double(value)
        case .bool(let value): return .bool(value)
        case .array: return .list(try texts(entry))
        case .time: throw error(entry.value.place, "no option is a date or time: quote the text")
        case .table(let entries):
            if entries.count == 1, entries[0].key == "secret" {
                guard let reference = SecretReference(try text(entries[0])) else {
                    throw error(
                        entries[0].value.place, "a secret is \"provider:reference\"",
                        hint: "file:/run/secrets/password, env:PASSWORD, or of a [secrets.NAME]")
                }
                return .secret(reference)
            }
            if ["pushdown", "tables"].contains(entry.key) { throw unsupported(entry, entry.key) }
            throw error(entry.place, "the option \"\(entry.key)\" cannot be a table")
        }
    }

    // MARK: - Values

    private func table(_ entry: TOMLEntry) throws(IglooError) -> [TOMLEntry] {
        guard case .table(let entries) = entry.value.content else {
            throw wrongType(entry, "a table")
        }
        return entries
    }

    private func bool(_ entry: TOMLEntry) throws(IglooError) -> Bool {
        guard case .bool(let value) = entry.value.content else {
            throw wrongType(entry, "true or false")
        }
        return value
    }

    private func text(_ entry: TOMLEntry) throws(IglooError) -> String {
        try text(entry.value, entry.key)
    }

    /// `${NAME}` is refused rather than replaced: a variable that is not set would silently become
    /// an empty text.
    private func text(_ value: TOMLValue, _ key: String) throws(IglooError) -> String {
        guard case .string(let text) = value.content else {
            throw error(value.place, "\"\(key)\" must be a text, not \(value.kind)")
        }
        guard firstIndex(of: "${", in: text) == nil else {
            throw error(
                value.place, "\"\(key)\" holds ${...}, which manifests do not replace",
                hint: "write the value itself")
        }
        return text
    }

    private func firstIndex(of mark: String, in text: String) -> String.Index? {
        text.indices.first { text[$0...].hasPrefix(mark) }
    }

    private func texts(_ entry: TOMLEntry) throws(IglooError) -> [String] {
        guard case .array(let elements) = entry.value.content else {
            throw wrongType(entry, "a list of texts")
        }
        var texts: [String] = []
        for element in elements { texts.append(try text(element, entry.key)) }
        return texts
    }

    // MARK: - Errors

    private func place(_ place: TOMLPlace) -> String { "\(path):\(place.line):\(place.column)" }

    private func error(_ place: TOMLPlace, _ message: String, hint: String? = nil) -> IglooError {
        IglooError(.invalidArgument, "\(self.place(place)): \(message)", hint: hint)
    }

    private func wrongType(_ entry: TOMLEntry, _ wanted: String) -> IglooError {
        error(
            entry.value.place, "\"\(entry.key)\" must be \(wanted), not \(entry.value.kind)")
    }

    private func unsupported(_ entry: TOMLEntry, _ what: String) -> IglooError {
        var refused = error(entry.place, "\(what) is not supported by this build")
        refused.code = .unsupported
        refused.sqlState = .featureNotSupported
        return refused
    }

    /// - Parameter later: keys that the format knows and this build does not offer.
    private func unknown(
        _ entry: TOMLEntry, in section: String, known: [String], later: [String]
    ) -> IglooError {
        if later.contains(entry.key) { return unsupported(entry, "\"\(entry.key)\" in \(section)") }
        return error(
            entry.place, "unknown key \"\(entry.key)\" in \(section)",
            hint: meant(entry.key, known) ?? "it knows: \(known.joined(separator: ", "))")
    }

    private func meant(_ name: String, _ known: [String]) -> String? {
        NearestName.among(known, to: name).map { "did you mean \"\($0)\"?" }
    }
}
